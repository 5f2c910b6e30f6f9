#pragma once

#include <array>
#include <optional>

#include "base/ids.h"
#include "net/udp_address.h"
#include "session/webrtc/session_table.h"

namespace weir::session::webrtc {

// Whose the checks were that this worker forwarded last, by the address that they came from. A peer that was answered
// speaks at once, and may do so before its session's worker has told this one that the address is proven: what it says
// is forwarded behind its check. It is no proof: that worker looks at each datagram anew. Whoever sends many such
// checks pushes out others', which costs those the repetition of a handshake.
class FirstChecks {
 public:
  struct Place {
    base::WorkerIndex worker{};
    SessionNumber number{};
  };
  static constexpr std::size_t most = 64;  // they are walked for each datagram of a stranger

  void note(const net::UdpAddress& from, const Place& place) {
    for (Entry& entry : entries_) {
      if (entry.from == from) {
        entry.place = place;
        return;
      }
    }
    entries_[next_++ % most] = {from, place};
  }
  std::optional<Place> find(const net::UdpAddress& from) const {
    for (const Entry& entry : entries_) {
      if (entry.place && entry.from == from) return entry.place;
    }
    return std::nullopt;
  }

 private:
  struct Entry {
    net::UdpAddress from;
    std::optional<Place> place;
  };

  // state
  std::array<Entry, most> entries_;
  std::size_t next_ = 0;
};

}  // namespace weir::session::webrtc
