#include "app/auth/key_sets.h"

#include <algorithm>

#include "base/redact.h"
#include "base/scope_exit.h"
#include "net/coroutine.h"
#include "net/tcp_stream.h"
#include "net/tls_context.h"

namespace weir::auth {

using base::Result;
using http::ClientReply;

namespace {

constexpr std::size_t most_sources = 64;  // of earlier configurations

std::string name_of(const config::Auth& auth) { return auth.jwks + "\n" + auth.jwks_ca_file; }

}  // namespace

KeySets::KeySets(Figures& figures, Fetch fetch, std::function<Clock::time_point()> now)
    : figures_(figures), fetch_(std::move(fetch)), now_(std::move(now)) {
  if (!fetch_) fetch_ = [this](net::Life& life, config::Auth auth) { return fetch_by_http(life, std::move(auth)); };
}

KeySets::~KeySets() = default;

KeySets::Source& KeySets::source(const config::Auth& auth) {
  auto& place = sources_[name_of(auth)];
  if (!place) place = std::make_unique<Source>();
  Source& found = *place;
  found.used = now_();
  if (sources_.size() <= most_sources) return found;
  const auto in_use = [&](const Source& one) { return &one == &found || one.under_way; };
  const auto oldest = std::min_element(sources_.begin(), sources_.end(), [&](const auto& a, const auto& b) {
    return std::pair(in_use(*a.second), a.second->used) < std::pair(in_use(*b.second), b.second->used);
  });
  if (!in_use(*oldest->second)) sources_.erase(oldest);
  return found;
}

std::shared_ptr<const KeySet> KeySets::find(const config::Auth& auth) const {
  const std::scoped_lock lock(mutex_);
  const auto found = sources_.find(name_of(auth));
  return found == sources_.end() ? nullptr : found->second->keys;
}

bool KeySets::wants_fetch(Source& from, const config::Auth& auth, bool lacking) const {
  const auto now = now_();
  const bool old = from.keys && now >= from.fetched + auth.jwks_refresh;
  if ((!lacking && !old) || from.under_way || now < from.next) return false;
  from.under_way = true;
  from.next = now + auth.jwks_retry;
  return true;
}

net::Task<void> KeySets::prepare(net::Worker& worker, config::Auth auth, std::string key_id) {
  std::shared_ptr<net::Notifier> told;
  bool fetches = false;
  {
    const std::scoped_lock lock(mutex_);
    Source& from = source(auth);
    const bool lacking = !from.keys || (!key_id.empty() && !from.keys->has(key_id));
    fetches = wants_fetch(from, auth, lacking);
    if (lacking && from.under_way) {
      told = std::make_shared<net::Notifier>(worker.io());
      from.waiting.push_back({&worker, told});
    }
  }
  if (fetches) worker.spawn("jwks", [this, auth](net::Life& life) { return refresh(life, auth); });
  if (told) (void)co_await told->wait();
}

net::Task<void> KeySets::refresh(net::Life& life, config::Auth auth) {
  const base::ScopeExit over([this, &auth] {
    std::vector<Waiting> waiting;
    {
      const std::scoped_lock lock(mutex_);
      Source& from = source(auth);
      from.under_way = false;
      waiting.swap(from.waiting);
    }
    for (Waiting& one : waiting) {
      one.worker->post([told = std::move(one.told)] {
        if (const auto still = told.lock()) still->notify();
      });
    }
  });
  const auto reply = co_await fetch_(life, auth);
  if (life.stopping()) co_return;
  if (!reply) co_return settle(life, auth, reply.error(), reply.error().message());
  if (reply->status != 200) {
    co_return settle(life, auth, Errc::bad_key_set, "answered with status " + std::to_string(reply->status));
  }
  auto keys = KeySet::parse(reply->body);
  const std::string fault = keys ? std::string() : keys.error().message();
  settle(life, auth, std::move(keys), fault);
}

// Told once for each change from bad to good and back.
void KeySets::settle(const net::Life& life, const config::Auth& auth, Result<KeySet> keys, const std::string& fault) {
  (keys ? figures_.key_sets_fetched : figures_.key_sets_failed).fetch_add(1, std::memory_order_relaxed);
  const bool failed = !keys;
  bool was_failing = false, had_keys = false;
  std::size_t count = 0;
  {
    const std::scoped_lock lock(mutex_);
    Source& from = source(auth);
    had_keys = from.keys != nullptr;
    was_failing = std::exchange(from.failing, failed);
    if (keys) {
      from.keys = std::make_shared<const KeySet>(*std::move(keys));
      from.fetched = now_();
      count = from.keys->size();
    }
  }
  const std::string url = base::shown(auth.jwks);
  if (failed && !was_failing) {
    log::warn(life.log(), "keys of {} cannot be had: {}; {}", url, fault,
              had_keys ? "those from before stay good" : "nobody who needs them gets in");
  } else if (!failed && was_failing && had_keys) {
    log::info(life.log(), "keys of {} can be had again", url);
  } else if (!failed && !had_keys) {
    log::info(life.log(), "keys of {}: {}", url, count);
  }
}

net::Task<Result<ClientReply>> KeySets::fetch_by_http(net::Life& life, config::Auth auth) {
  CO_TRY(http::Url url, http::parse_url(auth.jwks));
  net::TlsContext* secured = nullptr;
  if (url.secure()) {
    CO_TRY(secured, tls(life.worker(), auth.jwks_ca_file));
  }
  http::ClientRequest request;
  request.headers.add("Accept", "application/jwk-set+json, application/json");
  const http::ClientLimits limits{.total = fetch_limit, .max_body_bytes = KeySet::most_bytes};
  http::Connector connect = [&life](std::string host, std::uint16_t port) {
    return net::connect(life.worker(), std::move(host), port, fetch_limit);
  };
  co_return co_await http::fetch(std::move(connect), secured, std::move(url), std::move(request), limits);
}

// Whose certificate is not verified could give everybody keys.
Result<net::TlsContext*> KeySets::tls(net::Worker& worker, const std::string& authority_file) {
  const std::pair key(static_cast<const net::Worker*>(&worker), authority_file);
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = contexts_.find(key); found != contexts_.end()) return found->second.get();
  }
  // Reading all authorities takes its time; nobody else makes one for this worker.
  std::string reason;
  auto made = net::TlsContext::make_client(net::TlsContext::Verify::peer, authority_file, reason);
  if (!made) {
    log::error({worker.logger(), {}, {}}, "keys over https: {}", reason);
    return made.error();
  }
  const std::scoped_lock lock(mutex_);
  return (contexts_[key] = std::move(*made)).get();
}

}  // namespace weir::auth
