#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "proto/dtls/error.h"

struct bio_method_st;
struct ssl_ctx_st;
struct x509_st;
struct evp_pkey_st;

namespace weir::dtls {

// Our certificate and how we speak DTLS 1.2 (RFC 6347) for SRTP (RFC 5764): shared by all sessions of a process.
// Immutable after it was made; any thread.
class Identity {
 public:
  enum class Key : std::uint8_t { ecdsa_p256, rsa_2048 };  // the second takes a tenth of a second or more to make
  // A fresh self-signed certificate, valid from a day before `now` for 30 days.
  static base::Result<std::shared_ptr<const Identity>> make(std::chrono::system_clock::time_point now,
                                                            Key key = Key::ecdsa_p256);
  // A certificate and its key, ECDSA or RSA, as PEM. Errc::no_identity; `reason` says which of the two is at fault.
  static base::Result<std::shared_ptr<const Identity>> read(std::string_view certificate, std::string_view key,
                                                            std::string& reason);
  ~Identity();
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  // SHA-256 of our certificate as SDP writes it: "AB:CD:..." (RFC 8122 5).
  const std::string& fingerprint() const { return fingerprint_; }
  const std::string& key_kind() const { return key_kind_; }  // for the log: "ECDSA P-256", "RSA 2048"
  ssl_ctx_st* context() const { return context_; }
  const bio_method_st* datagrams() const { return datagrams_; }

 private:
  Identity() = default;
  static base::Result<std::shared_ptr<const Identity>> build(x509_st* certificate, evp_pkey_st* key);

  // owned
  ssl_ctx_st* context_ = nullptr;
  bio_method_st* datagrams_ = nullptr;
  std::string fingerprint_, key_kind_;
};

// Bytes as SDP writes a fingerprint: upper case, separated by colons.
std::string format_fingerprint(base::Bytes digest);

}  // namespace weir::dtls
