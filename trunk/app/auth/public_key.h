#pragma once

#include <memory>
#include <string_view>

#include "app/auth/error.h"
#include "base/result.h"

struct evp_pkey_st;

namespace weir::auth {

// A public key that tokens are signed for. Immutable; copies share it. Any worker.
class PublicKey {
 public:
  enum class Kind : std::uint8_t { rsa, p256, ed25519 };

  // Errc::no_key: it cannot be read, is of another kind, or is weaker than RFC 7518 3.3 allows (RSA of 2048 bits).
  static base::Result<PublicKey> from_pem(std::string_view pem);
  // Big-endian numbers: of RFC 7518 6.3.1 (at most 8192 bits), 6.2.1 (32 bytes each), RFC 8037 2 (32 bytes).
  static base::Result<PublicKey> from_rsa(std::string_view modulus, std::string_view exponent);
  static base::Result<PublicKey> from_p256(std::string_view x, std::string_view y);
  static base::Result<PublicKey> from_ed25519(std::string_view x);

  Kind kind() const { return kind_; }
  // Whether it is the kind of key that an algorithm of RFC 7518 3.1 or RFC 8037 3.1 wants: RS256, PS256, PS384, PS512,
  // ES256, EdDSA. What is none of these fits no key.
  bool fits(std::string_view algorithm) const;
  // Errc::bad_algorithm: it does not fit; Errc::bad_signature.
  base::Result<void> check(std::string_view algorithm, std::string_view text, std::string_view signature) const;

 private:
  PublicKey(std::shared_ptr<evp_pkey_st> key, Kind kind) : key_(std::move(key)), kind_(kind) {}
  static base::Result<PublicKey> make(evp_pkey_st* key);

  std::shared_ptr<evp_pkey_st> key_;
  Kind kind_;
};

}  // namespace weir::auth
