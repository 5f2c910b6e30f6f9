#include "proto/rtp/reception.h"

#include "support/catch.h"

namespace weir::test::reception_test {

using namespace std::chrono_literals;
using Verdict = rtp::Reception::Verdict;

namespace {

const base::Instant start{1h};

}  // namespace

TEST_CASE("a report says what was lost since the last, over the edge of the numbers", "[rtp]") {
  rtp::Reception reception(90'000);
  for (std::uint16_t i = 0; i < 100; ++i) {
    if (i % 4 != 3) (void)reception.note(static_cast<std::uint16_t>(65'500 + i), 0, start);
  }
  (void)reception.note(static_cast<std::uint16_t>(65'500 + 100), 0, start);
  auto block = reception.report(7, start);
  CHECK(block.ssrc == 7);
  CHECK(block.lost == 25);
  CHECK(block.fraction_lost == 25 * 256 / 101);
  CHECK(block.highest == 65'600);
  for (std::uint16_t i = 101; i < 200; ++i) (void)reception.note(static_cast<std::uint16_t>(65'500 + i), 0, start);
  block = reception.report(7, start);
  CHECK(block.lost == 25);
  CHECK(block.fraction_lost == 0);
}

TEST_CASE("jitter is the mean deviation of the way, of RFC 3550 A.8", "[rtp]") {
  rtp::Reception even(90'000), uneven(90'000);
  for (std::uint16_t i = 0; i < 500; ++i) {
    const std::uint32_t timestamp = 0xffff'ff00U + i * 1800U;
    (void)even.note(i, timestamp, start + i * 20ms);
    (void)uneven.note(i, timestamp, start + i * 20ms + (i % 2) * 10ms);
  }
  CHECK(even.jitter() < 20us);
  CHECK(uneven.jitter() > 9'900us);
  CHECK(uneven.jitter() < 10'100us);
}

TEST_CASE("one number far from the others is a stray, two in a row are a new count", "[rtp]") {
  rtp::Reception reception(48'000);
  CHECK(reception.note(10, 0, start) == Verdict::good);
  CHECK(reception.note(40'000, 0, start) == Verdict::stray);
  CHECK(reception.note(11, 0, start) == Verdict::good);
  CHECK(reception.note(40'001, 0, start) == Verdict::restart);
  CHECK(reception.note(40'002, 0, start) == Verdict::good);
  CHECK(reception.received() == 4);
  CHECK(reception.lost() == 0);
}

TEST_CASE("the last sender report is told with its age", "[rtp]") {
  rtp::Reception reception(48'000);
  (void)reception.note(1, 0, start);
  reception.note_report(0x1234'5678'9abc'def0U, start);
  const auto block = reception.report(1, start + 500ms);
  CHECK(block.last_report == 0x5678'9abc);
  CHECK(block.delay == 0x8000);
  CHECK(rtp::ntp_of(start + 500ms) - rtp::ntp_of(start) == 0x8000'0000U);
}

}  // namespace weir::test::reception_test
