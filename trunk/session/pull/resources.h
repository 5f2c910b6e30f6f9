#pragma once

#include <optional>
#include <string>

#include "format/hls/playlist.h"
#include "net/http/download.h"
#include "session/common/upstream/attempt.h"
#include "session/common/upstream/reach.h"

namespace weir::session::pull {

// GETs of one attempt whose answers are read whole: playlists, segments, keys. Each is a connection of its own, whose
// address is looked at before a word is said: may_lead() from that of the first. On the session's worker.
class Resources {
 public:
  Resources(upstream::Attempt& attempt, std::string authorization)
      : attempt_(attempt), authorization_(std::move(authorization)) {}

  struct Answer {
    base::Buffer body;
    http::Url url;  // behind redirects
  };
  // Of at most so many bytes. upstream::Errc::no_stream, refused, too_large; LocalErrc::not_allowed; what
  // http::Download says. The attempt's `why` gets more.
  net::Task<base::Result<Answer>> get(http::Url url, std::size_t most_bytes, std::optional<hls::ByteRange> range = {});

  // Where a URI in a playlist leads. A server that is asked by https names nothing that is not.
  static base::Result<http::Url> resolve(const http::Url& playlist, const std::string& uri);

  const net::Meter& meter() const { return meter_; }
  const net::Peer& peer() const { return peer_; }

 private:
  net::Task<base::Result<std::unique_ptr<net::ByteStream>>> reach(std::string host, std::uint16_t port);

  // given
  upstream::Attempt& attempt_;
  std::string authorization_;

  // state
  std::optional<upstream::Reach> configured_;
  std::string host_;  // that hears the authorization: the first
  net::Peer peer_;
  net::Meter meter_;
};

}  // namespace weir::session::pull
