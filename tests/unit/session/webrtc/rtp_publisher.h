#pragma once

#include <map>
#include <random>
#include <vector>

#include "base/byte_writer.h"
#include "proto/rtp/pack_h26x.h"
#include "proto/rtp/packet.h"
#include "proto/rtp/rtcp.h"
#include "session/webrtc/receiver.h"
#include "support/bytes.h"

namespace weir::test {

namespace sw = session::webrtc;

inline const ByteVector avc_sps = bytes("6742c020da014016ec0440000003004000001e03c60ca8"),
                        avc_pps = bytes("68ce0fc880");

// What a publisher's conversation gave.
class FakeSink final : public session::MediaSink {
 public:
  base::Result<void> set_tracks(media::Tracks now) override {
    if (refused) return refused;
    tracks = std::move(now);
    ++changes;
    return {};
  }
  void expect(media::TrackProbe::Expected now) override { expected = now; }
  using MediaSink::put;
  void put(std::span<media::Frame> now) override {
    for (media::Frame& frame : now) frames.push_back(std::move(frame));
  }
  void complain(const std::string& what) override { complaints.push_back(what); }

  std::vector<const media::Frame*> of(media::TrackId track) const {
    std::vector<const media::Frame*> out;
    for (const media::Frame& frame : frames) {
      if (frame.track == track) out.push_back(&frame);
    }
    return out;
  }

  base::ErrorCode refused;
  media::Tracks tracks;
  int changes = 0;
  media::TrackProbe::Expected expected;
  std::vector<media::Frame> frames;
  std::vector<std::string> complaints;
};

// What left for the publisher.
class FakePackets final : public sw::PacketSink {
 public:
  base::MutableBytes room(std::size_t most) override {
    room_.resize(most);
    return {room_.data(), room_.size()};
  }
  void put_rtp(std::size_t) override {}
  void put_rtcp(std::size_t size) override { waiting.push_back(ByteVector(room_.data(), room_.data() + size)); }
  void flush() override { ++flushes; }

  std::vector<ByteVector> waiting;  // taken by whoever carries them
  int flushes = 0;

