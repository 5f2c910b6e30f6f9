#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "app/auth/figures.h"
#include "app/auth/key_set.h"
#include "config/access.h"
#include "net/http/client.h"
#include "net/notifier.h"
#include "net/worker.h"

namespace weir::auth {

// Key sets that are fetched from URLs: kept, fetched again while tokens come, and at once for a token whose key is not
// among them, but never more often than the configuration says. What was fetched stays good while its URL is down. Of
// the whole process: a mutex, held to look up a pointer. Lives until the workers have stopped. Any worker.
class KeySets {
 public:
  using Clock = std::chrono::steady_clock;
  // Asks for the set of `auth`; within fetch_limit.
  using Fetch = std::function<net::Task<base::Result<http::ClientReply>>(net::Life& life, config::Auth auth)>;
  static constexpr std::chrono::milliseconds fetch_limit{5'000};

  // `fetch`: unset: by HTTP.
  explicit KeySets(Figures& figures, Fetch fetch = {}, std::function<Clock::time_point()> now = Clock::now);
  ~KeySets();
  KeySets(const KeySets&) = delete;

  // Returns on that worker, which is the caller's, when a token that names that key (empty: none) had better be judged:
  // at once, unless there are no keys yet, or not that one, and they are being fetched. Then within fetch_limit, or
  // when the session is told to stop.
  net::Task<void> prepare(net::Worker& worker, config::Auth auth, std::string key_id);
  // What there is; null: nothing yet.
  std::shared_ptr<const KeySet> find(const config::Auth& auth) const;

 private:
  struct Waiting {
    net::Worker* worker;
    std::weak_ptr<net::Notifier> told;  // owned by its session, and used on its worker alone
  };
  struct Source {
    std::shared_ptr<const KeySet> keys;
    Clock::time_point fetched{};  // when that was
    Clock::time_point next{};     // no fetch before
    Clock::time_point used{};
    bool under_way = false, failing = false;
    std::vector<Waiting> waiting;
  };
  // With the mutex held.
  Source& source(const config::Auth& auth);
  bool wants_fetch(Source& source, const config::Auth& auth, bool lacking) const;

  net::Task<void> refresh(net::Life& life, config::Auth auth);
  // What the fetch brought; an empty set of keys is a fault, which is told.
  void settle(const net::Life& life, const config::Auth& auth, base::Result<KeySet> keys, const std::string& fault);
  net::Task<base::Result<http::ClientReply>> fetch_by_http(net::Life& life, config::Auth auth);
  base::Result<net::TlsContext*> tls(net::Worker& worker, const std::string& authority_file);

  // given
  Figures& figures_;
  Fetch fetch_;
  std::function<Clock::time_point()> now_;

  // state
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<Source>> sources_;  // by URL and authority
  // By worker, on which alone each is used, and authority.
  std::map<std::pair<const net::Worker*, std::string>, std::unique_ptr<net::TlsContext>> contexts_;
};

}  // namespace weir::auth
