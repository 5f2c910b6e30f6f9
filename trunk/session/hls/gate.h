#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace weir::session::hls {

// How many sessions of HLS and DASH there are, in all and by address, and how fast an address begins new ones. A
// session costs its client a single request, so it is counted in all once it has proven itself: by a segment that was
// sent to it. Of the whole process: a mutex, touched when a session begins, is proven and ends. Outlives its seats. Any
// thread.
class Gate {
 public:
  using Clock = std::chrono::steady_clock;
  struct Limits {
    std::uint32_t proven = 0;       // in all
    std::uint32_t per_address = 0;  // proven or not, and as many may begin at once; a tenth of it each second. 0: none
  };
  enum class Answer : std::uint8_t { welcome, full, address_full, too_fast };

  // A session's place; given back by its destructor.
  class Seat {
   public:
    Seat(Gate& gate, std::string neighbourhood) : gate_(gate), neighbourhood_(std::move(neighbourhood)) {}
    Seat(const Seat&) = delete;
    ~Seat() { gate_.leave(neighbourhood_, proven_); }
    void prove();
    bool proven() const { return proven_; }
    const std::string& neighbourhood() const { return neighbourhood_; }

   private:
    Gate& gate_;
    std::string neighbourhood_;
    bool proven_ = false;
  };
  Answer enter(const std::string& address, const Limits& limits, Clock::time_point now, std::unique_ptr<Seat>& seat);

  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  std::uint64_t displaced() const { return displaced_.load(std::memory_order_relaxed); }
  void count_displaced() { displaced_.fetch_add(1, std::memory_order_relaxed); }
  // Addresses that are remembered.
  std::size_t addresses() const;

 private:
  struct Address {
    std::uint32_t sessions = 0;
    double allowance = 0;  // sessions that may begin now
    Clock::time_point refilled{};
  };
  void leave(const std::string& neighbourhood, bool proven);
  void forget_some(Clock::time_point now);

  mutable std::mutex mutex_;
  std::uint32_t proven_ = 0;
  std::unordered_map<std::string, Address> addresses_;
  std::deque<std::string> leaving_;  // addresses without a session, the longest gone first
  std::atomic<std::uint64_t> refused_{0}, displaced_{0};
};

// What is one client to the limits: an IPv4 address, and of IPv6 the 64 bits that one subscriber is given (RFC 6177).
std::string neighbourhood_of(const std::string& address);

}  // namespace weir::session::hls
