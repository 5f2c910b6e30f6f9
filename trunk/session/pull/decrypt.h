#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"

struct evp_cipher_ctx_st;

namespace weir::session::pull {

using Key128 = std::array<std::uint8_t, 16>;

// The vector of a segment: what the playlist says, 32 hexadecimal digits, or its number (RFC 8216 5.2).
Key128 vector_of(const std::string& hex, std::uint64_t sequence);

// AES-128 in CBC mode with the padding of PKCS #7, piece by piece: a whole segment (RFC 8216 4.3.2.4).
class Decryptor {
 public:
  Decryptor(const Key128& key, const Key128& vector);
  // Appends what is known by now: up to a block less, or more, than came. False: OpenSSL refuses.
  bool update(base::Bytes in, base::Buffer& out);
  // False: the padding is wrong, as with another key.
  bool finish(base::Buffer& out);

 private:
  std::unique_ptr<evp_cipher_ctx_st, void (*)(evp_cipher_ctx_st*)> context_;
};

}  // namespace weir::session::pull
