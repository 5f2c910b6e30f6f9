#include "session/pull/decrypt.h"

#include <openssl/evp.h>

#include <algorithm>

namespace weir::session::pull {

namespace {

constexpr std::size_t block_bytes = 16;

std::uint8_t digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  return static_cast<std::uint8_t>((c | 0x20) - 'a' + 10);
}

}  // namespace

Key128 vector_of(const std::string& hex, std::uint64_t sequence) {
  Key128 vector{};
  if (hex.size() == 2 * vector.size()) {
    for (std::size_t i = 0; i < vector.size(); ++i) {
      vector[i] = static_cast<std::uint8_t>(digit_of(hex[2 * i]) << 4U | digit_of(hex[2 * i + 1]));
    }
    return vector;
  }
  for (std::size_t i = 0; i < sizeof sequence; ++i) {
    vector[vector.size() - 1 - i] = static_cast<std::uint8_t>(sequence >> (8 * i));
  }
  return vector;
}

Decryptor::Decryptor(const Key128& key, const Key128& vector) : context_(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free) {
  if (context_ && EVP_DecryptInit_ex(context_.get(), EVP_aes_128_cbc(), nullptr, key.data(), vector.data()) != 1) {
    context_.reset();
  }
}

bool Decryptor::update(base::Bytes in, base::Buffer& out) {
  if (!context_) return false;
  const std::size_t before = out.size();
  out.resize(before + in.size() + block_bytes);
  int count = 0;
  const int done =
      EVP_DecryptUpdate(context_.get(), out.data() + before, &count, in.data(), static_cast<int>(in.size()));
  out.resize(before + static_cast<std::size_t>(std::max(count, 0)));
  return done == 1;
}

bool Decryptor::finish(base::Buffer& out) {
  if (!context_) return false;
  const std::size_t before = out.size();
  out.resize(before + block_bytes);
  int count = 0;
  const int done = EVP_DecryptFinal_ex(context_.get(), out.data() + before, &count);
  out.resize(before + static_cast<std::size_t>(std::max(count, 0)));
  return done == 1;
}

}  // namespace weir::session::pull
