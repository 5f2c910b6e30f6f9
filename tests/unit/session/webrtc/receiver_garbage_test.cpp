#include "session/webrtc/receiver.h"
#include "support/catch.h"
#include "unit/session/webrtc/rtp_publisher.h"

namespace weir::test::receiver_garbage_test {

using namespace std::chrono_literals;

namespace {

// A payload of random bytes that begins as one of the codec's may.
test::ByteVector payload_of(media::Codec codec, std::mt19937& random) {
  static const std::map<media::Codec, std::vector<const char*>> begins = {
      {media::Codec::h264, {"65", "41", "67", "68", "78", "7c85", "7c05", "7c45", "5c81"}},
      {media::Codec::hevc, {"2601", "0201", "4001", "4201", "4401", "6001", "620193", "620113", "620153"}},
      {media::Codec::av1, {"08", "10", "18", "48", "88", "c8", "20"}},
      {media::Codec::vp8, {"10", "00", "9080", "90e0"}},
      {media::Codec::vp9, {"08", "8c80", "0c", "aa80", "8a8180"}},
  };
  const auto& heads = begins.at(codec);
  test::ByteVector out = test::bytes(heads[random() % heads.size()]);
  for (auto left = random() % 60; left > 0; --left) out.push_back(static_cast<std::uint8_t>(random()));
  return out;
}

}  // namespace

TEST_CASE("payloads of no sense, for each codec, cost nothing but themselves", "[webrtc]") {
  for (const media::Codec codec :
       {media::Codec::h264, media::Codec::hevc, media::Codec::av1, media::Codec::vp8, media::Codec::vp9}) {
    std::mt19937 random(static_cast<unsigned>(codec));
    test::FakeSink sink;
    test::FakePackets packets;
    auto line = test::agreed_video();
    line.codecs[0].codec = codec;
    session::webrtc::Receiver receiver(sink, packets, {.media = {line}, .ssrc = 1, .cname = "weir"});
    base::Instant now{1h};
    receiver.connected(now);
    std::uint16_t sequence = 60'000;
    std::uint32_t timestamp = 0xffff'f000;
    for (int i = 0; i < 5000; ++i, now += 3ms) {
      if (random() % 20 == 0) sequence = static_cast<std::uint16_t>(sequence + random() % 5);
      if (random() % 3 == 0) timestamp += 3000;
      const bool again = random() % 10 == 0;
      const rtp::Head head{random() % 3 == 0, false,     static_cast<std::uint8_t>(again ? 97 : 96),
                           sequence++,        timestamp, again ? 8U : 7U};
      receiver.rtp(base::SharedBytes::copy_of(test::rtp_packet(head, payload_of(codec, random), "1", sequence)), now);
      test::ByteVector report(random() % 40);
      for (auto& byte : report) byte = static_cast<std::uint8_t>(random());
      if (report.size() > 4) {
        report[0] = static_cast<std::uint8_t>(0x80 | report[0] % 32);
        report[1] = static_cast<std::uint8_t>(200 + report[1] % 8);
        report[2] = 0;
        report[3] = static_cast<std::uint8_t>(report.size() / 4 - 1);
      }
      receiver.rtcp(report, now);
      CHECK(receiver.tick(now) > now);
    }
    const auto figures = receiver.figures();
    CHECK(figures.sources.size() <= 2);
    CHECK(figures.counts.key_requests > 0);
    for (const media::Frame& frame : sink.frames) CHECK_FALSE(frame.payload.empty());
  }
}

}  // namespace weir::test::receiver_garbage_test
