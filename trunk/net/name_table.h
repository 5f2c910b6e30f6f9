#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "net/udp_address.h"

namespace weir::net {

// What is known of host names, for names that strangers choose: few are kept, and one is looked up at a time. No clock
// and no network: the time is given, and what to look up is told.
class NameTable {
 public:
  using Addresses = std::vector<UdpAddress>;  // with port 0; empty: the name has none
  using Time = std::chrono::steady_clock::time_point;

  // None: not known yet. Addresses are told beyond their time while they are looked up anew, so that a name which
  // was good is not lost behind another's slow one. Until the next call.
  const Addresses* find(const std::string& host, Time now);
  // The name that find() wants looked up; settle() tells what came of it. None before that, and soon after another.
  std::optional<std::string> next(Time now);
  void settle(Addresses found, Time now);

  static constexpr std::size_t most_names = 16;
  static constexpr std::chrono::milliseconds between{100};  // two look-ups
  static constexpr std::chrono::seconds fresh{60};          // an answer, also that there are none
  static constexpr std::chrono::seconds longest{3600};      // what may be told though it was not confirmed

 private:
  struct Entry {
    std::string host;
    Addresses addresses;
    Time known_at{}, ask_at{}, used_at{};
  };
  Entry* entry_of(const std::string& host);
  void want(const std::string& host);
  void make_room();

  std::vector<Entry> entries_;
  std::string host_;  // wanted or being looked up
  Time next_at_{};
  bool wanted_ = false, asking_ = false;
};

}  // namespace weir::net
