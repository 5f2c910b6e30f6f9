#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "net/http/headers.h"

namespace weir::http {

// Whose request it is.
struct Client {
  std::string address;  // numeric; unknown_address where a proxy says nothing that can be read
  // False if the address may be another's: a proxy whom nobody trusts stands between, or what is trusted contradicts
  // itself. Such a client is never taken for one of a private network.
  bool known = true;
};
inline constexpr std::string_view unknown_address = "unknown";  // the word of RFC 7239 6.2

// Which header a trusted proxy writes.
enum class ForwardedBy : std::uint8_t { either, x_forwarded_for, forwarded, x_real_ip };
using TrustsProxy = std::function<bool(std::string_view address)>;

// `either`: X-Forwarded-For, without it Forwarded (RFC 7239); where both are there and do not agree, the first is for
// limits and the log, but the client is not known.
Client client_of(const Headers& headers, const std::string& peer, const TrustsProxy& trusts, ForwardedBy by);

}  // namespace weir::http
