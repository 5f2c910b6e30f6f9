#include "app/auth/public_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <string>

namespace weir::auth {

using base::Result;

namespace {

constexpr int fewest_rsa_bits = 2048;  // RFC 7518 3.3
constexpr int most_rsa_bits = 8192;    // each check of a signature takes the longer, the longer the key is
constexpr std::size_t coordinate_bytes = 32;
constexpr std::size_t most_exponent_bytes = 8;

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* object) const { release(object); }
};
template <class T, void (*release)(T*)>
using Owned = std::unique_ptr<T, Release<T, release>>;
using Number = Owned<BIGNUM, BN_free>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Number number_of(std::string_view big_endian) {
  return Number(BN_bin2bn(bytes_of(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

// A key of that type with those parameters; null if they make none.
EVP_PKEY* build(const char* type, OSSL_PARAM_BLD* builder) {
  const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder));
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) return nullptr;
  return key;
}

// RFC 7518 3.4: R and S, 32 bytes each; OpenSSL wants them in DER.
std::string der_of(std::string_view signature) {
  if (signature.size() != 2 * coordinate_bytes) return {};
  Number r = number_of(signature.substr(0, coordinate_bytes)), s = number_of(signature.substr(coordinate_bytes));
  const Owned<ECDSA_SIG, ECDSA_SIG_free> pair(ECDSA_SIG_new());
  if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  (void)r.release();
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

struct Algorithm {
  std::string_view name;
  PublicKey::Kind kind;
  const EVP_MD* (*digest)();  // null: the algorithm has its own
  bool pss = false;
};

constexpr std::array<Algorithm, 6> algorithms{{{"RS256", PublicKey::Kind::rsa, EVP_sha256},
                                               {"PS256", PublicKey::Kind::rsa, EVP_sha256, true},
                                               {"PS384", PublicKey::Kind::rsa, EVP_sha384, true},
                                               {"PS512", PublicKey::Kind::rsa, EVP_sha512, true},
                                               {"ES256", PublicKey::Kind::p256, EVP_sha256},
                                               {"EdDSA", PublicKey::Kind::ed25519, nullptr}}};

const Algorithm* find(std::string_view name, PublicKey::Kind kind) {
  const auto found = std::find_if(algorithms.begin(), algorithms.end(),
                                  [&](const Algorithm& one) { return one.name == name && one.kind == kind; });
  return found == algorithms.end() ? nullptr : &*found;
}

bool verifies(EVP_PKEY* key, const Algorithm& algorithm, std::string_view text, std::string_view signature) {
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;
  const EVP_MD* const digest = algorithm.digest ? algorithm.digest() : nullptr;
  bool good = context && EVP_DigestVerifyInit(context.get(), &settings, digest, nullptr, key) == 1;
  if (good && algorithm.pss) {  // RFC 7518 3.5: the salt is as long as the digest
    good = EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  good =
      good && EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()) == 1;
  ERR_clear_error();
  return good;
}

bool is_p256(const EVP_PKEY& key) {
  char name[32] = {};
  std::size_t size = 0;
  return EVP_PKEY_get_base_id(&key) == EVP_PKEY_EC && EVP_PKEY_get_group_name(&key, name, sizeof name, &size) == 1 &&
         std::string_view(name, size) == "prime256v1";
}

}  // namespace

// Takes the key over.
Result<PublicKey> PublicKey::make(EVP_PKEY* key) {
  ERR_clear_error();
  if (!key) return Errc::no_key;
  std::shared_ptr<EVP_PKEY> owned(key, EVP_PKEY_free);
  const int id = EVP_PKEY_get_base_id(key), bits = EVP_PKEY_get_bits(key);
  if (id == EVP_PKEY_RSA && bits >= fewest_rsa_bits && bits <= most_rsa_bits) {
    return PublicKey(std::move(owned), Kind::rsa);
  }
  if (is_p256(*key)) return PublicKey(std::move(owned), Kind::p256);
  if (id == EVP_PKEY_ED25519) return PublicKey(std::move(owned), Kind::ed25519);
  return Errc::no_key;
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  const Owned<BIO, BIO_free_all> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return make(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr) : nullptr);
}

Result<PublicKey> PublicKey::from_rsa(std::string_view modulus, std::string_view exponent) {
  if (modulus.size() > most_rsa_bits / 8 || exponent.empty() || exponent.size() > most_exponent_bytes) {
    return Errc::no_key;
  }
  const Number n = number_of(modulus), e = number_of(exponent);
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  // An exponent of one would make everybody a signer.
  if (!n || !e || !builder || !BN_is_odd(n.get()) || !BN_is_odd(e.get()) || BN_is_one(e.get())) return Errc::no_key;
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return Errc::no_key;
  }
  return make(build("RSA", builder.get()));
}

Result<PublicKey> PublicKey::from_p256(std::string_view x, std::string_view y) {
  if (x.size() != coordinate_bytes || y.size() != coordinate_bytes) return Errc::no_key;
  std::string point("\x04");  // uncompressed (SEC 1 2.3.3); OpenSSL refuses what is not on the curve
  point.append(x).append(y);
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
    return Errc::no_key;
  }
  return make(build("EC", builder.get()));
}

Result<PublicKey> PublicKey::from_ed25519(std::string_view x) {
  if (x.size() != coordinate_bytes) return Errc::no_key;
  return make(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size()));
}

bool PublicKey::fits(std::string_view algorithm) const { return find(algorithm, kind_) != nullptr; }

Result<void> PublicKey::check(std::string_view name, std::string_view text, std::string_view signature) const {
  const Algorithm* const algorithm = find(name, kind_);
  if (!algorithm) return Errc::bad_algorithm;
  std::string der;
  if (kind_ == Kind::p256) {
    der = der_of(signature);
    if (der.empty()) return Errc::bad_signature;
    signature = der;
  }
  if (!verifies(key_.get(), *algorithm, text, signature)) return Errc::bad_signature;
  return {};
}

}  // namespace weir::auth
