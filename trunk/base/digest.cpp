#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace weir::base {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Over `first`, which may be empty, and then the parts.
template <class Digest>
Digest digest(const EVP_MD* kind, Bytes first, std::initializer_list<Bytes> parts) {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  Digest out{};
  bool ok = context && EVP_DigestInit_ex(context.get(), kind, nullptr) == 1 &&
            EVP_DigestUpdate(context.get(), first.data(), first.size()) == 1;
  for (const Bytes part : parts) ok = ok && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  ok = ok && EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1;
  if (!ok) throw std::runtime_error("OpenSSL could not compute a digest");
  return out;
}

template <class Digest>
Digest hmac(const EVP_MD* kind, Bytes key, std::initializer_list<Bytes> parts) {
  constexpr std::size_t block_size = 64;  // of SHA-1 and of SHA-256
  Digest short_key{};
  if (key.size() > block_size) {
    short_key = digest<Digest>(kind, key, {});
    key = short_key;
  }
  std::array<std::uint8_t, block_size> inner{};
  std::array<std::uint8_t, block_size> outer{};
  for (std::size_t i = 0; i < block_size; ++i) {
    const std::uint8_t byte = i < key.size() ? key[i] : std::uint8_t{0};
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  return digest<Digest>(kind, outer, {digest<Digest>(kind, inner, parts)});
}

}  // namespace

Sha256 sha256(std::initializer_list<Bytes> parts) { return digest<Sha256>(EVP_sha256(), {}, parts); }
Sha1 sha1(std::initializer_list<Bytes> parts) { return digest<Sha1>(EVP_sha1(), {}, parts); }
Md5 md5(std::initializer_list<Bytes> parts) { return digest<Md5>(EVP_md5(), {}, parts); }

Sha256 hmac_sha256(Bytes key, std::initializer_list<Bytes> parts) { return hmac<Sha256>(EVP_sha256(), key, parts); }
Sha1 hmac_sha1(Bytes key, std::initializer_list<Bytes> parts) { return hmac<Sha1>(EVP_sha1(), key, parts); }

bool equal_secret(Bytes a, Bytes b) { return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

std::string to_hex(Bytes bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) out += {digits[byte >> 4], digits[byte & 15]};
  return out;
}

}  // namespace weir::base
