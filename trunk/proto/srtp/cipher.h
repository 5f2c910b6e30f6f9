#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "proto/srtp/error.h"

struct evp_cipher_st;
struct evp_cipher_ctx_st;
struct evp_mac_st;
struct evp_mac_ctx_st;

namespace weir::srtp {

// DTLS-SRTP protection profiles (RFC 5764 4.1.2, RFC 7714 14.2) with their numbers on the wire.
enum class Profile : std::uint16_t {
  aes128_cm_sha1_80 = 0x0001,
  aead_aes_128_gcm = 0x0007,
  aead_aes_256_gcm = 0x0008,
};
constexpr bool is_aead(Profile profile) { return profile != Profile::aes128_cm_sha1_80; }
constexpr std::size_t key_bytes(Profile profile) { return profile == Profile::aead_aes_256_gcm ? 32 : 16; }
constexpr std::size_t salt_bytes(Profile profile) { return is_aead(profile) ? 12 : 14; }
constexpr std::size_t tag_bytes(Profile profile) { return is_aead(profile) ? 16 : 10; }
const char* name_of(Profile profile);

// OpenSSL's implementations, looked up once (by name that costs more than encrypting a packet). Immutable; shared by
// all sessions of a process.
class Algorithms {
 public:
  Algorithms();
  ~Algorithms();
  Algorithms(const Algorithms&) = delete;
  Algorithms& operator=(const Algorithms&) = delete;

  const evp_cipher_st* gcm(std::size_t key_size) const { return key_size == 32 ? gcm_256_ : gcm_128_; }
  const evp_cipher_st* counter(std::size_t key_size) const { return key_size == 32 ? counter_256_ : counter_128_; }
  evp_mac_st* hmac() const { return hmac_; }

 private:
  evp_cipher_st *gcm_128_, *gcm_256_, *counter_128_, *counter_256_;
  evp_mac_st* hmac_;
};

// The session keys of one direction of RTP or of RTCP, and what is done with them in place. Not thread-safe.
class Cipher {
 public:
  // Session keys by RFC 3711 4.3.1 with a key derivation rate of 0 (RFC 7714 11 for AEAD). `master_key` and
  // `master_salt` are as long as the profile says.
  Cipher(const Algorithms& algorithms, Profile profile, base::Bytes master_key, base::Bytes master_salt, bool rtcp);
  ~Cipher();
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;

  // The 48-bit packet index of RTP, or the 31-bit index of RTCP.
  void seal(std::uint32_t ssrc, std::uint64_t index, base::Bytes associated, base::MutableBytes payload,
            base::MutableBytes tag);
  // False if the tag is another; the payload is undefined then (AEAD).
  bool open(std::uint32_t ssrc, std::uint64_t index, base::Bytes associated, base::MutableBytes payload,
            base::Bytes tag);
  // AES-CM: encryption is its own inverse, and authentication runs apart over the parts.
  void crypt(std::uint32_t ssrc, std::uint64_t index, base::MutableBytes payload);
  std::array<std::uint8_t, 20> authenticate(base::Bytes first, base::Bytes second);

 private:
  std::array<std::uint8_t, 16> vector_of(std::uint32_t ssrc, std::uint64_t index) const;

  // given
  const bool aead_;

  // owned
  evp_cipher_ctx_st* context_;
  evp_mac_ctx_st* mac_ = nullptr;
  std::array<std::uint8_t, 14> salt_{};
};

// RFC 3711 4.3.1 and 4.3.3: `out` bytes of the keystream of AES-CM under the master key for that label.
void derive(const Algorithms& algorithms, base::Bytes master_key, base::Bytes master_salt, std::uint8_t label,
            base::MutableBytes out);

}  // namespace weir::srtp
