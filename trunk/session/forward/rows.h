#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/transport_figures.h"

namespace weir::session::forward {

enum class State : std::uint8_t {
  connecting,
  sending,
  waiting,   // for the next attempt
  given_up,  // no attempt could help
  stopped,   // by the API
};
constexpr std::string_view name_of(State state) {
  constexpr std::string_view names[] = {"connecting", "sending", "waiting", "given_up", "stopped"};
  return names[static_cast<std::size_t>(state)];
}
inline constexpr std::size_t state_count = 5;

// What was done for one destination, or for all.
struct Work {
  std::uint64_t bytes = 0;     // sent
  std::uint64_t attempts = 0;  // to connect
  std::uint64_t failures = 0;  // of those, and of connections that broke
  std::uint64_t skips = 0;     // to a newer key frame, as the other side took too little
  std::uint64_t drops = 0;     // packets that could not be sent, or came too late for it
  Work& operator+=(const Work& other) {
    bytes += other.bytes;
    attempts += other.attempts;
    failures += other.failures;
    skips += other.skips;
    drops += other.drops;
    return *this;
  }
};

// One destination of one stream, for the API.
struct Row {
  std::string name;     // of a `push` block: the same as long as it is configured so; empty: it is of `forward`
  bool by_api = false;  // it was added there, and can be removed there
  std::string id;       // of the session that the last attempt was, as in the log
  std::string vhost, app, stream;
  std::string target;  // without what is secret
  std::string audio;   // the file of the sound that takes the place of the stream's; empty: none does
  State state = State::waiting;
  double state_seconds = 0;     // since when
  double next_try_seconds = 0;  // until the next attempt, while waiting
  std::string error;            // of the last attempt; empty while it goes well
  double behind_seconds = 0;    // the live edge
  Work work;
  std::optional<net::TransportFigures> transport;  // while it sends by SRT or RIST
};

// Of one worker.
struct Totals {
  std::uint64_t in_state[state_count] = {};
  Work work;  // since the start
  Totals& operator+=(const Totals& other) {
    for (std::size_t i = 0; i < state_count; ++i) in_state[i] += other.in_state[i];
    work += other.work;
    return *this;
  }
};

}  // namespace weir::session::forward
