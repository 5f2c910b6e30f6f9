#include "app/registry/etcd_engine.h"

#include <algorithm>

#include "base/scope_exit.h"
#include "base/url.h"
#include "net/deadline.h"
#include "net/tcp_stream.h"
#include "net/tls_stream.h"
#include "net/worker.h"

namespace weir::registry {

using base::Result;
using cluster::EtcdCall;
using cluster::EtcdQuestion;
using cluster::EtcdWords;

namespace {

constexpr std::uint16_t etcd_port = 2379;

}  // namespace

EtcdEngine::EtcdEngine(Given given, Told told)
    : given_(std::move(given)),
      told_(std::move(told)),
      words_({.cluster = given_.settings.prefix,
              .node = given_.node,
              .instance = given_.instance,
              .ttl = given_.settings.ttl}),
      chance_(given_.seed | 1U) {}

EtcdEngine::~EtcdEngine() = default;

net::Task<void> EtcdEngine::run(net::Life& life) {
  worker_ = &life.worker();
  while (!life.stopping()) {
    const std::string why = co_await serve(life);
    if (life.stopping()) break;
    ++failures_;
    told_.down(why);
    co_await pause_for(life, pause_after(failures_, chance_));
  }
}

http::Url EtcdEngine::url_of(const std::string& path) const {
  const auto place = base::parse_host_port(given_.settings.address);  // checked when the configuration was read
  return {tls_ ? "https" : "http", place ? place->first : given_.settings.address,
          place && place->second != 0 ? place->second : etcd_port, path};
}

http::ClientRequest EtcdEngine::request_of(std::string body) const {
  http::ClientRequest request{.method = "POST", .headers = {}, .body = std::move(body)};
  request.headers.add("Content-Type", "application/json");
  if (!token_.empty()) request.headers.add("Authorization", token_);
  return request;
}

net::Task<Result<EtcdEngine::Streams>> EtcdEngine::connect(net::Life& life) {
  const http::Url url = url_of("/");
  CO_TRY(auto stream, co_await net::connect(life.worker(), url.host, url.port, connect_limit));
  if (!tls_) co_return std::move(stream);
  auto secure = net::TlsStream::make_client(std::move(stream), *tls_, url.host);
  CO_TRY_VOID(co_await net::deadline(connect_limit, secure->handshake()));
  co_return Streams(std::move(secure));
}

net::Task<Result<http::ClientReply>> EtcdEngine::post(net::ByteStream& stream, EtcdCall call) {
  co_return co_await http::exchange_on(stream, url_of(call.path), request_of(std::move(call.body)),
                                       {.total = answer_limit, .max_body_bytes = longest_answer});
}

net::Task<std::string> EtcdEngine::serve(net::Life& life) {
  const base::ScopeExit over([this] {
    up_ = false;
    for (const auto& lane : lanes_) {
      if (lane->stream) lane->stream->cancel();
      lane->wake.notify();
    }
    lanes_.clear();
    followed_.clear();
    line_.clear();
    token_.clear();
    lease_.clear();
    cut_why_.clear();
    waiting_ = 0;
  });
  {
    auto stream = co_await connect(life);
    if (!stream) co_return stream.error().message();
    if (!given_.settings.password.empty()) {
      const std::string user = given_.settings.user.empty() ? "root" : given_.settings.user;
      const auto reply = co_await post(**stream, EtcdWords::authenticate(user, given_.settings.password));
      if (!reply) co_return reply.error().message();
      const auto token = EtcdWords::token_in(reply->body);
      if (reply->status != 200 || !token) co_return EtcdWords::fault_in(reply->status, reply->body);
      token_ = *token;
    }
    const auto reply = co_await post(**stream, words_.grant());
    if (!reply) co_return reply.error().message();
    const auto lease = EtcdWords::lease_in(reply->body);
    if (reply->status != 200 || !lease) co_return EtcdWords::fault_in(reply->status, reply->body);
    lease_ = *lease;
  }
  co_return co_await watch(life);
}

net::Task<std::string> EtcdEngine::watch(net::Life& life) {
  const EtcdCall call = words_.watch();
  http::Download::Dialler dialler{.connect =
                                      [&life](std::string host, std::uint16_t port) {
                                        return net::connect(life.worker(), std::move(host), port, connect_limit);
                                      },
                                  .tls = [this](std::string&) { return Result<net::TlsContext*>(tls_); }};
  std::string why;
  auto changes = co_await http::Download::open(std::move(dialler), url_of(call.path), request_of(call.body),
                                               {.step = answer_limit, .max_redirects = 0}, why);
  if (!changes) co_return (why.empty() ? "" : why + ": ") + changes.error().message();
  if ((*changes)->status() != 200) co_return EtcdWords::fault_in((*changes)->status(), {});
  watched_ = &(*changes)->stream();
  const base::ScopeExit unwatched([this] { watched_ = nullptr; });
  while (!up_) {  // the first line says that it began
    const auto piece = co_await net::deadline(answer_limit, (*changes)->read());
    if (!piece) co_return piece.error().message();
    if (piece->empty()) co_return "etcd ended the watch";
    line_.append(base::as_text(*piece));
    if (line_.find('\n') == std::string::npos) continue;
    if (!hear_lines()) co_return "etcd does not watch";
    up_ = true;
  }
  for (std::size_t i = 0; i < lanes; ++i) {
    lanes_.push_back(std::make_shared<Lane>(life.worker().io()));
    life.worker().spawn("registry lane", [this, lane = lanes_.back()](net::Life& own) { return run_lane(own, lane); });
  }
  failures_ = 0;
  told_.up();
  for (;;) {
    const auto piece = co_await (*changes)->read();
    if (!cut_why_.empty()) co_return cut_why_;
    if (!piece) co_return piece.error().message();
    if (piece->empty()) co_return "etcd ended the watch";
    line_.append(base::as_text(*piece));
    if (!hear_lines()) co_return "etcd ended the watch, or says nothing that can be understood";
    if (line_.size() > longest_line) co_return "a line of etcd is too long";
  }
}

bool EtcdEngine::hear_lines() {
  std::size_t from = 0;
  for (std::size_t end = 0; (end = line_.find('\n', from)) != std::string::npos; from = end + 1) {
    const auto said = words_.announcements_in(std::string_view(line_).substr(from, end - from));
    if (!said) return false;
    for (const cluster::Announcement& one : *said) {
      if (followed_.contains(one.key)) told_.announcement(one);
    }
  }
  line_.erase(0, from);
  return true;
}

// The server stops, and with it its sessions: this one has a moment. All that hangs on the lease goes with it.
net::Task<void> EtcdEngine::give_up_lease(net::Life& life, EtcdCall call) {
  life.on_stop = [] {};
  const auto post_it = [](EtcdEngine& self, net::Life& own, EtcdCall what) -> net::Task<Result<void>> {
    CO_TRY(auto stream, co_await self.connect(own));
    CO_TRY(const http::ClientReply reply, co_await self.post(*stream, std::move(what)));
    if (reply.status != 200) log::warn(own.log(), "registry: {}", EtcdWords::fault_in(reply.status, reply.body));
    co_return Result<void>();
  };
  (void)co_await net::deadline(leave_limit, post_it(*this, life, std::move(call)));
}

void EtcdEngine::ask(const cluster::Ask& ask) {
  if (ask.kind == cluster::Ask::Kind::drop_node) {
    worker_->spawn("registry leave", [this, call = EtcdQuestion(words_, ask, lease_).next()](net::Life& life) {
      return give_up_lease(life, call);
    });
    return;
  }
  if (++waiting_ > most_waiting) return cut("it is too slow");
  Lane& lane = *lanes_[std::hash<std::string>{}(ask.key) % lanes_.size()];
  lane.queue.emplace_back(words_, ask, lease_);
  lane.wake.notify();
}

void EtcdEngine::follow(const std::string& key, bool on) {
  if (on) {
    followed_.insert(key);
  } else {
    followed_.erase(key);
  }
}

// The watch ends, and with it the connection.
void EtcdEngine::cut(std::string why) {
  if (cut_why_.empty()) cut_why_ = std::move(why);
  if (watched_) watched_->cancel();
}

// One connection, and the questions that go by it. Ends with the connection that it belongs to; the queue is its own
// then.
net::Task<void> EtcdEngine::run_lane(net::Life& life, std::shared_ptr<Lane> lane) {
  Streams stream;
  const base::ScopeExit over([lane] { lane->stream = nullptr; });
  const auto is_current = [this, &lane] {
    return cut_why_.empty() && std::find(lanes_.begin(), lanes_.end(), lane) != lanes_.end();
  };
  while (is_current()) {
    if (lane->queue.empty()) {
      if (!co_await lane->wake.wait()) co_return;
      continue;
    }
    const bool was_open = stream != nullptr;
    if (!stream) {
      auto made = co_await connect(life);
      if (!is_current()) co_return;
      if (!made) co_return cut(made.error().message());
      stream = std::move(*made);
      lane->stream = stream.get();
    }
    EtcdQuestion& question = lane->queue.front();
    const auto reply = co_await post(*stream, question.next());
    if (!is_current()) co_return;
    if (!reply || !reply->keep_alive) {
      lane->stream = nullptr;
      stream.reset();
    }
    if (!reply) {
      // One that was open may have been closed by etcd meanwhile; each step may be done twice.
      if (was_open && reply.error() != net::Errc::timed_out) continue;
      co_return cut(reply.error() == net::Errc::timed_out ? "it does not answer" : reply.error().message());
    }
    const auto answer = question.hear(reply->status, reply->body);
    if (!answer) continue;
    if (question.lease_gone()) co_return cut(question.fault());
    const std::string fault = question.fault();
    lane->queue.pop_front();
    --waiting_;
    told_.answer(*answer, fault);
  }
}

}  // namespace weir::registry
