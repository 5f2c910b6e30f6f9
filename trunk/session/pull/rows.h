#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::session::pull {

enum class State : std::uint8_t {
  connecting,
  receiving,
  waiting,  // for the next attempt
  standby,  // a cold one: something better is there
  stopped,  // by the API
};
constexpr std::string_view name_of(State state) {
  constexpr std::string_view names[] = {"connecting", "receiving", "waiting", "standby", "stopped"};
  return names[static_cast<std::size_t>(state)];
}
inline constexpr std::size_t state_count = 5;

struct Work {
  std::uint64_t bytes = 0;      // received
  std::uint64_t attempts = 0;   // to connect
  std::uint64_t failures = 0;   // of those, and of connections that broke
  std::uint64_t strangers = 0;  // datagrams from others than whose stream it is
  Work& operator+=(const Work& other) {
    bytes += other.bytes;
    attempts += other.attempts;
    failures += other.failures;
    strangers += other.strangers;
    return *this;
  }
};

// One source of a stream, for the API.
struct Row {
  std::string name;  // the same as long as it is configured so; empty: it is no `source` block
  std::string id;    // of the session that the last attempt was, as in the log
  std::string vhost, app, stream;
  std::string source;  // without what is secret
  bool on_demand = false;
  int priority = 0;  // among those of its stream
  std::string_view standby = "hot";
  bool by_api = false;  // it was added there, and can be removed there
  bool pinned = false;
  bool active = false;  // it is what players see
  State state = State::waiting;
  double state_seconds = 0;     // since when
  double next_try_seconds = 0;  // until the next attempt, while waiting
  double restart_seconds = 0;   // until it is connected anew, as configured; 0: it is not
  std::string error;            // of the last attempt; empty while it goes well
  Work work;
};

// Of one worker.
struct Totals {
  std::uint64_t in_state[state_count] = {};
  std::uint64_t failed_starts = 0;  // players were told
  Work work;                        // since the start
  Totals& operator+=(const Totals& other) {
    for (std::size_t i = 0; i < state_count; ++i) in_state[i] += other.in_state[i];
    failed_starts += other.failed_starts;
    work += other.work;
    return *this;
  }
};

}  // namespace weir::session::pull
