#include "app/hooks/outbox.h"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>

#include "app/hooks/tracing.h"
#include "app/hooks/verdict.h"
#include "net/coroutine.h"
#include "net/http/error.h"

namespace weir::hooks {

using namespace std::chrono_literals;

namespace {

constexpr unsigned most_senders = 8;        // to one server, of one worker
constexpr std::size_t looked_through = 64;  // messages, for one of a client that nothing is told of now
constexpr std::chrono::milliseconds first_pause = 500ms, longest_pause = 30s;

bool is_good(const Outbox::Message& message, const base::Result<http::ClientReply>& reply, base::ErrorCode& why) {
  if (!reply) {
    why = reply.error();
    return message.any_answer && why == http::Errc::body_too_large;
  }
  if (message.any_answer) return true;
  const auto verdict = judge(reply->status, reply->body);
  if (!verdict) why = verdict.error();
  return verdict.has_value();
}

}  // namespace

Outbox::Outbox(net::Worker& worker, Caller& caller, Figures& figures)
    : worker_(worker), caller_(caller), figures_(figures) {}

Outbox::~Outbox() { figures_.queued -= static_cast<std::int64_t>(waiting()); }

std::size_t Outbox::waiting() const {
  std::size_t sum = 0;
  for (const auto& [name, server] : servers_) sum += server.queue.size();
  return sum;
}

void Outbox::tell(Message message, std::size_t most) {
  Server& server = servers_[message.url.scheme + "://" + message.url.authority()];
  if (server.queue.size() >= most) {
    figures_.of(message.hook).dropped.fetch_add(1, std::memory_order_relaxed);
    if (const auto times = drops_.hit(std::chrono::steady_clock::now())) {
      log::warn({worker_.logger(), {}, {}}, "hook server {} is too slow: {} calls wait, {} dropped, {} the last",
                message.url.authority(), server.queue.size(), times, name_of(message.hook));
    }
    return;
  }
  server.queue.push_back(std::move(message));
  ++figures_.queued;
  if (server.senders == most_senders) return;
  ++server.senders;
  worker_.spawn("hook sender", [this, &server](net::Life& life) { return send_all(life, server); });
}

bool Outbox::next(Server& server, Message& out) {
  const auto end = server.queue.begin() + static_cast<std::ptrdiff_t>(std::min(server.queue.size(), looked_through));
  const auto free = std::find_if(server.queue.begin(), end, [&](const Message& message) {
    return std::find(server.clients.begin(), server.clients.end(), message.client) == server.clients.end();
  });
  if (free == end) return false;
  out = std::move(*free);
  server.queue.erase(free);
  --figures_.queued;
  return true;
}

net::Task<void> Outbox::send_all(net::Life& life, Server& server) {
  // What is told when the server stops is told still; a second, impolite stop ends it.
  life.on_stop = [] {};
  for (Message message; next(server, message);) {
    server.clients.push_back(message.client);
    co_await send(life, message);
    server.clients.erase(std::find(server.clients.begin(), server.clients.end(), message.client));
  }
  --server.senders;
}

net::Task<void> Outbox::send(net::Life& life, Message& message) {
  Figures::Calls& figures = figures_.of(message.hook);
  base::ErrorCode why;
  auto pause = first_pause;
  for (std::uint32_t tries = 0;; ++tries) {
    const auto began = std::chrono::steady_clock::now();
    const auto reply = co_await caller_.call(message.url, message.request, message.options);
    figures.took.note(std::chrono::steady_clock::now() - began);
    const bool good = is_good(message, reply, why);
    if (good || why == Errc::denied || tries == message.retries || life.stopping()) {
      end_span(tracer_, std::exchange(message.span, std::nullopt), reply);
    }
    if (good) {
      figures.good.fetch_add(1, std::memory_order_relaxed);
      co_return;
    }
    (why == Errc::denied ? figures.denied : figures.failed).fetch_add(1, std::memory_order_relaxed);
    if (why == Errc::denied || tries == message.retries || life.stopping()) break;
    figures_.retried.fetch_add(1, std::memory_order_relaxed);
    boost::asio::steady_timer timer(life.worker().io(), pause);
    (void)co_await timer.async_wait(net::use_ec);
    pause = std::min(pause * 2, longest_pause);
  }
  if (const auto times = faults_.hit(std::chrono::steady_clock::now())) {
    log::warn({worker_.logger(), message.client, {}}, "{} to {} was in vain: {} ({} times)", name_of(message.hook),
              message.url.authority(), why.message(), times);
  }
}

}  // namespace weir::hooks
