#include "session/hls/gate.h"

#include <memory>
#include <vector>

#include "support/catch.h"

namespace weir::test::gate_test {

using namespace std::chrono_literals;
using session::hls::Gate;
using Answer = Gate::Answer;

namespace {

struct Rig {
  Gate gate;
  Gate::Limits limits{.proven = 1'000, .per_address = 100};
  Gate::Clock::time_point now{};
  std::vector<std::unique_ptr<Gate::Seat>> seats;

  Answer enter(const std::string& address) {
    std::unique_ptr<Gate::Seat> seat;
    const Answer answer = gate.enter(address, limits, now, seat);
    CHECK((seat != nullptr) == (answer == Answer::welcome));
    if (seat) seats.push_back(std::move(seat));
    return answer;
  }
};

}  // namespace

TEST_CASE("an address has a share of the sessions, and begins them no faster than it may", "[hls]") {
  Rig rig;
  std::size_t welcome = 0;
  for (int i = 0; i < 60'000; ++i) welcome += rig.enter("192.0.2.1") == Answer::welcome;
  CHECK(welcome == 100);
  CHECK(rig.enter("192.0.2.1") == Answer::address_full);
  CHECK(rig.enter("192.0.2.2") == Answer::welcome);
  CHECK(rig.gate.refused() == 59'901);

  rig.seats.clear();
  CHECK(rig.enter("192.0.2.1") == Answer::too_fast);
  rig.now += 1s;
  welcome = 0;
  for (int i = 0; i < 100; ++i) welcome += rig.enter("192.0.2.1") == Answer::welcome;
  CHECK(welcome == 10);
  rig.now += 3600s;
  rig.seats.clear();
  for (int i = 0; i < 100; ++i) CHECK(rig.enter("192.0.2.1") == Answer::welcome);
}

TEST_CASE("sessions that were sent nothing do not fill the server", "[hls]") {
  Rig rig;
  rig.limits = {.proven = 5, .per_address = 0};
  for (int i = 0; i < 50; ++i) CHECK(rig.enter("192.0.2.1") == Answer::welcome);
  for (std::size_t i = 0; i < 5; ++i) rig.seats[i]->prove();
  rig.seats[0]->prove();
  CHECK(rig.enter("192.0.2.9") == Answer::full);
  rig.seats.erase(rig.seats.begin());
  CHECK(rig.enter("192.0.2.9") == Answer::welcome);
}

TEST_CASE("what is remembered of addresses is bounded by those that came of late", "[hls]") {
  Rig rig;
  for (int i = 0; i < 20'000; ++i) {
    rig.now += 100ms;
    CHECK(rig.enter("10." + std::to_string(i / 65'536) + "." + std::to_string(i / 256 % 256) + "." +
                    std::to_string(i % 256)) == Answer::welcome);
    rig.seats.clear();
  }
  CHECK(rig.gate.addresses() < 300);
}

TEST_CASE("an IPv6 subscriber is one address, however many it has", "[hls]") {
  Rig rig;
  rig.limits.per_address = 1;
  CHECK(rig.enter("2001:db8:1:2::1") == Answer::welcome);
  CHECK(rig.enter("2001:db8:1:2:ffff::9") == Answer::address_full);
  CHECK(rig.enter("2001:db8:1:3::1") == Answer::welcome);
  CHECK(rig.enter("::ffff:192.0.2.1") == Answer::welcome);
  CHECK(rig.enter("::ffff:192.0.2.2") == Answer::welcome);
}

}  // namespace weir::test::gate_test
