#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "app/auth/error.h"
#include "base/ids.h"
#include "config/access.h"
#include "hub/permit.h"
#include "hub/request.h"

namespace weir::auth {

// How many publish and play, by virtual host, stream and address, against `stream_limits`. Of the whole process: a
// mutex, touched when a session begins and ends, never for a frame. Outlives every Hold that it gave out. Any thread.
class Quotas {
 public:
  // A seat, given back by its destructor; hub::Errc::limit.
  base::Result<std::unique_ptr<hub::Hold>> take(const hub::Request& request, hub::Action action,
                                                const config::StreamLimits& limits);
  std::uint32_t players(const base::StreamKey& key) const;
  std::uint64_t refused() const;

 private:
  struct Seat;
  struct Host {
    std::uint32_t publishers = 0, players = 0;
    std::unordered_map<std::string, std::uint32_t> by_address;
  };
  void give_back(const Seat& seat);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Host> hosts_;
  std::unordered_map<base::StreamKey, std::uint32_t> players_;
  std::uint64_t refused_ = 0;
};

}  // namespace weir::auth
