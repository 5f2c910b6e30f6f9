#include "app/events/ring.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::events {

base::SharedBytes event_text(std::string_view id, std::string_view name, std::string_view data) {
  fmt::memory_buffer text;
  if (!id.empty()) fmt::format_to(fmt::appender(text), "id: {}\n", id);
  fmt::format_to(fmt::appender(text), "event: {}\ndata: {}\n\n", name, data);
  return base::SharedBytes::copy_of(base::as_bytes({text.data(), text.size()}));
}

void Ring::add(base::SharedBytes event) {
  ++last_;
  bytes_ += event.size();
  events_.push_back(std::move(event));
  while (events_.size() > most_events || bytes_ > most_bytes) {
    bytes_ -= events_.front().size();
    events_.pop_front();
  }
}

Ring::Missed Ring::after(std::uint64_t number) const {
  Missed missed;
  const std::uint64_t wanted = last_ - std::min(number, last_);
  const std::uint64_t kept = std::min<std::uint64_t>(wanted, events_.size());
  missed.lost = wanted - kept;
  missed.events.assign(events_.end() - static_cast<std::ptrdiff_t>(kept), events_.end());
  return missed;
}

}  // namespace weir::events
