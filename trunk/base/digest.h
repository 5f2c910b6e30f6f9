#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace weir::base {

using Sha256 = std::array<std::uint8_t, 32>;
using Sha1 = std::array<std::uint8_t, 20>;
using Md5 = std::array<std::uint8_t, 16>;

// Over the parts one behind the other.
Sha256 sha256(std::initializer_list<Bytes> parts);
Sha256 hmac_sha256(Bytes key, std::initializer_list<Bytes> parts);  // RFC 2104
Sha1 hmac_sha1(Bytes key, std::initializer_list<Bytes> parts);
Sha1 sha1(std::initializer_list<Bytes> parts);
Md5 md5(std::initializer_list<Bytes> parts);

// Compares in a time that does not depend on where they differ.
bool equal_secret(Bytes a, Bytes b);

std::string to_hex(Bytes bytes);  // lower case

}  // namespace weir::base
