#include "session/hls/shelf.h"

#include "net/worker.h"

namespace weir::session::hls {

Waiter::Waiter(net::Worker& worker, std::chrono::milliseconds limit)
    : wake_(worker.io()), timer_([this] {
        over_ = true;
        wake_.notify();
      }) {
  worker.wheel().arm(timer_, limit);
}

net::Task<bool> Waiter::wait() {
  const auto woken = co_await wake_.wait();
  co_return woken && !over_;
}

void Shelf::apply(const Update& update) {
  for (const std::string& place : update.removed) items_.erase(place);
  const auto found = listings_.find(update.place);
  const auto listing =
      found != listings_.end() ? found->second.place : std::make_shared<const std::string>(update.place);
  for (const ItemRef& item : update.added) items_.insert_or_assign(item->place, Found{item, listing});
  if (!update.listing && !update.gone) return;
  if (found != listings_.end()) {
    hints_.erase(found->second.listing->hint);
    for (const Growing& one : found->second.listing->growing) hints_.erase(one.place);
  }
  if (update.gone) {
    if (found == listings_.end()) return;
    for (Waiter& waiter : *found->second.waiters) waiter.wake_.notify();
    listings_.erase(found);
    return;
  }
  Entry& entry = found != listings_.end() ? found->second : listings_[update.place];
  entry.listing = update.listing;
  entry.place = listing;
  if (!update.listing->hint.empty()) hints_[update.listing->hint] = update.place;
  for (const Growing& one : update.listing->growing) hints_[one.place] = update.place;
  for (Waiter& waiter : *entry.waiters) waiter.wake_.notify();
}

Shelf::Found Shelf::find(std::string_view place) const {
  const auto found = items_.find(place);
  return found == items_.end() ? Found{} : found->second;
}

ListingRef Shelf::listing(std::string_view place) const {
  const auto found = listings_.find(place);
  return found == listings_.end() ? nullptr : found->second.listing;
}

ListingRef Shelf::hinted(std::string_view place) const {
  const auto found = hints_.find(place);
  return found == hints_.end() ? nullptr : listing(found->second);
}

bool Shelf::await(std::string_view place, Waiter& waiter) {
  const auto found = listings_.find(place);
  if (found == listings_.end()) return false;
  found->second.waiters->push_back(waiter);
  return true;
}

}  // namespace weir::session::hls
