#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "proto/stun/message.h"

namespace weir::ice {

// RFC 8445 5.3: a user fragment of 4 to 256 and a password of 22 to 256 characters.
struct Credentials {
  std::string ufrag, password;
};

// The user fragments in the USERNAME of a check that we receive, "OURS:THEIRS" (RFC 8445 7.2.2). None if it has no
// colon.
struct CheckName {
  std::string_view local, remote;
};
std::optional<CheckName> split_username(std::string_view username);

// Where a datagram came from, and over what it is answered: `route` is the caller's (0 for its UDP port, the number of
// a TCP connection).
struct Path {
  stun::Address remote;
  std::uint64_t route = 0;
  bool operator==(const Path&) const = default;
};

// The lite side of ICE (RFC 8445 2.5) for one session: answers checks, and knows where media may go. Never sends by
// itself. What is no verified check changes nothing: an answer is at most 32 bytes longer than its question, and media
// goes to no address that did not prove that it knows our password. Lives on its session's worker.
class LiteAgent {
 public:
  // `remote.ufrag` may be empty: then any is taken (a WHEP client that sent no offer of its own).
  LiteAgent(Credentials local, Credentials remote);

  struct Result {
    std::optional<base::Buffer> answer;  // to be sent on the path that the datagram came on
    bool verified = false;               // a check whose integrity was right
    bool first = false;                  // the first of this session
    bool moved = false;                  // selected() is another than before
  };
  // One STUN datagram that arrived on `path`.
  Result input(base::Bytes datagram, const Path& path, base::Instant now);
  // A packet that SRTP or DTLS authenticated came on that path: consent, and a peer that moved is followed.
  // True if selected() is another than before.
  bool note_media(const Path& path, base::Instant now);

  // Where media is to be sent: of the paths that passed a check, the nominated one of the highest priority; another
  // that is alive when nothing came from it for nominated_silence. None before the first verified check.
  std::optional<Path> selected() const;
  // Nothing verified for `limit`: the peer is gone, or its consent is (RFC 7675).
  bool silent_for(std::chrono::milliseconds limit, base::Instant now) const;

  // An ICE restart (RFC 8445 9): checks with the new pair are answered from now on, and with the old pair until the
  // first of them.
  void restart(Credentials local, Credentials remote);

  struct Counts {
    std::uint64_t checks = 0;     // verified
    std::uint64_t refused = 0;    // wrong user name or integrity
    std::uint64_t malformed = 0;  // no STUN, or attributes that are not as they must be
  };
  const Counts& counts() const { return counts_; }
  const Credentials& local() const { return pairs_.back().local; }
  const Credentials& remote() const { return pairs_.back().remote; }
  std::size_t path_count() const { return candidates_.size(); }

  static constexpr std::size_t most_paths = 16;
  static constexpr std::chrono::milliseconds nominated_silence{1500};

 private:
  struct Pair {
    Credentials local, remote;
  };
  struct Candidate {
    Path path;
    std::uint32_t priority = 0;
    bool nominated = false;
    base::Instant heard{};  // when anything verified came from it
  };
  const Pair* find_pair(std::string_view username) const;
  Candidate& note_check(const stun::Message& message, const Path& path, base::Instant now);
  bool select(base::Instant now);

  // state
  std::vector<Pair> pairs_;  // the newest last
  std::vector<Candidate> candidates_;
  std::optional<Path> selected_;
  base::Instant heard_{};
  bool any_ = false;
  Counts counts_;
};

}  // namespace weir::ice
