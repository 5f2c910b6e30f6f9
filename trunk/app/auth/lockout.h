#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

namespace weir::auth {

// Wrong passwords, by address: after some each answer is held back for longer, after more none is looked at for a while
// that doubles each time. An address that falls silent is forgotten; the table is bounded, and whoever tried longest
// ago leaves it first. Of the whole process: a mutex, touched only where a password was given. Any thread.
class Lockout {
 public:
  using Clock = std::chrono::steady_clock;
  using Millis = std::chrono::milliseconds;
  static constexpr std::size_t most_addresses = 4096;
  static constexpr unsigned free_tries = 5;  // answered at once
  static constexpr unsigned tries = 10;      // then the address is locked out
  static constexpr Millis first_delay{100}, longest_delay{2000};
  static constexpr Millis first_lock{30'000}, longest_lock{15 * 60'000};
  static constexpr Millis memory{30 * 60'000};  // of an address, since its last try

  // How long no password of that address is looked at; 0: it is.
  Millis locked_for(const std::string& address, Clock::time_point now);
  struct Penalty {
    Millis delay{0};   // before the answer
    Millis locked{0};  // from now on
  };
  Penalty wrong(const std::string& address, Clock::time_point now);
  void right(const std::string& address);

  std::size_t size() const;
  std::uint64_t wrong_count() const { return wrong_.load(std::memory_order_relaxed); }
  std::uint64_t locked_count() const { return locked_.load(std::memory_order_relaxed); }  // tries that met a lock

 private:
  struct Entry {
    std::string address;
    unsigned tries = 0;
    unsigned locks = 0;
    Clock::time_point last{}, locked_until{};
  };
  void forget_old(Clock::time_point now);

  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // whoever tried last comes first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_address_;
  std::atomic<std::uint64_t> wrong_{0}, locked_{0};
};

}  // namespace weir::auth
