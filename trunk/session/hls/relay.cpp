#include "session/hls/relay.h"

#include <algorithm>

#include "net/deadline.h"
#include "net/http/download.h"
#include "net/http/error.h"
#include "net/notifier.h"
#include "net/tcp_stream.h"
#include "net/tls_stream.h"
#include "net/worker.h"
#include "session/common/upstream/error.h"
#include "session/common/upstream/way.h"

namespace weir::session::hls {

using namespace std::chrono_literals;
using base::Result;
using config::HlsOrigin;

namespace {

constexpr std::chrono::milliseconds connect_limit = 2s, idle_limit = 10s;
constexpr std::chrono::milliseconds least_patience = 5s, longest_patience = 60s;
constexpr std::size_t most_streams = 10'000;  // of which something is remembered

// A segment may be one that the playlist hints at: it comes when it is made.
std::chrono::milliseconds patience_with(const Relay::Query& query) {
  if (query.kind == RelayKind::playlist && !query.blocking) return least_patience;
  return std::clamp<std::chrono::milliseconds>(query.vhost->hls.fragment * 3 + 2s, least_patience, longest_patience);
}

std::string key_of(const config::Vhost& vhost, const std::string& text) { return vhost.name + "/" + text; }

bool is_redirect(int status) { return status == 301 || status == 302 || status == 307 || status == 308; }

RelayedRef fault(int status, std::string text) {
  auto answer = std::make_shared<Relayed>();
  answer->status = status;
  answer->fault = std::move(text);
  return answer;
}

// Where an origin says that the stream is; never from https to http.
std::optional<HlsOrigin> origin_behind(const HlsOrigin& from, const std::string& target, std::string_view location) {
  const http::Url asked{from.secure ? "https" : "http", from.host, from.port, target};
  const auto url = http::resolve_location(asked, location);
  if (!url || (from.secure && !url->secure())) return std::nullopt;
  auto origin = config::hls_origin_of(url->scheme + "://" + url->authority());
  if (origin && origin->name == from.name) return std::nullopt;
  return origin;
}

struct Asking {
  explicit Asking(net::Worker& home) : ready(home.io()) {}
  net::Notifier ready;
  RelayedRef answer;
};

}  // namespace

Relay::Relay(hub::Hub& hub, Budget& budget, RelayShared& shared) : hub_(hub), budget_(budget), shared_(shared) {
  shared_.relays.push_back(this);
}

Relay::~Relay() { budget_.give(counted_bytes_); }

Relay& Relay::home_of(const Query& query) const {
  return *shared_.relays[std::hash<std::string>{}(query.stem) % shared_.relays.size()];
}

net::Task<Result<RelayedRef>> Relay::get(Query query) {
  if (!upstream::may_go_on(query.way, shared_.server)) {
    ++shared_.totals.loops;
    co_return upstream::Errc::loop;
  }
  Relay& home = home_of(query);
  auto asking = std::make_shared<Asking>(hub_.worker());
  const auto told = [weak = std::weak_ptr(asking)](const RelayedRef& answer) {
    if (const auto one = weak.lock()) {
      one->answer = answer;
      one->ready.notify();
    }
  };
  if (&home == this) {
    ask(query, told);
  } else {
    home.hub_.worker().post([&home, &back = hub_.worker(), query = std::move(query), told] {
      home.ask(query, [&back, told](const RelayedRef& answer) { back.post([told, answer] { told(answer); }); });
    });
  }
  while (!asking->answer) CO_TRY_VOID(co_await asking->ready.wait());
  co_return asking->answer;
}

// On the home of the stream.
void Relay::ask(const Query& query, Then then) {
  const std::string key = key_of(*query.vhost, query.target);
  if (const RelayedRef kept = cache_.find(key, Clock::now())) {
    ++shared_.totals.told_again;
    return then(kept);
  }
  if (const auto coming = coming_.find(key); coming != coming_.end()) {
    ++shared_.totals.told_with;
    coming->second.push_back(std::move(then));
    return;
  }
  if (coming_.size() >= most_fetches) return then(fault(503, "too much is being fetched"));
  coming_[key].push_back(std::move(then));
  hub_.worker().spawn("hls relay", [this, query](net::Life& life) { return fetch(life, query); });
}

net::Task<void> Relay::fetch(net::Life& life, Query query) {
  const RelayedRef answer = co_await from_any(life, query);
  take(query, answer);
  const auto coming = coming_.extract(key_of(*query.vhost, query.target));
  if (coming.empty()) co_return;
  for (const Then& then : coming.mapped()) then(answer);
}

// Of several origins the one that gave the stream last, then those that are not known to be down. One that does not
// have it is none that is down.
net::Task<RelayedRef> Relay::from_any(net::Life& life, const Query& query) {
  const std::string stream = key_of(*query.vhost, query.stem);
  if (const auto moved = moved_.find(stream); moved != moved_.end()) {
    auto reply = co_await from_one(life, HlsOrigin(moved->second), query);
    if (reply && (reply->status == 200 || (query.blocking && reply->status == 503))) {
      co_return made_of(*std::move(reply), query);
    }
    moved_.erase(stream);
  }
  const std::vector<HlsOrigin> origins = config::hls_origins_of(query.vhost->cluster);
  std::vector<std::string> names;
  for (const HlsOrigin& origin : origins) names.push_back(origin.name);
  const base::StreamKey key{query.vhost->name, {}, query.stem};
  std::vector<bool> tried(origins.size());
  RelayedRef last = fault(503, "no origin is configured");
  while (const auto next = shared_.health.choose(names, tried, key, Clock::now())) {
    tried[*next] = true;
    HlsOrigin origin = origins[*next];
    auto reply = co_await from_one(life, origin, query);
    if (reply && is_redirect(reply->status)) {
      const auto there = origin_behind(origin, query.target, reply->headers.find("Location"));
      if (!there) {
        last = fault(502, "the origin's redirect leads nowhere");
        continue;
      }
      reply = co_await from_one(life, *there, query);
      if (reply && reply->status == 200 && moved_.size() < most_streams) moved_.insert_or_assign(stream, *there);
    }
    if (!reply) {
      last = fault(503, "the stream cannot be had: " + reply.error().message());
      if (life.stopping()) break;
      shared_.health.failed(names[*next], Clock::now());
      log::warn(life.log(), "HLS of {}: {}: {}", stream, names[*next], reply.error().message());
      continue;
    }
    if (reply->status == 200) {
      shared_.health.gave(names[*next], key);
      co_return made_of(*std::move(reply), query);
    }
    if (query.blocking && reply->status == 503) co_return made_of(*std::move(reply), query);  // it did not grow
    if (reply->status >= 500 && reply->status != 503) shared_.health.failed(names[*next], Clock::now());
    last = made_of(*std::move(reply), query);
  }
  co_return last;
}

net::Task<Result<std::unique_ptr<net::ByteStream>>> Relay::connect(net::Life& life, HlsOrigin origin) {
  CO_TRY(auto stream, co_await net::connect(life.worker(), origin.host, origin.port, connect_limit));
  if (!origin.secure) co_return std::move(stream);
  std::string why;
  auto context = tls_.get({}, why);
  if (!context) {
    log::warn(life.log(), "TLS to {}: {}", origin.name, why);
    co_return context.error();
  }
  auto secured = net::TlsStream::make_client(std::move(stream), **context, origin.host);
  CO_TRY_VOID(co_await net::deadline(connect_limit, secured->handshake()));
  co_return std::unique_ptr<net::ByteStream>(std::move(secured));
}

net::Task<Result<http::ClientReply>> Relay::from_one(net::Life& life, HlsOrigin origin, const Query& query) {
  const http::Url url{origin.secure ? "https" : "http", origin.host, origin.port, query.target};
  http::ClientRequest request;
  request.headers.add(upstream::way_header, upstream::way_through(query.way, shared_.server));
  for (;;) {
    ++shared_.totals.asked;
    std::unique_ptr<net::ByteStream> stream;
    if (auto& idle = idle_[origin.name]; !idle.empty()) {
      stream = std::move(idle.back().stream);
      idle.pop_back();
    }
    const bool was_idle = stream != nullptr;
    if (!stream) {
      auto made = co_await connect(life, origin);
      if (!made) {
        ++shared_.totals.failed;
        co_return made.error();
      }
      stream = std::move(*made);
    }
    auto reply = co_await http::exchange_on(*stream, url, request,
                                            {.total = patience_with(query), .max_body_bytes = most_bytes});
    // One that was kept may have been closed by the origin meanwhile.
    if (!reply && was_idle && reply.error() != net::Errc::timed_out && !life.stopping()) continue;
    if (!reply || reply->status >= 500) ++shared_.totals.failed;
    if (!reply) co_return reply.error();
    shared_.totals.received_bytes += reply->body.size();
    if (auto& idle = idle_[origin.name]; reply->keep_alive && idle.size() < most_idle) {
      idle.push_back({std::move(stream), Clock::now()});
    }
    co_return reply;
  }
}

RelayedRef Relay::made_of(http::ClientReply reply, const Query& query) const {
  auto answer = std::make_shared<Relayed>();
  answer->status = reply.status;
  answer->cache_control = reply.headers.find("Cache-Control");
  answer->etag = reply.headers.find("ETag");
  answer->life = relay_life_of(reply.status, answer->cache_control, query.kind, query.blocking);
  if (reply.status != 200) {
    constexpr std::size_t longest = 200;
    answer->fault = reply.body.substr(0, std::min(reply.body.find('\n'), longest));
    if (reply.status < 400) answer->status = 502;
  } else if (query.kind == RelayKind::playlist) {
    if (!reply.body.starts_with("#EXTM3U")) return fault(502, "the origin's playlist is none");
    std::erase(reply.body, session_mark.front());
    answer->page = make_page(reply.body, true);
  } else {
    answer->page.plain = base::SharedBytes::copy_of(base::as_bytes(reply.body));
  }
  return answer;
}

void Relay::take(const Query& query, const RelayedRef& answer) {
  const auto now = Clock::now();
  const std::string stem = key_of(*query.vhost, query.stem);
  if (answer->status == 200 && query.kind == RelayKind::playlist) {
    const std::string_view text = base::as_text(answer->page.plain);
    if (sequences_.size() >= most_streams) sequences_.clear();
    const std::uint64_t sequence = media_sequence_of(text);
    if (std::exchange(sequences_[key_of(*query.vhost, query.path)], sequence) > sequence) cache_.forget(stem);
    const std::string main = key_of(*query.vhost, query.stem);
    for (const std::string& path : playlists_named_in(text, query.path)) {
      const std::string named = key_of(*query.vhost, relay_stem_of(path));
      if (named == main) continue;
      for (Relay* relay : shared_.relays) {
        if (relay == this) {
          name(named, query.stem);
        } else {
          relay->hub_.worker().post([relay, named, of = query.stem] { relay->name(named, of); });
        }
      }
    }
  }
  std::uint64_t room = query.vhost->hls.memory_total / shared_.relays.size();
  if (budget_.pressure() != hub::Pressure::none) room /= 4;
  cache_.keep(key_of(*query.vhost, query.target), stem, answer, room, now);
  count();
}

void Relay::name(const std::string& file, const std::string& main) {
  if (!named_.insert_or_assign(file, main).second) return;
  named_order_.push_back(file);
  if (named_order_.size() <= most_named) return;
  named_.erase(named_order_.front());
  named_order_.pop_front();
}

std::string Relay::main_of(const config::Vhost& vhost, std::string stem) const {
  const auto found = named_.find(key_of(vhost, stem));
  return found == named_.end() ? stem : found->second;
}

// What it holds counts as segments.
void Relay::count() {
  const std::uint64_t bytes = cache_.bytes();
  if (bytes > counted_bytes_) budget_.take(bytes - counted_bytes_);
  if (bytes < counted_bytes_) budget_.give(counted_bytes_ - bytes);
  counted_bytes_ = bytes;
}

// Once a second.
void Relay::tick() {
  if (++ticks_ % 4 != 0) return;
  const auto now = Clock::now();
  cache_.tidy(now);
  count();
  for (auto& [name, streams] : idle_) {
    std::erase_if(streams, [now](const Idle& one) { return now - one.since > idle_limit; });
  }
  std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace weir::session::hls
