#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/http/request.h"

namespace weir::http {

// Where a request comes from, as far as a browser says. A page of another site can make the browser of whoever looks at
// it send requests into the network that he is in; it cannot write these headers.
enum class Site : std::uint8_t {
  direct,   // no browser
  own,      // a page of this server, of a port of its own, or of an origin that is allowed; or the user himself
  silent,   // a browser that does not say: over plain HTTP many only name the page if its site lets them
  foreign,  // a page of another site
};

struct OwnOrigins {
  std::span<const std::string> listed;     // "https://example.org"; "*": every one
  std::span<const std::uint16_t> ports{};  // of this server: pages of the same host there are its own
  bool host_is_known = true;               // false: the name that was asked for proves nothing (DNS rebinding)
};

// By Sec-Fetch-Site (W3C Fetch Metadata 2.4), else Origin, else Referer.
Site site_of(const Request& request, const OwnOrigins& own);
bool is_listed(std::string_view origin, std::span<const std::string> listed);

// Whether something of the request shows that a browser made it. Pages can change some of these headers, but remove
// none of them.
bool is_of_browser(const Request& request);

// Whether no stranger can make this name mean the server's address: an address itself, a name without a dot, or below a
// top level that public name servers do not answer for (RFC 6761, 6762, 8375). Empty as well: no browser leaves it out.
bool is_local_name(std::string_view host);

}  // namespace weir::http