 private:
  base::Buffer room_;
};

inline sdp::AgreedMedia agreed(sdp::Kind kind, const char* mid, sdp::AgreedCodec codec) {
  sdp::AgreedMedia out;
  out.kind = kind;
  out.mid = mid;
  out.accepted = true;
  out.extensions.mid = 1;
  out.extensions.transport_cc = 5;
  out.codecs.push_back(std::move(codec));
  return out;
}
inline sdp::AgreedMedia agreed_video(bool nack = true) {
  return agreed(sdp::Kind::video, "1",
                {.codec = media::Codec::h264, .payload = 96, .retransmission = 97, .clock_rate = 90'000, .nack = nack});
}
inline sdp::AgreedMedia agreed_audio(bool nack = true) {
  return agreed(sdp::Kind::audio, "0",
                {.codec = media::Codec::opus, .payload = 111, .clock_rate = 48'000, .channels = 2, .nack = nack});
}

// One RTP packet with a mid and a number for transport feedback, either left out by an id of zero.
inline ByteVector rtp_packet(const rtp::Head& given, base::Bytes payload, const std::string& mid = "",
                             std::optional<std::uint16_t> transport = {}) {
  rtp::Head head = given;
  base::Buffer extension;
  base::ByteWriter w(extension);
  if (!mid.empty()) {
    w.u8(1U << 4 | (mid.size() - 1));
    w.text(mid);
  }
  if (transport) {
    w.u8(5U << 4 | 1);
    w.u16(*transport);
  }
  w.zeros((4 - extension.size() % 4) % 4);
  head.extension = !extension.empty();
  ByteVector out(rtp::header_bytes);
  rtp::write_head(out, head);
  if (head.extension) {
    out = out + bytes("bede");
    out.push_back(0);
    out.push_back(static_cast<std::uint8_t>(extension.size() / 4));
    out.insert(out.end(), extension.data(), extension.data() + extension.size());
  }
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

struct RtpLink {
  double loss = 0, late = 0, twice = 0;
  std::chrono::milliseconds delay{20}, late_by{30};
  double loss_back = 0;
  unsigned seed = 1;
  const sw::Breaker* breaker = nullptr;
};

// A browser that publishes over a link of ours, on a clock that the test turns: video of 30 frames a second and sound
// of 50, kept for retransmission, key frames when asked for.
class RtpPublisher {
 public:
  using Millis = std::chrono::milliseconds;
  using Link = RtpLink;
  struct Source {
    std::uint32_t ssrc = 0, again_ssrc = 0;
    std::uint8_t payload = 0, again = 0;
    std::uint32_t rate = 0, timestamp = 0;  // of the moment zero
    std::uint16_t sequence = 0, again_sequence = 700;
    std::map<std::uint16_t, ByteVector> sent{};
    std::uint32_t packets = 0;
  };

  explicit RtpPublisher(Link given = {}, std::vector<sdp::AgreedMedia> media = {agreed_audio(), agreed_video()},
                        Millis key_period = Millis(0))
      : link(given), random(given.seed) {
    sw::Receiver::Options options;
    options.media = std::move(media);
    options.ssrc = 0xcafe;
    options.cname = "weir";
    options.key_period = key_period;
    options.failed = [this](base::ErrorCode why) { failed = why; };
    options.breaker = link.breaker;
    options.wake = [this](base::Instant at) { due = std::min(due, at); };
    receiver = std::make_unique<sw::Receiver>(sink, packets, std::move(options));
    receiver->connected(now);
  }

  base::Ticks at() const { return std::chrono::duration_cast<base::Ticks>(now - start); }
  void run(Millis time) {
    for (const base::Instant end = now + time; now < end; now += Millis(1)) step();
  }
  void step() {
    const auto ms = std::chrono::duration_cast<Millis>(now - start).count();
    if (sends_video && ms % 100 % 33 == 0 && ms % 100 != 99) send_picture();  // 0, 33 and 66 of each 100
    if (sends_audio && ms % 20 == 0) send_sound();
    if (first_report && ms >= first_report->count() && ms % 1000 == first_report->count() % 1000) send_reports();
    for (auto next = under_way.begin(); next != under_way.end() && next->first <= now;) {
      deliver(next->second);
      next = under_way.erase(next);
    }
    for (auto next = coming_back.begin(); next != coming_back.end() && next->first <= now;) {
      hear(next->second);
      next = coming_back.erase(next);
    }
    if (now >= due) due = receiver->tick(now);
    for (ByteVector& packet : std::exchange(packets.waiting, {})) {
      if (!happens(link.loss_back)) coming_back.emplace(now + link.delay, packet);
    }
  }

  std::uint32_t timestamp_of(const Source& source, base::Instant when) const {
    const auto ms = std::chrono::duration_cast<Millis>(when - start).count();
    return source.timestamp + static_cast<std::uint32_t>(ms * source.rate / 1000);
  }
  void send_picture() {
    const bool key = std::exchange(wants_key, false) || pictures % pictures_in_group == 0;
    base::Buffer unit;
    base::ByteWriter w(unit);
    const auto add = [&](base::Bytes nal) {
      w.u32(nal.size());
      w.bytes(nal);
    };
    if (key && sets_in_band) {
      add(avc_sps);
      add(avc_pps);
    }
    std::mt19937 content(pictures++);
    ByteVector nal(200 + content() % (key ? 6000U : 2500U));
    for (auto& byte : nal) byte = static_cast<std::uint8_t>(content());
    nal[0] = key ? 0x65 : 0x41;
    add(nal);
    const std::uint32_t timestamp = timestamp_of(video, now);
    sent_pictures.push_back(hex(unit));
    rtp::Payloads payloads;
    rtp::pack_avc({.bytes = unit, .key = key}, 1100, payloads);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < payloads.sizes.size(); ++i) {
      const base::Bytes payload = payloads.bytes.bytes().subspan(begin, payloads.sizes[i]);
      begin += payloads.sizes[i];
      send(video, payload, i + 1 == payloads.sizes.size(), timestamp, video_behind);
    }
  }
  void send_sound() {
    std::mt19937 content(sounds++);
    ByteVector packet(40);
    for (auto& byte : packet) byte = static_cast<std::uint8_t>(content());
    packet[0] = 0xfc;  // CELT, 20 ms, stereo, one frame
    const std::uint32_t timestamp = timestamp_of(audio, now);
    sent_sounds.push_back(hex(packet));
    send(audio, packet, true, timestamp, Millis(0));
  }
  void send(Source& source, base::Bytes payload, bool marker, std::uint32_t timestamp, Millis behind) {
    const rtp::Head head{marker, false, source.payload, source.sequence, timestamp, source.ssrc};
    ByteVector packet = rtp_packet(head, payload, says_mid ? (&source == &video ? "1" : "0") : "", transport++);
    source.sent[source.sequence++] = packet;
    ++source.packets;
    carry(std::move(packet), behind);
  }
  bool happens(double chance) { return std::uniform_real_distribution<>(0, 1)(random) < chance; }
  void carry(ByteVector packet, Millis behind = Millis(0)) {
    if (happens(link.loss)) {
      ++lost;
      return;
    }
    const base::Instant when = now + link.delay + behind + (happens(link.late) ? link.late_by : Millis(0));
    if (happens(link.twice)) under_way.emplace(when + Millis(3), packet);
    under_way.emplace(when, std::move(packet));
  }
  void deliver(const ByteVector& packet) { receiver->rtp(base::SharedBytes::copy_of(packet), now); }

  // What came back from the receiver.
  void hear(const ByteVector& packet) {
    const auto items = rtp::parse_rtcp(packet);
    if (!items) return;
    for (const rtp::RtcpItem& item : *items) {
      heard.emplace_back(now, packet.size());
      if (const auto* nack = std::get_if<rtp::Nack>(&item)) repeat(*nack);
      if (const auto* report = std::get_if<rtp::ReceiverReport>(&item)) reports.push_back(*report);
      if (const auto* remb = std::get_if<rtp::MaximumBitrate>(&item)) allowed = remb->bits_per_second;
      if (std::get_if<rtp::KeyFrameRequest>(&item)) {
        asked_at.push_back(now);
        wants_key = answers_keys;
      }
      if (const auto* feedback = std::get_if<rtp::TransportFeedback>(&item)) take(*feedback);
      if (const auto* time = std::get_if<rtp::ReferenceTime>(&item)) answer(*time);
    }
  }
  void repeat(const rtp::Nack& nack) {
    Source& source = nack.media == video.ssrc ? video : audio;
    for (const std::uint16_t number : nack.lost) {
      ++repeated;
      const auto found = source.sent.find(number);
      if (found == source.sent.end()) continue;
      if (source.again_ssrc == 0) {
        carry(found->second);
        continue;
      }
      const auto old = *rtp::parse(found->second);
      ByteVector payload = {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
      payload.insert(payload.end(), old.payload.begin(), old.payload.end());
      const rtp::Head head{old.marker, false, source.again, source.again_sequence++, old.timestamp, source.again_ssrc};
      carry(rtp_packet(head, payload, "", transport++));
    }
  }
  void take(const rtp::TransportFeedback& feedback) {
    if (feedbacks++ == 0) first_feedback = now;
    const auto report = rtp::parse_transport_feedback(feedback.body);
    if (!report) return;
    for (const auto& status : report->packets) (status.received ? arrived : not_arrived)++;
  }
  void answer(const rtp::ReferenceTime& time) {
    base::Buffer out;
    base::ByteWriter w(out);
    w.bytes(bytes("80cf0005 00000001 0500 0003"));
    w.u32(time.ssrc);
    w.u32(static_cast<std::uint32_t>(time.ntp >> 16));
    w.u32(0);
    receiver->rtcp(out, now + link.delay);
  }
  void send_reports() {
    for (Source* source : {&audio, &video}) {
      rtp::SenderReport report;
      report.ssrc = source->ssrc;
      report.ntp = ntp_of_start + wrong_ntp + rtp::ntp_of(base::Instant(now - start));
      report.timestamp = timestamp_of(*source, now);
      base::Buffer out;
      base::ByteWriter w(out);
      rtp::write_sender_report(w, report);
      receiver->rtcp(out, now + link.delay);
    }
  }

  static constexpr base::Instant start{std::chrono::hours(5)};
  static constexpr std::uint64_t ntp_of_start = std::uint64_t{3'900'000'000} << 32;

  Link link;
  std::mt19937 random;
  FakeSink sink;
  FakePackets packets;
  std::unique_ptr<sw::Receiver> receiver;
  base::ErrorCode failed;
  base::Instant now = start, due = start;

  Source audio{.ssrc = 1001, .payload = 111, .rate = 48'000, .timestamp = 0xffff'0000, .sequence = 65'500};
  Source video{.ssrc = 2001, .payload = 96, .again = 97, .rate = 90'000, .timestamp = 0xfffe'0000, .sequence = 65'400};
  bool sends_video = true, sends_audio = true, says_mid = true, sets_in_band = true, answers_keys = true;
  Millis video_behind{0};  // the encoder takes so long
  std::optional<Millis> first_report = Millis(100);
  std::uint64_t wrong_ntp = 0;
  unsigned pictures_in_group = 60, pictures = 0, sounds = 0;
  bool wants_key = false;
  std::uint16_t transport = 65'000;

  std::multimap<base::Instant, ByteVector> under_way, coming_back;
  std::vector<std::string> sent_pictures, sent_sounds;
  std::uint64_t lost = 0, repeated = 0, feedbacks = 0, arrived = 0, not_arrived = 0, allowed = 0;
  base::Instant first_feedback{};
  std::vector<base::Instant> asked_at;
  std::vector<std::pair<base::Instant, std::size_t>> heard;
  std::vector<rtp::ReceiverReport> reports;
};

}  // namespace weir::test
