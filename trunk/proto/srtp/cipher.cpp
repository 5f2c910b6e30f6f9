#include "proto/srtp/cipher.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <stdexcept>

namespace weir::srtp {

using base::Bytes;
using base::MutableBytes;

namespace {

// RFC 3711 4.3.2; those of RTCP are three more.
constexpr std::uint8_t label_encryption = 0, label_authentication = 1, label_salt = 2, rtcp_labels = 3;

// What OpenSSL refuses here is a fault of ours or memory: keys and lengths are checked before.
void require(bool ok) {
  if (!ok) throw std::runtime_error("OpenSSL could not encrypt or authenticate an SRTP packet");
}

int length_of(Bytes bytes) { return static_cast<int>(bytes.size()); }

}  // namespace

const char* name_of(Profile profile) {
  switch (profile) {
    case Profile::aes128_cm_sha1_80:
      return "SRTP_AES128_CM_SHA1_80";
    case Profile::aead_aes_128_gcm:
      return "SRTP_AEAD_AES_128_GCM";
    case Profile::aead_aes_256_gcm:
      return "SRTP_AEAD_AES_256_GCM";
  }
  return "unknown";
}

Algorithms::Algorithms()
    : gcm_128_(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr)),
      gcm_256_(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)),
      counter_128_(EVP_CIPHER_fetch(nullptr, "AES-128-CTR", nullptr)),
      counter_256_(EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr)),
      hmac_(EVP_MAC_fetch(nullptr, "HMAC", nullptr)) {
  require(gcm_128_ && gcm_256_ && counter_128_ && counter_256_ && hmac_);
}

Algorithms::~Algorithms() {
  EVP_CIPHER_free(gcm_128_);
  EVP_CIPHER_free(gcm_256_);
  EVP_CIPHER_free(counter_128_);
  EVP_CIPHER_free(counter_256_);
  EVP_MAC_free(hmac_);
}

void derive(const Algorithms& algorithms, Bytes master_key, Bytes master_salt, std::uint8_t label, MutableBytes out) {
  // A salt of 96 bits stands before 16 zero bits (RFC 7714 11).
  std::array<std::uint8_t, 16> counter{};
  std::copy(master_salt.begin(), master_salt.end(), counter.begin());
  counter[7] ^= label;
  std::fill(out.begin(), out.end(), std::uint8_t{0});
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                &EVP_CIPHER_CTX_free);
  int size = 0;
  require(context &&
          EVP_EncryptInit_ex2(context.get(), algorithms.counter(master_key.size()), master_key.data(), counter.data(),
                              nullptr) == 1 &&
          EVP_EncryptUpdate(context.get(), out.data(), &size, out.data(), length_of(out)) == 1);
}

Cipher::Cipher(const Algorithms& algorithms, Profile profile, Bytes master_key, Bytes master_salt, bool rtcp)
    : aead_(is_aead(profile)), context_(EVP_CIPHER_CTX_new()) {
  require(context_ != nullptr);
  const std::uint8_t base = rtcp ? rtcp_labels : 0;
  std::array<std::uint8_t, 32> key;
  const MutableBytes session_key = MutableBytes(key).first(key_bytes(profile));
  derive(algorithms, master_key, master_salt, base + label_encryption, session_key);
  derive(algorithms, master_key, master_salt, base + label_salt, MutableBytes(salt_).first(salt_bytes(profile)));
  const EVP_CIPHER* const cipher = aead_ ? algorithms.gcm(session_key.size()) : algorithms.counter(session_key.size());
  require(EVP_CipherInit_ex2(context_, cipher, session_key.data(), nullptr, 1, nullptr) == 1);
  if (aead_) return;
  std::array<std::uint8_t, 20> mac_key;
  derive(algorithms, master_key, master_salt, base + label_authentication, mac_key);
  mac_ = EVP_MAC_CTX_new(algorithms.hmac());
  char digest[] = "SHA1";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  require(mac_ && EVP_MAC_init(mac_, mac_key.data(), mac_key.size(), parameters) == 1);
}

Cipher::~Cipher() {
  EVP_CIPHER_CTX_free(context_);
  EVP_MAC_CTX_free(mac_);
}

std::array<std::uint8_t, 16> Cipher::vector_of(std::uint32_t ssrc, std::uint64_t index) const {
  std::array<std::uint8_t, 16> vector{};
  std::copy(salt_.begin(), salt_.end(), vector.begin());
  const auto mix = [&](std::size_t at, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) vector[at + i] ^= static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
  };
  if (!aead_) {  // RFC 3711 4.1.1; of RTCP the same with its index
    mix(4, ssrc, 4);
    mix(8, index, 6);
    return vector;
  }
  mix(2, ssrc, 4);  // RFC 7714 8.1 and 9.1: both indices end at byte 12
  mix(6, index, 6);
  return vector;
}

void Cipher::crypt(std::uint32_t ssrc, std::uint64_t index, MutableBytes payload) {
  const auto vector = vector_of(ssrc, index);
  int size = 0;
  require(EVP_CipherInit_ex2(context_, nullptr, nullptr, vector.data(), 1, nullptr) == 1 &&
          EVP_CipherUpdate(context_, payload.data(), &size, payload.data(), length_of(payload)) == 1);
}

std::array<std::uint8_t, 20> Cipher::authenticate(Bytes first, Bytes second) {
  std::array<std::uint8_t, 20> tag;
  std::size_t size = 0;
  require(EVP_MAC_init(mac_, nullptr, 0, nullptr) == 1 && EVP_MAC_update(mac_, first.data(), first.size()) == 1 &&
          EVP_MAC_update(mac_, second.data(), second.size()) == 1 &&
          EVP_MAC_final(mac_, tag.data(), &size, tag.size()) == 1);
  return tag;
}

void Cipher::seal(std::uint32_t ssrc, std::uint64_t index, Bytes associated, MutableBytes payload, MutableBytes tag) {
  const auto vector = vector_of(ssrc, index);
  int size = 0;
  require(EVP_CipherInit_ex2(context_, nullptr, nullptr, vector.data(), 1, nullptr) == 1 &&
          EVP_CipherUpdate(context_, nullptr, &size, associated.data(), length_of(associated)) == 1 &&
          EVP_CipherUpdate(context_, payload.data(), &size, payload.data(), length_of(payload)) == 1 &&
          EVP_CipherFinal_ex(context_, payload.data() + payload.size(), &size) == 1 &&
          EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, length_of(tag), tag.data()) == 1);
}

bool Cipher::open(std::uint32_t ssrc, std::uint64_t index, Bytes associated, MutableBytes payload, Bytes tag) {
  const auto vector = vector_of(ssrc, index);
  int size = 0;
  require(EVP_CipherInit_ex2(context_, nullptr, nullptr, vector.data(), 0, nullptr) == 1 &&
          EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, length_of(tag), const_cast<std::uint8_t*>(tag.data())) ==
              1 &&
          EVP_CipherUpdate(context_, nullptr, &size, associated.data(), length_of(associated)) == 1 &&
          EVP_CipherUpdate(context_, payload.data(), &size, payload.data(), length_of(payload)) == 1);
  return EVP_CipherFinal_ex(context_, payload.data() + payload.size(), &size) == 1;
}

}  // namespace weir::srtp
