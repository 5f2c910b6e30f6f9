#include "session/common/upstream/reach.h"

#include <initializer_list>

#include "config/endpoint.h"
#include "session/common/upstream/error.h"

namespace weir::session::upstream {

namespace {

bool is_in(std::initializer_list<const char*> blocks, const std::string& address) {
  for (const char* block : blocks) {
    const auto range = config::AddressRange::parse(block);
    if (range && range->contains(address)) return true;
  }
  return false;
}

}  // namespace

// RFC 6890 and its register.
Reach reach_of(const std::string& address) {
  if (is_in({"127.0.0.0/8", "::1/128", "0.0.0.0/8", "::/128"}, address)) return Reach::loopback;
  if (is_in({"169.254.0.0/16", "fe80::/10"}, address)) return Reach::link_local;
  if (is_in({"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"}, address)) {
    return Reach::shared;
  }
  return is_in({"0.0.0.0/0", "::/0"}, address) ? Reach::open : Reach::loopback;
}

base::Result<void> may_dial(const Trust& trust, const std::string& address, std::string& why) {
  if (!trust.public_only || reach_of(address) == Reach::open) return {};
  why = "it leads to " + address;
  return Errc::leads_inside;
}

}  // namespace weir::session::upstream
