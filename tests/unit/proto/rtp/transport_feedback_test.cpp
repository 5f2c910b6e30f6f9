#include "proto/rtp/transport_feedback.h"

#include "proto/rtp/rtcp.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::transport_feedback_test {

using namespace std::chrono_literals;

namespace {

const base::Instant start{1h};

std::vector<rtp::TransportReport> reports(rtp::ArrivalLog& log) {
  base::Buffer out;
  base::ByteWriter w{out};
  while (log.write(w, 1, 2)) {
  }
  std::vector<rtp::TransportReport> all;
  if (out.empty()) return all;
  const auto items = rtp::parse_rtcp(out);
  REQUIRE(items.has_value());
  for (const auto& item : *items) {
    auto report = rtp::parse_transport_feedback(std::get<rtp::TransportFeedback>(item).body);
    REQUIRE(report.has_value());
    all.push_back(*report);
  }
  return all;
}

}  // namespace

TEST_CASE("a sender learns when each packet came and which did not", "[twcc]") {
  rtp::ArrivalLog log;
  log.note(65534, start);
  log.note(65535, start + 1ms);
  log.note(2, start + 10ms);  // 0 and 1 are missing
  log.note(1, start + 12ms);  // reordered
  const auto all = reports(log);
  REQUIRE(all.size() == 1);
  const auto& report = all[0];
  CHECK(report.base == 65534);
  CHECK(report.count == 0);
  REQUIRE(report.packets.size() == 5);
  CHECK(report.packets[0].received);
  CHECK(report.packets[1].received);
  CHECK_FALSE(report.packets[2].received);
  CHECK(report.packets[3].received);
  CHECK(report.packets[4].received);
  CHECK(report.packets[1].time - report.packets[0].time == 1ms);
  CHECK(report.packets[3].time - report.packets[0].time == 12ms);
  CHECK(report.packets[4].time - report.packets[0].time == 10ms);
  CHECK(log.empty());

  log.note(5, start + 100ms);  // 3 and 4 are missing between the two feedbacks
  const auto next = reports(log);
  REQUIRE(next.size() == 1);
  CHECK(next[0].base == 3);
  CHECK(next[0].count == 1);
  REQUIRE(next[0].packets.size() == 3);
  CHECK_FALSE(next[0].packets[1].received);
  CHECK(next[0].packets[2].received);
}

TEST_CASE("a pause that no delta can tell begins a feedback of its own", "[twcc]") {
  rtp::ArrivalLog log;
  log.note(1, start);
  log.note(2, start + 20s);
  const auto all = reports(log);
  REQUIRE(all.size() == 2);
  CHECK(all[0].packets.size() == 1);
  CHECK(all[1].base == 2);
  CHECK(all[1].packets.at(0).time - all[0].packets.at(0).time == 20s);
}

TEST_CASE("many packets, random losses: what is told is what was noted", "[twcc]") {
  rtp::ArrivalLog log;
  std::vector<bool> came;
  std::uint32_t seed = 12345;
  std::uint16_t number = 60000;
  for (int i = 0; i < 5000; ++i) {
    seed = seed * 1664525 + 1013904223;
    const bool lost = (seed >> 16) % 7 == 0 && i != 0;
    came.push_back(!lost);
    if (!lost) log.note(number, start + i * 3ms);
    ++number;
    if (i % 100 == 99) {
      base::Buffer out;
      base::ByteWriter w{out};
      std::size_t told = 0;
      const std::size_t before = came.size() - 100;
      (void)before;
      while (log.write(w, 1, 2)) ++told;
      CHECK(told <= 2);
      CHECK(out.size() < 600);
    }
  }
  CHECK(log.ignored() == 0);
}

TEST_CASE("a flood of numbers and jumps is bounded", "[twcc]") {
  rtp::ArrivalLog log;
  for (unsigned i = 0; i < 100'000; ++i) log.note(static_cast<std::uint16_t>(i * 7919), start);
  base::Buffer out;
  base::ByteWriter w{out};
  std::size_t written = 0;
  while (log.write(w, 1, 2)) ++written;
  CHECK(written < 100);
  CHECK(log.ignored() > 0);
}

TEST_CASE("feedback that is cut off or lies is refused", "[twcc]") {
  CHECK(rtp::parse_transport_feedback(test::bytes("0001")).has_error());
  CHECK(rtp::parse_transport_feedback(test::bytes("0001 0000 000000 00")).has_error());
  CHECK(rtp::parse_transport_feedback(test::bytes("0001 0005 000000 00 2005")).has_error());  // deltas are missing
  CHECK(rtp::parse_transport_feedback(test::bytes("0001 0005 000000 00 0000")).has_error());  // a run of nothing
}

}  // namespace weir::test::transport_feedback_test
