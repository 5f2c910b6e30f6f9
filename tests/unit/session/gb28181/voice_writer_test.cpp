#include "session/gb28181/voice_writer.h"

#include "format/ps/demuxer.h"
#include "proto/rtp/packet.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::voice_writer_test {

using namespace std::chrono_literals;
using session::gb28181::VoiceForm;
using session::gb28181::VoiceWriter;

namespace {

std::vector<std::vector<std::uint8_t>> ready(VoiceWriter& writer) {
  std::vector<std::vector<std::uint8_t>> out;
  base::Buffer one;
  while (writer.next(one)) {
    out.emplace_back(one.bytes().begin(), one.bytes().end());
    one.clear();
  }
  return out;
}

base::Ticks at(std::chrono::milliseconds time) { return time; }

}  // namespace

TEST_CASE("frames of 20 ms become packets of 100 ms, whose times count samples", "[gb28181]") {
  VoiceWriter writer({}, 0x0bebc22a, false);
  std::vector<std::vector<std::uint8_t>> packets;
  for (int i = 0; i < 12; ++i) {
    writer.put(test::repeat(static_cast<std::uint8_t>(i), 160), at(1s + i * 20ms));
    for (auto& one : ready(writer)) packets.push_back(std::move(one));
  }
  REQUIRE(packets.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto packet = rtp::parse(packets[i]);
    REQUIRE(packet.has_value());
    CHECK(packet->payload_type == 8);
    CHECK(packet->ssrc == 0x0bebc22a);
    CHECK(packet->sequence == i);
    CHECK(packet->timestamp == 8'000 + i * 800);
    CHECK(packet->marker == (i == 0));
    REQUIRE(packet->payload.size() == 800);
    CHECK(packet->payload[0] == i * 5);
    CHECK(packet->payload[799] == i * 5 + 4);
  }
  // The end: the rest is a packet of its own.
  writer.finish();
  const auto last = ready(writer);
  REQUIRE(last.size() == 1);
  CHECK(last[0].size() == 12 + 320);
}

TEST_CASE("a break in time sends what was kept, and goes on behind it with a marker", "[gb28181]") {
  VoiceWriter writer({}, 7, false);
  writer.put(test::repeat(1, 160), at(1s));
  writer.put(test::repeat(2, 800), at(2s));
  const auto packets = ready(writer);
  REQUIRE(packets.size() == 2);
  const auto first = rtp::parse(packets[0]), second = rtp::parse(packets[1]);
  CHECK(first->payload.size() == 160);
  CHECK(first->timestamp == 8'000);
  CHECK(second->payload.size() == 800);
  CHECK(second->timestamp == 16'000);
  CHECK(second->marker);
  CHECK(second->sequence == first->sequence + 1);
}

TEST_CASE("pieces of any length are put together, and never pile up", "[gb28181]") {
  VoiceWriter writer({.packet = 20ms}, 7, true);
  std::size_t bytes = 0, packets = 0;
  std::int64_t samples = 0;
  for (int i = 0; i < 100; ++i) {
    writer.put(test::repeat(0, 240), base::Ticks(samples * 45 / 4));
    samples += 240;
    for (const auto& one : ready(writer)) {
      REQUIRE(one.size() == 2 + 12 + 160);
      CHECK(one[1] == 12 + 160);  // behind its length
      bytes += one.size() - 14;
      ++packets;
    }
  }
  CHECK(bytes == 24'000);
  CHECK(writer.packets() == packets);
  // Longer than any packet may be.
  writer.put(test::repeat(0, 100'000), base::Ticks(samples * 45 / 4));
  CHECK(ready(writer).size() == 625);
}

TEST_CASE("in a program stream it is G.711 of type 0x90, and a newcomer is told so", "[gb28181]") {
  VoiceWriter writer({.in_program_stream = true, .payload_type = 96}, 7, false);
  for (int i = 0; i < 5; ++i) writer.put(test::repeat(0xd5, 160), at(1s + i * 20ms));
  const auto packets = ready(writer);
  REQUIRE(packets.size() == 1);
  const auto packet = rtp::parse(packets[0]);
  REQUIRE(packet.has_value());
  CHECK(packet->payload_type == 96);
  CHECK(packet->marker);
  ps::Demuxer demuxer;
  demuxer.input(packet->payload);
  demuxer.finish();
  std::size_t samples = 0;
  while (const auto unit = demuxer.poll()) {
    CHECK(unit->frame.codec == media::Codec::pcma);
    samples += unit->frame.payload.size();
  }
  CHECK(samples == 800);
  CHECK(demuxer.counts().unknown_codec == 0);
}

TEST_CASE("sound is cut as finely as packets may be long", "[gb28181]") {
  VoiceWriter writer({}, 7, false, 300);
  writer.put(test::repeat(1, 800), at(1s));
  const auto packets = ready(writer);
  REQUIRE(packets.size() == 2);
  CHECK(packets[0].size() == 300);
  CHECK(packets[1].size() == 300);
}

}  // namespace weir::test::voice_writer_test
