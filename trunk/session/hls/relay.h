#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "config/hls_origins.h"
#include "hub/hub.h"
#include "net/http/client.h"
#include "session/common/upstream/health.h"
#include "session/common/upstream/tls_clients.h"
#include "session/hls/outlet.h"
#include "session/hls/relay_cache.h"
#include "session/hls/relay_names.h"

namespace weir::session::hls {

class Relay;

// Of all workers. Complete before they start.
struct RelayShared {
  std::vector<Relay*> relays;
  upstream::Health health;
  std::string server;  // this one, as in session/common/upstream/way.h

  struct Totals {
    std::atomic<std::uint64_t> asked{0}, failed{0};          // of origins; not answered, or by 5xx
    std::atomic<std::uint64_t> told_again{0}, told_with{0};  // to players: what was kept; what another one waited for
    std::atomic<std::uint64_t> received_bytes{0}, loops{0};
  } totals;
};

// HLS of origins for the players of an edge: their playlists, segments and parts as they are. Each is fetched once for
// all players of the process, however many ask, and however long the origin lets them wait: what is asked of a stream
// is asked on one of the workers, its home, which keeps the answers. Per worker.
class Relay {
 public:
  static constexpr std::size_t most_fetches = 512;      // at once, of one worker
  static constexpr std::size_t most_bytes = 64u << 20;  // of one answer
  static constexpr std::size_t most_idle = 16;          // connections that are kept open, of one worker and origin
  static constexpr std::size_t most_named = 10'000;     // playlists that others name

  Relay(hub::Hub& hub, Budget& budget, RelayShared& shared);
  ~Relay();
  Relay(const Relay&) = delete;

  struct Query {
    std::shared_ptr<const config::Vhost> vhost;
    std::string stem;    // of the stream (relay_names.h), as its main playlist is called
    std::string path;    // of the file
    std::string target;  // what the origin is asked
    std::string way;     // of the request (upstream/way.h)
    RelayKind kind = RelayKind::media;
    bool blocking = false;  // the origin answers when the playlist has grown
  };
  // The answer, soon or late. upstream::Errc::loop; net::Errc::stopped with the session of who asks.
  net::Task<base::Result<RelayedRef>> get(Query query);

  // Of a stem: that of the stream whose playlist names it, or itself.
  std::string main_of(const config::Vhost& vhost, std::string stem) const;

  void tick();

 private:
  using Then = std::function<void(const RelayedRef&)>;
  using Clock = std::chrono::steady_clock;
  struct Idle {
    std::unique_ptr<net::ByteStream> stream;
    Clock::time_point since;
  };
  Relay& home_of(const Query& query) const;
  void ask(const Query& query, Then then);
  net::Task<void> fetch(net::Life& life, Query query);
  net::Task<RelayedRef> from_any(net::Life& life, const Query& query);
  net::Task<base::Result<http::ClientReply>> from_one(net::Life& life, config::HlsOrigin origin, const Query& query);
  net::Task<base::Result<std::unique_ptr<net::ByteStream>>> connect(net::Life& life, config::HlsOrigin origin);
  RelayedRef made_of(http::ClientReply reply, const Query& query) const;
  void take(const Query& query, const RelayedRef& answer);
  void name(const std::string& file, const std::string& main);
  void count();

  // given
  hub::Hub& hub_;
  Budget& budget_;
  RelayShared& shared_;

  // owned
  RelayCache cache_;
  upstream::TlsClients tls_;
  std::unordered_map<std::string, std::vector<Idle>> idle_;  // by the names of origins

  // state
  std::unordered_map<std::string, std::vector<Then>> coming_;  // by target and virtual host
  std::unordered_map<std::string, config::HlsOrigin> moved_;   // streams that an origin said are elsewhere
  std::unordered_map<std::string, std::uint64_t> sequences_;   // of the playlists that were fetched
  std::unordered_map<std::string, std::string> named_;         // stem of a rendition -> of its stream
  std::deque<std::string> named_order_;
  std::uint64_t counted_bytes_ = 0;
  unsigned ticks_ = 0;
};

}  // namespace weir::session::hls
