#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "proto/dtls/datagram_bio.h"
#include "proto/dtls/error.h"
#include "proto/dtls/identity.h"
#include "proto/srtp/cipher.h"

struct ssl_st;

namespace weir::dtls {

enum class Role : std::uint8_t { client, server };  // SDP's a=setup: active, passive

// One of the peer's `a=fingerprint` lines.
struct Fingerprint {
  std::string hash;   // "sha-256", any case
  std::string value;  // "AB:CD:...", any case
};

// What the handshake agreed on (RFC 5764 4.2): the master keys of both directions.
struct SrtpKeys {
  srtp::Profile profile{};
  std::vector<std::uint8_t> local_key, local_salt, remote_key, remote_salt;
};

// The first byte of DTLS among what shares a WebRTC port (RFC 7983 7).
inline bool looks_like_dtls(base::Bytes datagram) { return !datagram.empty() && datagram[0] >= 20 && datagram[0] < 64; }

// One DTLS association, driven by datagrams and time:
//   endpoint.start(now);                                  // the client sends its first flight
//   endpoint.input(datagram, now); endpoint.tick(now);    // by what comes and by the clock
//   for (auto& datagram : endpoint.take_output()) send(datagram);
// until established() or failed(). A flight that nothing answers is repeated after first_repeat, doubled up to a
// second; the handshake has handshake_limit. Lives on its session's worker.
//
// Whether a flight is due is OpenSSL's own clock's to say (a repetition needs fresh record numbers, which only it can
// give), so tick() is called when next_timeout() says so and does nothing when it comes early.
class Endpoint {
 public:
  static constexpr std::chrono::milliseconds first_repeat{50};
  static constexpr std::chrono::seconds handshake_limit{10};

  // `fingerprints` as the peer's SDP announced: one of them must be that of its certificate.
  Endpoint(std::shared_ptr<const Identity> identity, Role role, std::vector<Fingerprint> fingerprints,
           std::chrono::milliseconds repeat = first_repeat);
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  void start(base::Instant now);
  // One datagram of the peer. What is no DTLS is dropped. After an error the association is over; what is left in the
  // output is the alert that tells the peer why.
  base::Result<void> input(base::Bytes datagram, base::Instant now);
  // When next_timeout() is reached. Errc::timed_out after handshake_limit.
  base::Result<void> tick(base::Instant now);
  // None before start() and when the handshake is over.
  std::optional<base::Instant> next_timeout(base::Instant now) const;
  // Tells the peer that we leave (close_notify).
  void close();

  std::vector<base::Buffer> take_output() { return std::exchange(output_, {}); }
  bool established() const { return done_ && !failed_; }
  bool failed() const { return failed_; }
  // The keys; once, and only when established. The association lives on to answer repeated flights and alerts.
  SrtpKeys take_keys() { return *std::exchange(keys_, std::nullopt); }
  // OpenSSL's words about what failed, for the log; empty if there are none.
  const std::string& failure() const { return failure_; }

 private:
  base::Result<void> advance();
  base::Result<void> finish();
  base::Result<void> fail(Errc code);
  void collect();
  bool knows_certificate() const;

  // given
  std::shared_ptr<const Identity> identity_;
  Role role_;
  std::vector<Fingerprint> fingerprints_;
  std::chrono::milliseconds repeat_;

  // owned
  DatagramLink link_;
  ssl_st* ssl_;
  std::vector<base::Buffer> output_;

  // state
  std::optional<SrtpKeys> keys_;
  bool started_ = false, done_ = false, failed_ = false;
  base::Instant give_up_at_{};
  std::string failure_;
};

}  // namespace weir::dtls
