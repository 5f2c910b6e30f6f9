#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::base {

// A numeric address in its one spelling: "192.0.2.1", "2001:db8::1"; an IPv4 address that is written as IPv6
// (::ffff:a.b.c.d) becomes the IPv4 address. Nothing for all else: names, zones ("fe80::1%eth0"), ports, brackets,
// blanks, and numbers in hexadecimal or octal, which some programs take for addresses.
std::optional<std::string> numeric_address(std::string_view text);

// What one party holds and can choose from: an IPv4 address, or the first 64 bits of an IPv6 one. For limits by
// address.
std::string address_block(std::string_view address);

}  // namespace weir::base
