#pragma once

#include <map>
#include <memory>
#include <set>

#include "hub/cadence.h"
#include "hub/feed.h"
#include "net/worker.h"
#include "pack/rtp.h"
#include "proto/rtp/packet.h"
#include "proto/rtp/rtcp.h"
#include "proto/rtp/unpacker.h"
#include "session/webrtc/player.h"
#include "support/bytes.h"

namespace weir::test {

using namespace std::chrono_literals;

// Where a player puts its packets, and what a browser would make of them.
class CaughtPackets final : public session::webrtc::PacketSink {
 public:
  base::MutableBytes room(std::size_t most) override {
    room_.resize(most);
    return room_;
  }
  void put_rtp(std::size_t size) override {
    packets.push_back({room_.begin(), room_.begin() + static_cast<std::ptrdiff_t>(size)});
    if (drop) {
      const auto read = rtp::parse(packets.back());
      if (read && drop(*read)) packets.pop_back();
    }
  }
  void put_rtcp(std::size_t size) override {
    reports.push_back({room_.begin(), room_.begin() + static_cast<std::ptrdiff_t>(size)});
  }
  void flush() override { ++flushes; }

  std::vector<rtp::Packet> of(std::uint32_t ssrc) const {
    std::vector<rtp::Packet> out;
    for (const ByteVector& one : packets) {
      const auto read = rtp::parse(one);
      if (read && read->ssrc == ssrc) out.push_back(*read);
    }
    return out;
  }

  std::vector<ByteVector> packets, reports;
  std::size_t flushes = 0;
  std::function<bool(const rtp::Packet&)> drop;  // true: lost on the way

 private:
  ByteVector room_;
};

// A stream of pictures and sound in the RTP format, on the test's own thread and with a clock of its own.
struct PlayerBench {
  static constexpr std::uint32_t video_ssrc = 0x1111, audio_ssrc = 0x2222, rtx_ssrc = 0x3333;

  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  net::Worker worker{base::WorkerIndex{0}, logger.get()};
  hub::Cadence cadence{worker};
  std::shared_ptr<config::Vhost> vhost = std::make_shared<config::Vhost>();
  hub::Feed feed{cadence, vhost, log::Context{logger.get(), {}, {}}};
  std::unique_ptr<hub::Packager> packager = pack::make_rtp()(*vhost);
  CaughtPackets sink;
  base::Instant now{std::chrono::hours(1)};
  std::optional<base::Instant> due;
  int keys_wanted = 0;
  std::vector<ByteVector> published;  // pictures, as they must come out
  session::webrtc::PlayerOptions options;
  std::unique_ptr<session::webrtc::Player> player;

