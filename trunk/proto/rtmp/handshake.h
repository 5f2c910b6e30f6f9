#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "proto/rtmp/error.h"

namespace weir::rtmp {

inline constexpr std::size_t handshake_size = 1536;  // of C1, S1, C2 and S2; 5.2.3

// The handshake of an accepted connection, in the plain form of the specification or in the form with digests that
// Flash players ask for (HMAC-SHA256, schema 0 or 1; no encryption). The answer is in the form in which the client
// began.
class ServerHandshake {
 public:
  ServerHandshake() = default;
  // `proxy_prefix`: a proxy before us may put 0xF3, a length and the client's IPv4 address in front.
  explicit ServerHandshake(bool proxy_prefix) : proxy_prefix_(proxy_prefix) {}

  // Takes bytes off the front of `in`, to the end of C2 at most; appends S0, S1 and S2 to `out` once C1 is there.
  base::Result<void> input(base::Bytes& in, base::Buffer& out);
  bool done() const { return state_ == State::done; }
  bool with_digest() const { return with_digest_; }
  // From the proxy prefix: the client's address, first byte first.
  const std::optional<std::array<std::uint8_t, 4>>& proxied_address() const { return proxied_address_; }
  const Diagnostic& diagnostic() const { return diagnostic_; }

 private:
  enum class State : std::uint8_t { version, prefix_length, prefix, c1, c2, done };
  bool collect(base::Bytes& in, std::size_t size);
  base::Result<void> take_version(std::uint8_t byte);
  void answer(base::Buffer& out);

  // given
  bool proxy_prefix_ = false;

  // state
  State state_ = State::version;
  bool with_digest_ = false;
  std::uint64_t offset_ = 0;
  std::size_t wanted_ = 0;  // of the prefix; of C2
  base::Buffer held_;
  std::optional<std::array<std::uint8_t, 4>> proxied_address_;
  Diagnostic diagnostic_;
};

// The handshake of a connection that we opened.
class ClientHandshake {
 public:
  enum class Form : std::uint8_t { plain, digest };
  explicit ClientHandshake(Form form = Form::plain) : form_(form) {}

  // Appends C0 and C1. Before any input.
  void start(base::Buffer& out);
  // Takes S0, S1 and S2 off the front of `in`; appends C2 once S1 is there.
  base::Result<void> input(base::Bytes& in, base::Buffer& out);
  bool done() const { return state_ == State::done; }
  // Whether the server answered with digests, and S2 had the right one.
  bool with_digest() const { return with_digest_; }
  const Diagnostic& diagnostic() const { return diagnostic_; }

 private:
  enum class State : std::uint8_t { version, s1, s2, done };

  // given
  Form form_;

  // state
  State state_ = State::version;
  bool with_digest_ = false;
  std::array<std::uint8_t, 32> digest_{};  // of our C1
  base::Buffer held_;
  Diagnostic diagnostic_;
};

}  // namespace weir::rtmp
