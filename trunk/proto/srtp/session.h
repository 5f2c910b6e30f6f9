#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "proto/srtp/cipher.h"
#include "proto/srtp/error.h"
#include "proto/srtp/replay_window.h"

namespace weir::srtp {

// What DTLS-SRTP gives for one direction (RFC 5764 4.2).
struct MasterKeys {
  Profile profile;
  base::Bytes key, salt;
};

// How many SSRCs one direction may have: what a stranger can make us remember is bounded.
inline constexpr std::size_t most_sources = 32;

// Protects what we send. One for each session and direction; lives on the session's worker, not thread-safe. Packets
// are encrypted where they stand; the buffer has room behind them.
class Sender {
 public:
  // Throws only if OpenSSL has no memory; Errc::bad_key_length.
  static base::Result<Sender> make(const Algorithms& algorithms, const MasterKeys& keys);

  // `room` begins with an RTP packet of `size` bytes and has rtp_overhead() more. Gives the protected size. A packet
  // may be sent again (a retransmission): it is the same bytes then.
  base::Result<std::size_t> protect(base::MutableBytes room, std::size_t size);
  // The same for a compound RTCP packet, with rtcp_overhead() more.
  base::Result<std::size_t> protect_rtcp(base::MutableBytes room, std::size_t size);

  std::size_t rtp_overhead() const { return tag_bytes(profile_); }
  std::size_t rtcp_overhead() const { return tag_bytes(profile_) + 4; }
  Profile profile() const { return profile_; }

 private:
  Sender(const Algorithms& algorithms, const MasterKeys& keys);

  struct Source {
    std::uint32_t ssrc;
    std::uint64_t highest;  // index: rollover counter and sequence number
  };

  // given
  Profile profile_;

  // owned
  std::unique_ptr<Cipher> rtp_, rtcp_;
  std::vector<Source> sources_;

  // state
  std::uint32_t rtcp_index_ = 0;
};

// Checks and decrypts what the peer sends. Otherwise as Sender.
class Receiver {
 public:
  static base::Result<Receiver> make(const Algorithms& algorithms, const MasterKeys& keys);

  // Gives the size of the plain packet at the front of `packet`. On any error nothing was learnt from the packet.
  base::Result<std::size_t> unprotect(base::MutableBytes packet);
  base::Result<std::size_t> unprotect_rtcp(base::MutableBytes packet);

  Profile profile() const { return profile_; }

 private:
  Receiver(const Algorithms& algorithms, const MasterKeys& keys);

  struct Source {
    std::uint32_t ssrc;
    ReplayWindow window;
  };
  static Source* find(std::vector<Source>& sources, std::uint32_t ssrc);
  static base::Result<void> accept(std::vector<Source>& sources, Source* source, std::uint32_t ssrc,
                                   std::uint64_t index);

  // given
  Profile profile_;

  // owned
  std::unique_ptr<Cipher> rtp_, rtcp_;
  std::vector<Source> sources_, rtcp_sources_;
};

}  // namespace weir::srtp
