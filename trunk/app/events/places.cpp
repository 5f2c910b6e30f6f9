#include "app/events/places.h"

#include <algorithm>
#include <utility>

namespace weir::events {

std::unique_ptr<Places::Place> Places::take(const std::string& address, Limits limits, std::function<void()> make_room,
                                            bool& displaced) {
  displaced = false;
  std::function<void()> tell;
  std::unique_ptr<Place> place;
  {
    const std::scoped_lock lock(mutex_);
    const auto own = by_address_.find(address);
    const std::size_t mine = own == by_address_.end() ? 0 : own->second.size();
    if (mine >= limits.of_address) return nullptr;
    if (taken_ == limits.all && taken_ > 0) {
      // There are as many addresses as places at most, and that is as many as an operator allows.
      const auto most = std::ranges::max_element(by_address_, {}, [](const auto& one) { return one.second.size(); });
      if (most->second.size() <= mine + 1) return nullptr;
      Place& oldest = *most->second.front();
      tell = std::move(oldest.make_room_);
      give_up(oldest);
      displaced = true;
    }
    if (taken_ >= limits.all) return nullptr;
    place.reset(new Place(*this, address, std::move(make_room)));
    auto& places = by_address_[address];
    place->at_ = places.insert(places.end(), place.get());
    ++taken_;
  }
  if (tell) tell();
  return place;
}

void Places::give_up(Place& place) {
  const auto found = by_address_.find(place.address_);
  found->second.erase(place.at_);
  if (found->second.empty()) by_address_.erase(found);
  place.given_up_ = true;
  --taken_;
}

void Places::leave(Place& place) {
  const std::scoped_lock lock(mutex_);
  if (!place.given_up_) give_up(place);
}

std::uint32_t Places::taken() const {
  const std::scoped_lock lock(mutex_);
  return taken_;
}

}  // namespace weir::events
