#include "session/pull/choice.h"

#include "support/catch.h"

namespace weir::test::choice_test {

using namespace std::chrono_literals;
using hub::Directory;
using session::pull::Candidate;
using session::pull::State;
using session::pull::Step;

namespace {

const auto patience = 2s;

base::SessionId id(char c) { return base::SessionId::from(std::string(8, c)); }

Candidate cold(int priority, State state, std::chrono::seconds in_state = 0s, char name = 'c') {
  return {.priority = priority, .cold = true, .state = state, .in_state = in_state, .id = id(name)};
}
Candidate hot(int priority, State state, std::chrono::seconds in_state = 0s, char name = 'h') {
  return {.priority = priority, .cold = false, .state = state, .in_state = in_state, .id = id(name)};
}
// Of the last one.
Step step(std::vector<Candidate> all, std::optional<Directory::Standing> standing = {}) {
  return step_of(all, all.size() - 1, standing, patience);
}
Directory::Standing plays(char who, int priority, std::optional<int> best = {}, bool silent = false) {
  return {.active = id(who), .priority = priority, .silent = silent, .best = best};
}

}  // namespace

TEST_CASE("a cold source alone is begun at once, a hot one is nobody's business", "[pull]") {
  CHECK(step({cold(0, State::standby)}) == Step::begin);
  CHECK(step({cold(0, State::connecting)}) == Step::stay);
  CHECK(step({cold(0, State::stopped)}) == Step::stay);
  CHECK(step({hot(0, State::waiting)}, plays('x', 9, 9)) == Step::stay);
}

TEST_CASE("a cold source waits for a better one that is on its way, for a while", "[pull]") {
  CHECK(step({hot(10, State::connecting, 1s), cold(0, State::standby)}) == Step::stay);
  CHECK(step({hot(10, State::connecting, 3s), cold(0, State::standby)}) == Step::begin);
  CHECK(step({hot(10, State::waiting), cold(0, State::standby)}) == Step::begin);
  CHECK(step({hot(10, State::stopped), cold(0, State::standby)}) == Step::begin);
  CHECK(step({hot(10, State::receiving, 1s), cold(0, State::standby)}) == Step::stay);
  CHECK(step({hot(10, State::receiving, 60s), cold(0, State::standby)}) == Step::begin);  // it is silent
  CHECK(step({cold(10, State::standby), cold(0, State::standby)}) == Step::stay);
  CHECK(step({cold(0, State::waiting), cold(0, State::standby)}) == Step::begin);
  CHECK(step({hot(0, State::connecting), cold(10, State::standby)}) == Step::begin);
}

TEST_CASE("nothing cold is begun while something as good is alive, though not active", "[pull]") {
  CHECK(step({hot(10, State::receiving, 60s), cold(0, State::standby)}, plays('h', 10, 10)) == Step::stay);
  CHECK(step({hot(0, State::receiving, 60s), cold(5, State::standby)}, plays('h', 0, 0)) == Step::begin);
  // The better one has to prove itself still.
  CHECK(step({hot(10, State::receiving, 60s), cold(5, State::standby)}, plays('s', 0, 10)) == Step::stay);
  CHECK(step({hot(10, State::waiting), cold(5, State::standby)}, plays('h', 10, {}, true)) == Step::begin);
  CHECK(step({cold(0, State::standby)}, plays('p', 0, 0)) == Step::stay);  // a publisher
}

TEST_CASE("a cold source rests again when a better one has taken over", "[pull]") {
  CHECK(step({hot(10, State::receiving), cold(0, State::receiving)}, plays('h', 10, 10)) == Step::rest);
  CHECK(step({hot(10, State::receiving), cold(0, State::receiving)}, plays('c', 0, 10)) == Step::stay);
  CHECK(step({hot(10, State::receiving), cold(0, State::receiving)}, plays('h', 10, 0, true)) == Step::stay);
  CHECK(step({cold(0, State::waiting)}, plays('p', 0, 0)) == Step::rest);
  CHECK(step({cold(0, State::receiving, 0s, 'a'), cold(0, State::receiving, 0s, 'b')}, plays('a', 0, 0)) == Step::rest);
  std::vector<Candidate> both{cold(0, State::receiving, 0s, 'a'), cold(0, State::receiving, 0s, 'b')};
  CHECK(step_of(both, 0, plays('b', 0, 0), patience) == Step::stay);
  CHECK(step({hot(0, State::receiving), cold(5, State::connecting)}, plays('h', 0, 0)) == Step::stay);
}

}  // namespace weir::test::choice_test
