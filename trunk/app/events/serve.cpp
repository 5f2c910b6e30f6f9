#include "app/events/serve.h"

#include <array>

#include "base/scope_exit.h"
#include "net/http/server.h"

namespace weir::events {

using base::as_bytes;
using base::Bytes;

namespace {

// Tells when the peer leaves. What it sends is passed over.
class Ear {
 public:
  Ear(net::ByteStream& stream, std::weak_ptr<Listener> listener) : stream_(stream), listener_(std::move(listener)) {}

  // True when the peer has gone, or floods.
  bool peer_left() {
    if (*waiting_) return false;
    std::array<std::uint8_t, 1024> room;
    for (int rounds = 0; rounds < 4; ++rounds) {
      const auto count = stream_.try_read(room);
      if (count) continue;
      if (count.error() != net::Errc::would_block) return true;
      listen();
      return false;
    }
    return true;
  }

 private:
  void listen() {
    *waiting_ = true;
    stream_.when_readable([waiting = std::weak_ptr<bool>(waiting_), listener = listener_] {
      const auto flag = waiting.lock();
      if (flag) *flag = false;
      if (const auto here = listener.lock()) here->wake();
    });
  }

  net::ByteStream& stream_;
  std::weak_ptr<Listener> listener_;
  std::shared_ptr<bool> waiting_ = std::make_shared<bool>(false);
};

net::Task<base::Result<void>> write(http::Exchange& exchange, bool chunked, std::vector<base::SharedBytes> texts) {
  std::size_t size = 0;
  std::vector<Bytes> parts(1);
  parts.reserve(texts.size() + 2);
  for (const auto& text : texts) {
    size += text.size();
    parts.push_back(text.bytes());
  }
  std::array<std::uint8_t, 18> head;
  if (chunked) {
    parts[0] = Bytes(head).first(http::write_chunk_head(head, size));
    parts.push_back(as_bytes(http::chunk_end));
  }
  exchange.watchdog().arm(exchange.options().write_limit);
  CO_TRY_VOID(co_await exchange.stream().write(parts));
  exchange.watchdog().disarm();
  co_return base::Result<void>();
}

net::Task<base::Result<void>> send_all(Listener& listener, Ear& ear, http::Exchange& exchange, bool chunked) {
  for (;;) {
    if (ear.peer_left()) co_return net::Errc::end_of_stream;
    auto texts = listener.take();
    if (!texts.empty()) {
      CO_TRY_VOID(co_await write(exchange, chunked, std::move(texts)));
      continue;
    }
    if (listener.overflowed()) co_return net::Errc::timed_out;
    if (listener.ended()) co_return base::Result<void>();
    CO_TRY_VOID(co_await listener.wait());
  }
}

}  // namespace

net::Task<void> serve(Board& board, const config::HttpApi::Events& settings, http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  std::string last(request.headers.find("Last-Event-ID"));
  if (last.empty()) last = request.query_value("last_event_id").value_or("");
  net::Life& life = exchange.life();
  const bool history = request.query_value("history").value_or("") == "1";
  const auto listener =
      board.join(life.worker(), {.last_event_id = last, .history = history}, exchange.client_address(),
                 {settings.max_listeners, settings.max_listeners_per_address});
  if (!listener) {
    http::Reply full = http::Reply::json(R"({"code":503,"message":"too many listen to events"})", 503);
    (void)co_await exchange.reply(std::move(full));
    co_return;
  }
  // Told to stop, it says good-bye; too slow, it is cut off in the middle of what it did not read.
  life.on_stop = [one = listener.get()] { one->end(); };
  listener->on_overflow = [&life] { life.stop(net::Errc::timed_out); };
  const base::ScopeExit forget([&] {
    life.on_stop = nullptr;
    listener->on_overflow = nullptr;
  });
  http::Headers headers{{"Content-Type", "text/event-stream"},
                        {"Cache-Control", "no-cache"},
                        {"X-Accel-Buffering", "no"}};  // nginx before us is to pass it on at once
  const auto framing = co_await exchange.start_stream(200, std::move(headers), http::Framing::chunked);
  if (!framing) co_return;
  Ear ear(exchange.stream(), listener);
  const bool chunked = *framing == http::Framing::chunked;
  const auto sent = co_await send_all(*listener, ear, exchange, chunked);
  if (sent.has_value() && chunked) {
    exchange.watchdog().arm(std::chrono::seconds(2));
    (void)co_await exchange.stream().write(as_bytes(http::last_chunk));
  }
  log::debug(life.log(), "events: listener {} left: {}", exchange.client_address(),
             sent ? "end of the server" : net::why_ended(life, sent.error()).message());
}

}  // namespace weir::events
