#pragma once

#include <string>
#include <unordered_map>

#include "base/address.h"
#include "base/allowance.h"

namespace weir::session::gb28181 {

// How many requests are heard of addresses from which no device has registered: so many of one, and so many of all.
// Others are dropped without an answer; a device sends again.
class SourceLimits {
 public:
  static constexpr double burst = 400, per_second = 100;  // of one address: a site behind one NAT returns
  static constexpr double burst_of_all = 4'000, per_second_of_all = 2'000;
  static constexpr std::size_t most_addresses = 10'000;

  bool take(const std::string& address, base::Instant now) {
    if (addresses_.size() >= most_addresses) addresses_.clear();  // what all may send still holds
    const auto one = addresses_.try_emplace(base::address_block(address), burst, per_second).first;
    return one->second.take(now) && all_.take(now);
  }

 private:
  std::unordered_map<std::string, base::Allowance> addresses_;
  base::Allowance all_{burst_of_all, per_second_of_all};
};

}  // namespace weir::session::gb28181
