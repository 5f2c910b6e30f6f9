#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace weir::events {

// The places of those who listen, shared out by address, so that no address takes them all: when none is left, one who
// comes from an address with fewer gets that of the address with the most. Of the whole process; a mutex, touched when
// somebody comes or goes. Any thread. Outlives its places.
class Places {
 public:
  struct Limits {
    std::uint32_t all = 0, of_address = 0;
  };
  class Place {
   public:
    ~Place() { places_.leave(*this); }
    Place(const Place&) = delete;

   private:
    friend class Places;
    Place(Places& places, std::string address, std::function<void()> make_room)
        : places_(places), address_(std::move(address)), make_room_(std::move(make_room)) {}
    Places& places_;
    std::string address_;
    std::function<void()> make_room_;
    std::list<Place*>::iterator at_;
    bool given_up_ = false;  // it went to another
  };

  // Null if there is none. `make_room` tells its holder to go, and returns at once; it is called at most once, on the
  // thread of whoever comes, while the place may be given back on another. `displaced` says whether somebody was told.
  std::unique_ptr<Place> take(const std::string& address, Limits limits, std::function<void()> make_room,
                              bool& displaced);
  std::uint32_t taken() const;

 private:
  void leave(Place& place);
  void give_up(Place& place);

  mutable std::mutex mutex_;
  std::uint32_t taken_ = 0;
  std::unordered_map<std::string, std::list<Place*>> by_address_;  // the oldest first
};

}  // namespace weir::events
