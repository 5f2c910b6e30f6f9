#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace weir::events {

// The text of an event on the wire (HTML 9.2.6): id, name, and one line of data, which is JSON and so has no line ends.
// No `id` line without an id.
base::SharedBytes event_text(std::string_view id, std::string_view name, std::string_view data);

// The last events, for listeners who come back. On one worker.
class Ring {
 public:
  static constexpr std::size_t most_events = 512, most_bytes = 256 * 1024;

  // Numbers go up by one with each event, from 1.
  std::uint64_t next() const { return last_ + 1; }
  void add(base::SharedBytes event);

  struct Missed {
    std::uint64_t lost = 0;  // are no longer kept
    std::vector<base::SharedBytes> events;
  };
  // What came after that event.
  Missed after(std::uint64_t number) const;

 private:
  std::deque<base::SharedBytes> events_;
  std::size_t bytes_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace weir::events
