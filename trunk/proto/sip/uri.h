#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::sip {

// RFC 3261 19.1, as far as devices use it.
struct Uri {
  std::string user;  // may be empty
  std::string host;  // an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::string parameters;  // behind the first ';', as written

  // "sip:user@host:port;parameters".
  std::string text() const;
};

// "sip:34020000001320000001@3402000000", "sips:..."; none if it is no SIP URI.
std::optional<Uri> parse_uri(std::string_view text);

// From, To, Contact, Route: RFC 3261 20.10. A URI in pointed brackets, or bare: then parameters are the header's.
struct NameAddress {
  Uri uri;
  std::string tag;
  std::optional<std::uint32_t> expires;  // seconds
};
std::optional<NameAddress> parse_name_address(std::string_view text);

// The value of a parameter in ";name=value;flag": without quotes; empty for a flag. None if it is not there.
std::optional<std::string_view> find_parameter(std::string_view parameters, std::string_view name);

// The first of several values that commas separate, outside quotes and pointed brackets.
std::string_view first_value(std::string_view text);

// "192.0.2.1:5060", "[2001:db8::1]:5060"; without a port if that is 0.
std::string host_port(std::string_view host, std::uint16_t port);

}  // namespace weir::sip
