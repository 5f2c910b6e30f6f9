#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "proto/dtls/error.h"

struct bio_method_st;
struct ssl_ctx_st;

namespace weir::dtls {

// Our certificate and how we speak DTLS 1.2 (RFC 6347) for SRTP (RFC 5764): shared by all sessions of a process.
// Immutable after it was made; any thread.
class Identity {
 public:
  // A fresh self-signed certificate with a P-256 key, valid from a day before `now` for 30 days.
  static base::Result<std::shared_ptr<const Identity>> make(std::chrono::system_clock::time_point now);
  ~Identity();
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  // SHA-256 of our certificate as SDP writes it: "AB:CD:..." (RFC 8122 5).
  const std::string& fingerprint() const { return fingerprint_; }
  ssl_ctx_st* context() const { return context_; }
  const bio_method_st* datagrams() const { return datagrams_; }

 private:
  Identity() = default;

  // owned
  ssl_ctx_st* context_ = nullptr;
  bio_method_st* datagrams_ = nullptr;
  std::string fingerprint_;
};

// Bytes as SDP writes a fingerprint: upper case, separated by colons.
std::string format_fingerprint(base::Bytes digest);

}  // namespace weir::dtls
