#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "session/common/upstream/tls_clients.h"

namespace weir::session::upstream {

// Where an address lies, as seen from this machine.
enum class Reach : std::uint8_t { open, shared, link_local, loopback };
// Of a numeric IP address. What is none, and what is nobody's, is told as loopback: it leads nowhere else.
Reach reach_of(const std::string& address);

// Whether an address may be gone to that another server chose, as a playlist does. A server out in the open leads us
// into no network of ours; one of our own may name its neighbours, and whoever we reach as ourselves any but the
// machine's services that are only there for itself (169.254.0.0/16).
constexpr bool may_lead(Reach configured, Reach chosen) {
  if (chosen == Reach::open || chosen == configured) return true;
  return configured == Reach::loopback && chosen == Reach::shared;
}

// Whether anything may be said to that address. Errc::leads_inside, and `why` says which it is.
base::Result<void> may_dial(const Trust& trust, const std::string& address, std::string& why);

}  // namespace weir::session::upstream
