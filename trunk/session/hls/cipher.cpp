#include "session/hls/cipher.h"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace weir::session::hls {

base::SharedBytes encrypt(base::Bytes content, const KeyBytes& key, const KeyBytes& vector) {
  const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  const base::Block block = base::Block::allocate(content.size() + key.size());
  int size = 0, rest = 0;
  if (!context || EVP_EncryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, key.data(), vector.data()) != 1 ||
      EVP_EncryptUpdate(context.get(), block.data(), &size, content.data(), static_cast<int>(content.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), block.data() + size, &rest) != 1) {
    throw std::runtime_error("OpenSSL refuses to encrypt");
  }
  return {block, block.data(), static_cast<std::size_t>(size + rest)};
}

}  // namespace weir::session::hls
