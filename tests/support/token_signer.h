#pragma once

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <string_view>

namespace weir::test {

inline std::string base64url(std::string_view text) {
  std::string coded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  coded.resize(static_cast<std::size_t>(size));
  while (coded.ends_with('=')) coded.pop_back();
  for (char& c : coded) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return coded;
}

// Whoever signs tokens: a key pair, its public key as JSON Web Key, and tokens.
class TokenSigner {
 public:
  enum class Kind { rsa, ed25519 };
  explicit TokenSigner(Kind kind, std::size_t bits = 2048)
      : kind_(kind),
        key_(kind == Kind::rsa ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits)
                               : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
             EVP_PKEY_free) {}

  std::string jwk(const std::string& id, const std::string& more = "") const {
    const std::string name = id.empty() ? "" : R"(,"kid":")" + id + '"';
    if (kind_ == Kind::rsa) {
      return R"({"kty":"RSA","n":")" + base64url(number(OSSL_PKEY_PARAM_RSA_N)) + R"(","e":")" +
             base64url(number(OSSL_PKEY_PARAM_RSA_E)) + '"' + name + more + "}";
    }
    std::string x(32, '\0');
    std::size_t size = x.size();
    EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(x.data()), &size);
    return R"({"kty":"OKP","crv":"Ed25519","x":")" + base64url(x) + '"' + name + more + "}";
  }

  // `algorithm`: EdDSA, RS256, PS256, PS384 or PS512. `salt`: of PSS, in bytes; as long as the digest unless given.
  std::string token(const std::string& algorithm, const std::string& id, const std::string& claims,
                    int salt = RSA_PSS_SALTLEN_DIGEST) const {
    const std::string header = R"({"alg":")" + algorithm + '"' + (id.empty() ? "" : R"(,"kid":")" + id + '"') + "}";
    const std::string text = base64url(header) + "." + base64url(claims);
    return text + "." + base64url(sign(algorithm, text, salt));
  }

 private:
  std::string number(const char* name) const {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key_.get(), name, &value);
    std::string out(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
    BN_bn2bin(value, reinterpret_cast<unsigned char*>(out.data()));
    BN_free(value);
    return out;
  }

  std::string sign(const std::string& algorithm, const std::string& text, int salt) const {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_PKEY_CTX* settings = nullptr;
    const EVP_MD* const digest = algorithm == "EdDSA"         ? nullptr
                                 : algorithm.ends_with("384") ? EVP_sha384()
                                 : algorithm.ends_with("512") ? EVP_sha512()
                                                              : EVP_sha256();
    EVP_DigestSignInit(context.get(), &settings, digest, nullptr, key_.get());
    if (algorithm.starts_with("PS")) {
      EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, salt);
    }
    std::string signature(1024, '\0');
    std::size_t size = signature.size();
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) != 1) {
      return {};
    }
    signature.resize(size);
    return signature;
  }

  Kind kind_;
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
};

}  // namespace weir::test
