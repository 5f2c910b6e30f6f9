#include "proto/dtls/identity.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>

#include "base/byte_reader.h"
#include "base/random.h"
#include "proto/dtls/datagram_bio.h"

namespace weir::dtls {

namespace {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Source = std::unique_ptr<BIO, Free<BIO_free>>;

constexpr int valid_days = 30;

// OpenSSL would ask the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

Source source_of(std::string_view text) { return Source(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string kind_of(EVP_PKEY* key) {
  const std::string bits = std::to_string(EVP_PKEY_get_bits(key));
  return EVP_PKEY_is_a(key, "RSA") ? "RSA " + bits : "ECDSA P-" + bits;
}

Certificate make_certificate(EVP_PKEY* key, std::chrono::system_clock::time_point now) {
  Certificate certificate(X509_new());
  const std::time_t begin = std::chrono::system_clock::to_time_t(now);
  std::array<std::uint8_t, 8> serial;
  base::fill_random(serial);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  const bool ok =
      X509_set_version(certificate.get(), 2) == 1 &&
      ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), base::ByteReader{serial}.u64() >> 1) == 1 &&
      ASN1_TIME_adj(X509_getm_notBefore(certificate.get()), begin, -1, 0) != nullptr &&
      ASN1_TIME_adj(X509_getm_notAfter(certificate.get()), begin, valid_days, 0) != nullptr &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("Weir"), -1, -1, 0) ==
          1 &&
      X509_set_issuer_name(certificate.get(), name) == 1 && X509_set_pubkey(certificate.get(), key) == 1 &&
      X509_sign(certificate.get(), key, EVP_sha256()) > 0;
  return ok ? std::move(certificate) : nullptr;
}

// The peer's certificate is self-signed by design: it is compared with the fingerprint of its SDP instead.
int accept_any(int, X509_STORE_CTX*) { return 1; }

bool configure(SSL_CTX* context, X509* certificate, EVP_PKEY* key) {
  SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
  SSL_CTX_set_options(context,
                      SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);  // a read takes a whole datagram
  // As DTLS server the order is ours. GnuTLS's clients want the ECDSA suite with AES-128-GCM.
  return SSL_CTX_set_cipher_list(context,
                                 "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                                 "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                                 "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305") == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 &&
         // This one gives 0 for success.
         SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") == 0 &&
         SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1;
}

}  // namespace

std::string format_fingerprint(base::Bytes digest) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const std::uint8_t byte : digest) {
    if (!out.empty()) out += ':';
    out += {digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

Identity::~Identity() {
  SSL_CTX_free(context_);
  BIO_meth_free(datagrams_);
}

base::Result<std::shared_ptr<const Identity>> Identity::make(std::chrono::system_clock::time_point now, Key kind) {
  const PrivateKey key(kind == Key::rsa_2048 ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
  if (!key) return Errc::no_identity;
  const Certificate certificate = make_certificate(key.get(), now);
  if (!certificate) return Errc::no_identity;
  return build(certificate.get(), key.get());
}

base::Result<std::shared_ptr<const Identity>> Identity::read(std::string_view certificate, std::string_view key,
                                                             std::string& reason) {
  const Source certificate_text = source_of(certificate), key_text = source_of(key);
  const Certificate shown(PEM_read_bio_X509(certificate_text.get(), nullptr, no_passphrase, nullptr));
  const PrivateKey secret(PEM_read_bio_PrivateKey(key_text.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  reason = !shown ? "the certificate is no PEM" : !secret ? "the key is no PEM, or needs a passphrase" : "";
  if (!reason.empty()) return Errc::no_identity;
  if (!EVP_PKEY_is_a(secret.get(), "EC") && !EVP_PKEY_is_a(secret.get(), "RSA")) {
    reason = "the key is neither ECDSA nor RSA, which is what clients of WebRTC take";
  } else if (X509_check_private_key(shown.get(), secret.get()) != 1) {
    reason = "the key is not that of the certificate";
  }
  ERR_clear_error();
  if (!reason.empty()) return Errc::no_identity;
  auto made = build(shown.get(), secret.get());
  if (!made) reason = "OpenSSL takes them not";
  return made;
}

base::Result<std::shared_ptr<const Identity>> Identity::build(X509* certificate, EVP_PKEY* key) {
  const std::shared_ptr<Identity> identity(new Identity);
  identity->context_ = SSL_CTX_new(DTLS_method());
  identity->datagrams_ = make_datagram_method();
  if (!identity->context_ || !identity->datagrams_ || !configure(identity->context_, certificate, key))
    return Errc::no_identity;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return Errc::no_identity;
  identity->fingerprint_ = format_fingerprint(base::Bytes(digest).first(size));
  identity->key_kind_ = kind_of(key);
  return std::shared_ptr<const Identity>(identity);
}

}  // namespace weir::dtls
