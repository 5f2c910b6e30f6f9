#pragma once

#include <chrono>
#include <thread>
#include <utility>

namespace weir::test {

// Asks until it is so, for what another thread, process or the kernel does in a time of its own; whether it came true.
// The limit is for what never comes: a busy machine may take long. This is the only place where a unit test or a
// scenario sleeps (tests/checks/check_layers.py): what goes by a clock is given one that the test turns, and a wait for
// nothing in particular is a wait for some condition that was not named.
template <class Condition>
bool soon(Condition&& condition, std::chrono::milliseconds limit = std::chrono::seconds(30)) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace weir::test
