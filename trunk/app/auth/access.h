#pragma once

#include <unordered_map>

#include "app/auth/figures.h"
#include "app/auth/key_sets.h"
#include "app/auth/quotas.h"
#include "app/auth/secret.h"
#include "base/log_limit.h"
#include "hub/hub.h"

namespace weir::auth {

// What a session passes before hooks are asked: limits, addresses, the page it stands on, tokens. Judges by the
// configuration of the moment, so that a reload acts at once on whoever comes next. Of one worker; made in main after
// the hub and before the hooks; lives until the workers have stopped.
class Access {
 public:
  Access(hub::Hub& hub, Quotas& quotas, KeySets& key_sets, Figures& figures);
  Access(const Access&) = delete;

  // Without waiting: what the rule of admission does.
  base::Result<void> check(const hub::Request& request, hub::Action action, hub::Permit& permit);

 private:
  net::Task<base::Result<void>> admit(net::Life& life, const hub::Request& request, hub::Action action,
                                      hub::Permit& permit);
  std::shared_ptr<const config::Vhost> vhost_of(const hub::Request& request) const;
  base::Result<void> check_token(const config::Auth& auth, const hub::Request& request, hub::Action action);
  base::Result<std::string> key(const std::string& text, const std::string& file);

  // given
  hub::Hub& hub_;
  Quotas& quotas_;
  KeySets& key_sets_;
  Figures& figures_;

  // owned
  Secrets secrets_;

  // state
  log::Limit bad_keys_;
};

// Ends publishers whom nobody plays (kickoff_for_idle) or who send more than max_publish_bitrate. Looks once a second.
class PublisherWatch {
 public:
  PublisherWatch(hub::Hub& hub, const Quotas& quotas, Figures& figures);
  PublisherWatch(const PublisherWatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  struct Watched {
    Clock::time_point played_at = Clock::now();
    Clock::time_point window_began = Clock::now();
    std::uint64_t bytes_before = 0;
  };
  void look();
  // Why it must end, if it must.
  base::ErrorCode judge(const hub::Record& record, Watched& watched, Clock::time_point now);

  // given
  hub::Hub& hub_;
  const Quotas& quotas_;
  Figures& figures_;

  // state
  std::unordered_map<base::SessionId, Watched> publishers_;
  unsigned ticks_ = 0;
};

}  // namespace weir::auth