  PlayerBench() {
    vhost->min_latency = true;
    options.media = {line(sdp::Kind::video, "0", video_ssrc, media::Codec::h264, 102, 90000),
                     line(sdp::Kind::audio, "1", audio_ssrc, media::Codec::opus, 111, 48000)};
    options.cname = "weir";
    options.clock = [this] { return now; };
    options.wall = {now, std::uint64_t{3'900'000'000} << 32};
    options.random = [] { return 1000U; };
    options.want_key_frame = [this] { ++keys_wanted; };
    options.wake = [this](base::Instant at) { due = std::min(due.value_or(at), at); };
  }

  static sdp::AgreedMedia line(sdp::Kind kind, const std::string& mid, std::uint32_t ssrc, media::Codec codec,
                               std::uint8_t payload, std::uint32_t rate) {
    sdp::AgreedMedia out;
    out.kind = kind;
    out.mid = mid;
    out.accepted = true;
    out.ssrc = ssrc;
    out.codecs.push_back({.codec = codec, .payload = payload, .retransmission = {}, .clock_rate = rate});
    return out;
  }
  static media::Track track(media::TrackId id, media::Codec codec, std::uint32_t generation = 0) {
    auto parameters = std::make_shared<media::CodecParameters>();
    parameters->codec = codec;
    return {id, generation, std::move(parameters)};
  }

  void begin(media::Codec video = media::Codec::h264, std::uint32_t of = 0) {
    generation = of;
    codec = video;
    std::vector<hub::Wire> wires;
    packager->set_tracks(
        {track(media::TrackId::video, video, of), track(media::TrackId::audio, media::Codec::opus, of)}, wires);
    if (!feed.live()) feed.begin({});
  }
  void play() {
    player = std::make_unique<session::webrtc::Player>(feed, sink, options);
    player->connected(now);
    settle();
  }
  void append(media::Frame frame) {
    frame.generation = generation;
    std::vector<hub::Wire> wires;
    packager->package(frame, frame.key, wires);
    feed.accept(wires);
  }
  // Of the stream's time, in milliseconds.
  void picture(std::int64_t at, bool key, std::size_t size = 3000) {
    media::Frame frame;
    frame.codec = codec;
    frame.key = key;
    frame.dts = std::chrono::milliseconds(at);
    ByteVector unit(size);
    for (std::size_t i = 0; i < size; ++i) unit[i] = static_cast<std::uint8_t>(0x80 | (i * 31 + count * 7));
    ++count;
    if (codec == media::Codec::h264) {
      for (unsigned i = 0; i < 4; ++i) unit[i] = static_cast<std::uint8_t>((size - 4) >> (24 - 8 * i));
      unit[4] = key ? 0x65 : 0x41;
      unit[5] = key ? 0x88 : 0x98;  // first_mb_in_slice 0, slice_type 7 or 5: 7.3.3
    } else {                        // VP8, RFC 6386 9.1
      unit[0] = key ? 0x10 : 0x11;
      if (key) unit[3] = 0x9d, unit[4] = 0x01, unit[5] = 0x2a;
    }
    published.push_back(unit);
    frame.payload = base::SharedBytes::copy_of(unit);
    append(std::move(frame));
  }
  void sound(std::int64_t at) {
    media::Frame frame;
    frame.track = media::TrackId::audio;
    frame.codec = media::Codec::opus;
    frame.dts = std::chrono::milliseconds(at);
    frame.payload = base::SharedBytes::copy_of(ByteVector(80, static_cast<std::uint8_t>(at)));
    append(std::move(frame));
  }
  // A second of 25 pictures, the first a key frame, and 50 packets of sound, as they come.
  void second(std::int64_t from, std::size_t size = 3000, bool live = true) {
    for (std::int64_t at = from; at < from + 1000; at += 20) {
      if (at % 40 == 0) picture(at, at == from, at == from ? 4 * size : size);
      sound(at);
      if (live) pass(20ms);
    }
  }
  void settle() {
    while (worker.io().poll() > 0) {
    }
    worker.io().restart();
  }
  // Time goes by, and the player has its ticks.
  void pass(std::chrono::milliseconds time) {
    settle();
    const base::Instant end = now + time;
    while (now < end) {
      now += std::min<base::Instant::duration>(end - now, 5ms);
      if (player) (void)player->tick(now);
      settle();
    }
  }
  // From the peer.
  template <class Write>
  void peer_says(Write write) {
    base::Buffer out;
    base::ByteWriter w(out);
    write(w);
    player->rtcp(out, now);
    settle();
  }

  // The pictures of a source as a browser puts them together: in order of their numbers, with RTX back in place.
  std::vector<rtp::Assembler::Frame> frames(std::uint32_t ssrc, media::Codec of,
                                            std::optional<std::uint32_t> rtx = std::nullopt) const {
    rtp::Unwrapper<std::uint16_t> unwrap;
    std::map<std::int64_t, rtp::Packet> all;
    for (const ByteVector& bytes : sink.packets) {
      auto packet = *rtp::parse(bytes);
      if (rtx && packet.ssrc == *rtx) {
        packet.sequence = static_cast<std::uint16_t>(packet.payload[0] << 8 | packet.payload[1]);
        packet.payload = packet.payload.subspan(2);
      } else if (packet.ssrc != ssrc) {
        continue;
      }
      all.emplace(unwrap(packet.sequence), packet);
    }
    rtp::Assembler assembler(of, rtp::make_unpacker(of));
    std::vector<rtp::Assembler::Frame> out;
    std::optional<std::int64_t> before;
    for (const auto& [number, packet] : all) {
      rtp::Reorder::Ordered next;
      next.packet = packet;
      next.after_gap = before && number != *before + 1;
      before = number;
      assembler.input(next);
      while (auto frame = assembler.take()) out.push_back(std::move(*frame));
    }
    return out;
  }
  static ByteVector bytes_of(const rtp::Assembler::Frame& frame) {
    return {frame.bytes.data(), frame.bytes.data() + frame.bytes.size()};
  }

  std::uint32_t generation = 0;
  media::Codec codec = media::Codec::h264;
  std::size_t count = 0;
};

}  // namespace weir::test
