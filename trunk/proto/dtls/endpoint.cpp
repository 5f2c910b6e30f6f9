#include "proto/dtls/endpoint.h"

#include <sys/time.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <new>

#include "base/text.h"

namespace weir::dtls {

using base::Bytes;
using base::Instant;
using base::Result;

namespace {

// OpenSSL begins with a second, which each lost first flight would cost. `before` is 0 for the first time.
unsigned next_repeat(SSL* ssl, unsigned before) {
  constexpr unsigned longest_us = 1'000'000;
  const auto first = *static_cast<const std::chrono::milliseconds*>(SSL_get_app_data(ssl));
  const auto first_us = static_cast<unsigned>(std::chrono::microseconds(first).count());
  return before == 0 ? first_us : std::min(before * 2, longest_us);
}

const EVP_MD* digest_of(std::string_view hash) {
  if (base::iequals(hash, "sha-256")) return EVP_sha256();
  if (base::iequals(hash, "sha-384")) return EVP_sha384();
  if (base::iequals(hash, "sha-512")) return EVP_sha512();
  if (base::iequals(hash, "sha-1")) return EVP_sha1();
  return nullptr;
}

std::string openssl_words() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason ? reason : "";
}

}  // namespace

Endpoint::Endpoint(std::shared_ptr<const Identity> identity, Role role, std::vector<Fingerprint> fingerprints,
                   std::chrono::milliseconds repeat)
    : identity_(std::move(identity)),
      role_(role),
      fingerprints_(std::move(fingerprints)),
      repeat_(repeat),
      ssl_(SSL_new(identity_->context())) {
  BIO* const bio = ssl_ ? make_datagram_bio(identity_->datagrams(), link_) : nullptr;
  if (!bio) {
    SSL_free(ssl_);
    throw std::bad_alloc();
  }
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_mtu(ssl_, datagram_mtu);
  DTLS_set_link_mtu(ssl_, datagram_mtu);
  SSL_set_app_data(ssl_, &repeat_);
  DTLS_set_timer_cb(ssl_, next_repeat);
  if (role_ == Role::server) {
    SSL_set_accept_state(ssl_);
  } else {
    SSL_set_connect_state(ssl_);
  }
}

Endpoint::~Endpoint() { SSL_free(ssl_); }

void Endpoint::start(Instant now) {
  if (started_) return;
  started_ = true;
  give_up_at_ = now + handshake_limit;
  if (role_ == Role::client) (void)advance();
}

Result<void> Endpoint::input(Bytes datagram, Instant now) {
  if (failed_ || !looks_like_dtls(datagram)) return {};
  start(now);
  link_.in = datagram;
  if (!done_) return advance();

  // An established association says nothing but alerts and repeated flights, which OpenSSL answers in here.
  std::array<std::uint8_t, 64> ignored;
  ERR_clear_error();
  while (SSL_read(ssl_, ignored.data(), static_cast<int>(ignored.size())) > 0) {
  }
  link_.in = {};
  collect();
  if ((SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0) {
    failed_ = true;
    return Errc::closed_by_peer;
  }
  return {};
}

Result<void> Endpoint::advance() {
  ERR_clear_error();
  const int outcome = SSL_do_handshake(ssl_);
  link_.in = {};
  const int error = outcome == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_, outcome);
  collect();
  if (error == SSL_ERROR_NONE) return finish();
  if (error == SSL_ERROR_WANT_READ) return {};
  failure_ = openssl_words();
  return fail((SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0 ? Errc::closed_by_peer : Errc::handshake_failed);
}

void Endpoint::collect() {
  for (base::Buffer& datagram : link_.out) output_.push_back(std::move(datagram));
  link_.out.clear();
}

bool Endpoint::knows_certificate() const {
  X509* const certificate = SSL_get0_peer_certificate(ssl_);
  if (!certificate) return false;
  return std::any_of(fingerprints_.begin(), fingerprints_.end(), [&](const Fingerprint& announced) {
    const EVP_MD* const kind = digest_of(announced.hash);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    if (!kind || X509_digest(certificate, kind, digest.data(), &size) != 1) return false;
    return base::iequals(format_fingerprint(Bytes(digest).first(size)), announced.value);
  });
}

Result<void> Endpoint::finish() {
  if (!SSL_get0_peer_certificate(ssl_)) return fail(Errc::no_certificate);
  if (!knows_certificate()) return fail(Errc::fingerprint_mismatch);
  const SRTP_PROTECTION_PROFILE* const chosen = SSL_get_selected_srtp_profile(ssl_);
  if (!chosen) return fail(Errc::no_srtp_profile);
  SrtpKeys keys;
  keys.profile = static_cast<srtp::Profile>(chosen->id);
  const std::size_t key = srtp::key_bytes(keys.profile), salt = srtp::salt_bytes(keys.profile);

  // RFC 5764 4.2: client key, server key, client salt, server salt.
  std::vector<std::uint8_t> material(2 * (key + salt));
  constexpr std::string_view label = "EXTRACTOR-dtls_srtp";
  if (SSL_export_keying_material(ssl_, material.data(), material.size(), label.data(), label.size(), nullptr, 0, 0) !=
      1) {
    failure_ = openssl_words();
    return fail(Errc::handshake_failed);
  }
  const auto part = [&](std::size_t at, std::size_t size) {
    const auto begin = material.begin() + static_cast<std::ptrdiff_t>(at);
    return std::vector<std::uint8_t>(begin, begin + static_cast<std::ptrdiff_t>(size));
  };
  keys.local_key = part(0, key);
  keys.remote_key = part(key, key);
  keys.local_salt = part(2 * key, salt);
  keys.remote_salt = part(2 * key + salt, salt);
  if (role_ == Role::server) {
    std::swap(keys.local_key, keys.remote_key);
    std::swap(keys.local_salt, keys.remote_salt);
  }
  keys_ = std::move(keys);
  done_ = true;
  return {};
}

// The peer hears a fatal alert where OpenSSL sent none by itself.
Result<void> Endpoint::fail(Errc code) {
  failed_ = true;
  if (code == Errc::fingerprint_mismatch || code == Errc::no_certificate || code == Errc::no_srtp_profile) {
    SSL_shutdown(ssl_);
    collect();
  }
  return code;
}

std::optional<Instant> Endpoint::next_timeout(Instant now) const {
  if (!started_ || done_ || failed_) return std::nullopt;
  timeval left{};
  if (DTLSv1_get_timeout(ssl_, &left) != 1) return give_up_at_;  // a server that has said nothing yet
  return std::min(now + std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec), give_up_at_);
}

Result<void> Endpoint::tick(Instant now) {
  if (!started_ || done_ || failed_) return {};
  if (now >= give_up_at_) return fail(Errc::timed_out);
  ERR_clear_error();
  const long outcome = DTLSv1_handle_timeout(ssl_);
  collect();
  return outcome < 0 ? fail(Errc::timed_out) : Result<void>{};
}

void Endpoint::close() {
  if (failed_ || !started_) return;
  SSL_shutdown(ssl_);
  collect();
  failed_ = true;
}

}  // namespace weir::dtls
