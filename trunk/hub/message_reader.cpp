#include "hub/message_reader.h"

#include <algorithm>

#include "hub/feed.h"

namespace weir::hub {

MessageReader::MessageReader(Feed& feed, Taker& taker, base::Ticks most_behind)
    : Reader(feed, [&taker] { taker.reader_changed(); }), taker_(taker), most_behind_(most_behind) {
  feed_.set_prompt();
}

// Never from where it is called: a newcomer has its turn in a round, like all others.
void MessageReader::advance() {
  settle();
  feed_.more_to_serve();
}

std::size_t MessageReader::serve() { return hand_over(); }

void MessageReader::ready() {
  if (!blocked()) return;
  unblock();
  if (media_flows()) hand_over();
}

bool MessageReader::skip_to_entry() {
  const auto entry = feed_.log().entry_point();
  if (!media_flows() || !entry || *entry <= position_) return false;
  position_ = *entry;
  begins_ = true;
  return true;
}

std::size_t MessageReader::hand_over() {
  skip_if_lost(most_behind_);
  const auto& log = feed_.log();
  std::size_t taken = 0;
  while (media_flows() && position_ < log.head() && taken < most_wires) {
    const Took took = taker_.take(log.at(position_), begins_);
    if (took == Took::full) {
      block();
      break;
    }
    begins_ = false;
    ++taken;
    if (took == Took::later) {
      wait_for_entry(position_ + 1);
      break;
    }
    ++position_;
  }
  const std::size_t cost = std::max<std::size_t>(1, taker_.flush());
  if (blocked() || !media_flows()) {
    settle();
  } else if (position_ < log.head()) {
    stay_ready();
    feed_.more_to_serve();
  } else {
    settle();
  }
  return cost;
}

}  // namespace weir::hub
