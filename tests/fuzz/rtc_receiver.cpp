// What a peer that passed the handshake can do to the conversation of a WHIP publisher. The first byte says what was
// agreed on; then pieces of: kind, two bytes of length, payload. RTP with a head of ours (its numbers go on from where
// they were, so that payloads are reached), RTP and RTCP as they stand, and pauses.
#include <cstdlib>

#include "session/webrtc/receiver.h"

using namespace weir;

namespace {

struct Sink final : session::MediaSink {
  base::Result<void> set_tracks(media::Tracks now) override {
    for (const media::Track& track : now) {
      if (!track.parameters || static_cast<unsigned>(track.id) >= 32) std::abort();
    }
    return {};
  }
  void expect(media::TrackProbe::Expected) override {}
  using MediaSink::put;
  void put(std::span<media::Frame> frames) override {
    for (const media::Frame& frame : frames) {
      if (frame.payload.empty()) std::abort();
    }
  }
  void complain(const std::string&) override {}
};

struct Packets final : session::webrtc::PacketSink {
  base::MutableBytes room(std::size_t most) override {
    room_.resize(most);
    return {room_.data(), room_.size()};
  }
  void put_rtp(std::size_t) override {}
  void put_rtcp(std::size_t size) override {
    if (size > 1200 || !rtp::parse_rtcp(room_.bytes().first(size))) std::abort();
  }
  void flush() override {}

 private:
  base::Buffer room_;
};

sdp::AgreedMedia line(sdp::Kind kind, const char* mid, media::Codec codec, std::uint8_t payload, bool nack) {
  sdp::AgreedMedia out;
  out.kind = kind;
  out.mid = mid;
  out.accepted = true;
  out.extensions.mid = 1;
  out.extensions.transport_cc = 5;
  out.codecs.push_back({.codec = codec,
                        .payload = payload,
                        .retransmission = static_cast<std::uint8_t>(payload + 1),
                        .clock_rate = kind == sdp::Kind::video ? 90'000U : 48'000U,
                        .nack = nack,
                        .remb = !nack});
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  constexpr media::Codec codecs[] = {media::Codec::h264, media::Codec::hevc, media::Codec::av1, media::Codec::vp8,
                                     media::Codec::vp9};
  const bool nack = (data[0] & 0x80) != 0;
  Sink sink;
  Packets packets;
  session::webrtc::Receiver::Options options;
  options.media = {line(sdp::Kind::audio, "0", media::Codec::opus, 111, nack),
                   line(sdp::Kind::video, "1", codecs[data[0] % std::size(codecs)], 96, nack)};
  options.cname = "weir";
  options.key_period = std::chrono::seconds(2);
  session::webrtc::Receiver receiver(sink, packets, std::move(options));
  base::Instant now{std::chrono::hours(1)};
  receiver.connected(now);

  base::Bytes left(data + 1, size - 1);
  std::uint16_t sequence = 65'500;
  std::uint32_t timestamp = 0xffff'0000;
  while (left.size() >= 3) {
    const std::uint8_t kind = left[0];
    const std::size_t length = std::min<std::size_t>(left[1] * 256U + left[2], left.size() - 3);
    const base::Bytes piece = left.subspan(3, length);
    left = left.subspan(3 + length);
    switch (kind & 3) {
      case 0: {  // kind: marker, new time, audio, gap, again
        base::Buffer packet(rtp::header_bytes);
        if ((kind & 0x08) != 0) timestamp += 3000;
        if ((kind & 0x20) != 0) sequence = static_cast<std::uint16_t>(sequence + 3);
        const bool audio = (kind & 0x10) != 0, again = (kind & 0x40) != 0;
        const auto payload = static_cast<std::uint8_t>((audio ? 111 : 96) + (again ? 1 : 0));
        rtp::write_head({packet.data(), packet.size()},
                        {(kind & 0x04) != 0, false, payload, sequence++, timestamp, payload});
        packet.append(piece);
        receiver.rtp(base::SharedBytes::copy_of(packet), now);
        break;
      }
      case 1:
        receiver.rtp(base::SharedBytes::copy_of(piece), now);
        break;
      case 2:
        receiver.rtcp(piece, now);
        break;
      case 3:
        now += std::chrono::milliseconds(length % 700);
        receiver.want_key_frame();
        break;
    }
    if (receiver.tick(now) <= now) std::abort();
    now += std::chrono::milliseconds(3);
  }
  (void)receiver.figures();
  return 0;
}
