#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace weir::session::hls {

using KeyBytes = std::array<std::uint8_t, 16>;

// AES-128 in CBC mode with the padding of PKCS #7: a whole segment (RFC 8216bis 4.4.4.4).
base::SharedBytes encrypt(base::Bytes content, const KeyBytes& key, const KeyBytes& vector);

}  // namespace weir::session::hls
