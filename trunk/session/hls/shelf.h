#pragma once

#include <boost/intrusive/list.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/notifier.h"
#include "net/timer_wheel.h"
#include "session/hls/page.h"

namespace weir::net {
class Worker;
}

namespace weir::session::hls {

// A request that waits for a listing to grow. Owned by its handler's coroutine; woken when the listing changed or is
// gone, when the time is over, or when its session is stopped.
class Waiter : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Waiter(net::Worker& worker, std::chrono::milliseconds limit);
  // False when the time is over or the session was stopped.
  net::Task<bool> wait();

 private:
  friend class Shelf;
  net::Notifier wake_;
  bool over_ = false;
  net::TimerWheel::Timer timer_;
};

// Everything that one worker can answer for: the listings and items of all streams, wherever they are made. Filled by
// messages of the streams' homes with what is immutable, so no worker waits for another. Lives on its worker.
class Shelf {
 public:
  void apply(const Update& update);

  // A file and the place of the listing that it belongs to.
  struct Found {
    ItemRef item;  // null: there is none
    std::shared_ptr<const std::string> listing;
  };
  Found find(std::string_view place) const;
  ItemRef item(std::string_view place) const { return find(place).item; }
  ListingRef listing(std::string_view place) const;
  // The listing whose next part, or growing segment, has that place.
  ListingRef hinted(std::string_view place) const;
  // False if there is no such listing.
  bool await(std::string_view place, Waiter& waiter);

  std::size_t item_count() const { return items_.size(); }

 private:
  using Waiters = boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>>;
  struct Entry {
    ListingRef listing;
    std::shared_ptr<const std::string> place;
    std::unique_ptr<Waiters> waiters = std::make_unique<Waiters>();
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  template <class T>
  using Map = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  Map<Found> items_;
  Map<Entry> listings_;
  Map<std::string> hints_;  // place of a part that will come, or is coming -> place of its listing
};

}  // namespace weir::session::hls
