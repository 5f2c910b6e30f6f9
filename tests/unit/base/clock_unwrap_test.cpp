#include "base/clock_unwrap.h"

#include "support/catch.h"

namespace weir::test::clock_unwrap_test {

using namespace weir::base;

TEST_CASE("a counter goes on beyond its bits, forward and back", "[base]") {
  for (const unsigned bits : {24U, 31U, 32U, 33U}) {
    const std::int64_t modulus = std::int64_t{1} << bits;
    ClockUnwrap clock(bits);
    CHECK(clock.unwrap(static_cast<std::uint64_t>(modulus - 10)) == modulus - 10);
    CHECK(clock.unwrap(5) == modulus + 5);
    CHECK(clock.unwrap(static_cast<std::uint64_t>(modulus - 3)) == modulus - 3);  // late, from before the wrap
    CHECK(clock.unwrap(7) == modulus + 7);
    clock.reset();
    CHECK(clock.unwrap(9) == 9);
  }
}

TEST_CASE("bits above the counter are not looked at", "[base]") {
  ClockUnwrap clock(33);
  CHECK(clock.unwrap(0xfffffffe00000001) == 1);
}

TEST_CASE("milliseconds wrap at 24, 31 or 32 bits, whichever the publisher does", "[base]") {
  for (const unsigned bits : {24U, 31U, 32U}) {
    const std::int64_t wrap = std::int64_t{1} << bits;
    MillisUnwrap clock;
    CHECK(clock.unwrap(static_cast<std::uint32_t>(wrap - 1000)) == wrap - 1000);
    CHECK(clock.unwrap(static_cast<std::uint32_t>(wrap - 20)) == wrap - 20);
    CHECK(clock.unwrap(3) == wrap + 3);
    CHECK(clock.unwrap(static_cast<std::uint32_t>(wrap - 5)) == wrap - 5);  // the other track is late
    CHECK(clock.unwrap(40) == wrap + 40);
    CHECK(clock.unwrap(100'000) == wrap + 100'000);
  }
}

TEST_CASE("passing 2^24 and 2^31 without a wrap changes nothing", "[base]") {
  MillisUnwrap clock;
  for (const std::int64_t at : {std::int64_t{1} << 24, std::int64_t{1} << 31}) {
    CHECK(clock.unwrap(static_cast<std::uint32_t>(at - 20)) == at - 20);
    CHECK(clock.unwrap(static_cast<std::uint32_t>(at + 20)) == at + 20);
  }
}

TEST_CASE("a jump of the milliseconds is not taken for a wrap", "[base]") {
  MillisUnwrap clock;
  CHECK(clock.unwrap(50'000'000) == 50'000'000);
  CHECK(clock.unwrap(0) == 0);
  CHECK(clock.unwrap(3'000'000'000) == 3'000'000'000);
  CHECK(clock.unwrap(1000) == 1000);
}

}  // namespace weir::test::clock_unwrap_test
