#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace weir::session::forward {

// Addresses that something is sent to and where nobody tells two streams apart: one at a time has each. A mutex,
// touched when a push begins and ends. Any thread; one for the process.
class Places {
 public:
  // Gives the place back. The Places outlive it.
  class Seat {
   public:
    Seat(Places& all, std::string place) : all_(all), place_(std::move(place)) {}
    ~Seat() {
      const std::lock_guard lock(all_.mutex_);
      all_.taken_.erase(place_);
    }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

   private:
    Places& all_;
    std::string place_;
  };

  // Null: somebody has it.
  std::unique_ptr<Seat> take(std::string place) {
    {
      const std::lock_guard lock(mutex_);
      if (!taken_.insert(place).second) return nullptr;
    }
    return std::make_unique<Seat>(*this, std::move(place));
  }

 private:
  std::mutex mutex_;
  std::set<std::string> taken_;
};

}  // namespace weir::session::forward
