#include "proto/dtls/identity.h"

#include <fstream>
#include <sstream>

#include "support/catch.h"
#include "support/certificate.h"

namespace weir::test::identity_test {

using dtls::Identity;

namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string why_not(const std::string& certificate, const std::string& key) {
  std::string reason;
  CHECK(Identity::read(certificate, key, reason).has_error());
  return reason;
}

}  // namespace

TEST_CASE("each certificate that is made is another, and says of which kind it is", "[dtls]") {
  const auto now = std::chrono::system_clock::now();
  const auto one = Identity::make(now).value(), other = Identity::make(now).value();
  CHECK(one->fingerprint() != other->fingerprint());
  CHECK(one->fingerprint().size() == 32 * 3 - 1);
  CHECK(one->key_kind() == "ECDSA P-256");
}

TEST_CASE("a certificate of files keeps its fingerprint", "[dtls]") {
  const test::Certificate files("weir");
  std::string reason;
  const auto certificate = text_of(files.certificate()), key = text_of(files.key());
  const auto first = Identity::read(certificate, key, reason), second = Identity::read(certificate, key, reason);
  INFO(reason);
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK((*first)->fingerprint() == (*second)->fingerprint());
  CHECK((*first)->key_kind() == "ECDSA P-256");
}

TEST_CASE("files that do not fit are refused with the reason", "[dtls]") {
  const test::Certificate files("weir"), others("weir");
  const auto certificate = text_of(files.certificate()), key = text_of(files.key());
  CHECK(why_not("", key) == "the certificate is no PEM");
  CHECK(why_not(key, key) == "the certificate is no PEM");
  CHECK(why_not(certificate, "") == "the key is no PEM, or needs a passphrase");
  CHECK(why_not(certificate, text_of(others.key())) == "the key is not that of the certificate");
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> edwards(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                                                               EVP_PKEY_free);
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
  REQUIRE(PEM_write_bio_PrivateKey(out.get(), edwards.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  CHECK(why_not(certificate, std::string(text, static_cast<std::size_t>(size))).starts_with("the key is neither"));
}

}  // namespace weir::test::identity_test
