#include "app/auth/lockout.h"

#include "support/catch.h"

namespace weir::test::lockout_test {

using auth::Lockout;
using namespace std::chrono_literals;

namespace {
const Lockout::Clock::time_point start{std::chrono::hours(1)};
}

TEST_CASE("wrong passwords wait longer, then lock out", "[auth]") {
  Lockout lockout;
  auto now = start;
  for (unsigned i = 0; i < Lockout::free_tries; ++i) CHECK(lockout.wrong("a", now).delay == 0ms);
  Lockout::Millis before{0};
  for (unsigned i = Lockout::free_tries + 1; i < Lockout::tries; ++i) {
    const auto penalty = lockout.wrong("a", now);
    CHECK(penalty.delay >= std::min(before * 2, Lockout::longest_delay));
    CHECK(penalty.delay > 0ms);
    CHECK(penalty.locked == 0ms);
    CHECK(lockout.locked_for("a", now) == 0ms);
    before = penalty.delay;
  }
  CHECK(lockout.wrong("a", now).locked == 30s);
  CHECK(lockout.locked_for("a", now) == 30s);
  CHECK(lockout.locked_for("a", now + 29s) == 1s);
  CHECK(lockout.locked_for("b", now) == 0ms);
  CHECK(lockout.wrong("b", now).delay == 0ms);
  CHECK(lockout.locked_for("a", now + 30s) == 0ms);
  CHECK(lockout.locked_count() == 2);
}

TEST_CASE("each lock is longer, up to a bound, and a right password forgives", "[auth]") {
  Lockout lockout;
  auto now = start;
  Lockout::Millis last{0};
  for (int locks = 0; locks < 12; ++locks) {
    Lockout::Penalty penalty;
    for (unsigned i = 0; penalty.locked == 0ms && i < 20; ++i) penalty = lockout.wrong("a", now);
    CHECK(penalty.locked == (locks == 0 ? 30s : std::min(last * 2, Lockout::longest_lock)));
    last = penalty.locked;
    now += last;
  }
  CHECK(last == Lockout::longest_lock);
  lockout.right("a");
  CHECK(lockout.size() == 0);
  CHECK(lockout.wrong("a", now).delay == 0ms);
}

TEST_CASE("addresses are forgotten, and never more than so many are known", "[auth]") {
  Lockout lockout;
  auto now = start;
  for (unsigned i = 0; i < Lockout::tries; ++i) lockout.wrong("a", now);
  for (std::size_t i = 0; i < Lockout::most_addresses + 100; ++i) lockout.wrong(std::to_string(i), now);
  CHECK(lockout.size() == Lockout::most_addresses);
  CHECK(lockout.locked_for("a", now) == 0ms);
  for (unsigned i = 0; i < Lockout::tries - 1; ++i) lockout.wrong("b", now);
  now += Lockout::memory + 1s;
  CHECK(lockout.wrong("b", now).delay == 0ms);
  CHECK(lockout.size() == 1);
}

}  // namespace weir::test::lockout_test
