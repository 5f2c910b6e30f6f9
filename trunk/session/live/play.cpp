#include "session/live/play.h"

#include "base/redact.h"
#include "base/text.h"
#include "net/websocket.h"
#include "net/worker.h"
#include "pack/formats.h"
#include "proto/stream_url.h"
#include "session/common/identity.h"
#include "session/common/player.h"
#include "session/common/upstream/error.h"
#include "session/common/upstream/way.h"
#include "session/live/mount.h"

namespace weir::session::live {

using base::Result;

namespace {

constexpr std::chrono::milliseconds word_limit{200};      // between workers
constexpr std::chrono::milliseconds fetch_limit{10'000};  // until the answer to a player begins without a stream

// A plain HTTP player says nothing more; what it sends is passed over. A chunked response says where it ends: without
// that, clients take the end of a stream for a broken connection.
class HttpDialogue final : public PlayerDialogue {
 public:
  explicit HttpDialogue(bool chunked) : chunked_(chunked) {}
  void attach(hub::Pump& pump) { pump_ = &pump; }

  Result<void> heard(base::Bytes) override { return {}; }
  bool publication_ended() override {
    farewell();
    return false;
  }
  void farewell() override {
    if (chunked_) pump_->send(base::SharedBytes::copy_of(base::as_bytes(http::last_chunk)));
  }

 private:
  bool chunked_;
  hub::Pump* pump_ = nullptr;
};

// A WebSocket player may ping and must be heard when it closes.
class WebSocketDialogue final : public PlayerDialogue {
 public:
  explicit WebSocketDialogue(log::Context who) : who_(who) {}
  void attach(hub::Pump& pump) { pump_ = &pump; }

  Result<void> heard(base::Bytes bytes) override {
    reader_.input(bytes);
    base::Buffer pongs;  // one message, and one write, however many pings came
    for (;;) {
      const auto event = reader_.poll();
      if ((!event || !*event) && !pongs.empty()) pump_->send(base::SharedBytes::copy_of(pongs));
      if (!event) {
        log::warn(who_, "WebSocket: {}", event.error().message());
        close(websocket::close_status_of(static_cast<websocket::Errc>(event.error().value())));
        return event.error();
      }
      if (!*event) return {};
      if ((*event)->type == websocket::Opcode::close) {
        close((*event)->close_status == 1005 ? 1000 : (*event)->close_status);
        return net::Errc::end_of_stream;
      }
      if ((*event)->type == websocket::Opcode::ping) append_pong(pongs, (*event)->payload);
    }
  }
  bool publication_ended() override {
    close(1000);
    return false;
  }
  void farewell() override { close(1001); }

 private:
  static void append_pong(base::Buffer& out, base::Bytes payload) {
    std::array<std::uint8_t, websocket::max_frame_header> head;
    out.append(base::Bytes(head).first(websocket::write_frame_header(head, websocket::Opcode::pong, payload.size())));
    out.append(payload);
  }
  void close(std::uint16_t status) { pump_->send(base::SharedBytes::copy_of(websocket::close_frame(status))); }

  log::Context who_;
  hub::Pump* pump_ = nullptr;
  websocket::Reader reader_{4096};
};

net::Task<void> run(http::Exchange& exchange, hub::Subscription& subscription, Player& player) {
  const base::ErrorCode why = co_await player.run();
  log::info(exchange.life().log(), "play of {} ended: {}; sent {} bytes, {} skips", subscription.record().request.url(),
            why.message(), exchange.stream().sent_bytes(), player.pump().skips());
}

net::Task<void> stream(http::Exchange& exchange, hub::Subscription subscription, pack::Live live) {
  http::Headers headers;
  headers.add("Content-Type", content_type_of(live));
  headers.add("Cache-Control", "no-cache, no-store");
  const auto framing = co_await exchange.start_stream(200, std::move(headers), http::Framing::chunked);
  if (!framing) co_return;
  HttpDialogue dialogue(*framing == http::Framing::chunked);
  Player player(exchange.life(), exchange.stream(), subscription, dialogue);
  dialogue.attach(player.pump());
  co_await run(exchange, subscription, player);
}

net::Task<void> stream_by_websocket(http::Exchange& exchange, hub::Subscription subscription) {
  // Browsers give up a connection that was offered subprotocols and got none; which one is nothing to a stream.
  std::string_view protocols = exchange.request().headers.find("Sec-WebSocket-Protocol");
  const std::string first(base::trim(base::split_first(protocols, ',').first));
  if (!co_await exchange.accept_websocket(first)) co_return;
  WebSocketDialogue dialogue(exchange.life().log());
  Player player(exchange.life(), exchange.stream(), subscription, dialogue);
  dialogue.attach(player.pump());
  if (const base::Buffer early = exchange.take_leftover(); !early.empty() && !dialogue.heard(early)) co_return;
  co_await run(exchange, subscription, player);
}

// It was to be fetched, and cannot be: perhaps in a moment.
net::Task<void> refuse_absent(http::Exchange& exchange, base::ErrorCode why) {
  if (upstream::is_absence(why) || why == hub::Errc::nobody_published) {
    co_return co_await refuse(exchange, why);
  }
  log::warn(exchange.life().log(), "{} {} refused: {}", exchange.request().method, exchange.request().path,
            why.message());
  http::Reply reply = http::Reply::plain(503, why.message() + "\n");
  reply.headers.add("Cache-Control", "no-cache");
  reply.headers.add("Retry-After", "1");
  (void)co_await exchange.reply(std::move(reply));
}

// The first reader of a format on this worker hears a moment later from the stream's home, and so whether the format
// carries any of it; and of a stream that is being fetched, whether it could be.
net::Task<void> word_of_stream(net::Worker& worker, hub::Feed& feed, std::chrono::milliseconds limit) {
  hub::FeedWaiter waiter(worker, limit);
  co_await waiter.wait(feed);
}

}  // namespace

net::Task<void> refuse(http::Exchange& exchange, hub::Refusal refusal) {
  const http::Request& asked = exchange.request();
  if (!refusal.url.empty()) {
    log::info(exchange.life().log(), "{} {} sent to {}", asked.method, asked.path, base::without_secrets(refusal.url));
    http::Reply away = http::Reply::redirect(302, refusal.url);
    (void)co_await exchange.reply(std::move(away));
    co_return;
  }
  log::warn(exchange.life().log(), "{} {} refused: {}", asked.method, asked.path, refusal.message());
  http::Reply reply = http::Reply::plain(status_of(refusal.why), refusal.message() + "\n");
  (void)co_await exchange.reply(std::move(reply));
}

int status_of(base::ErrorCode error) {
  if (error == hub::Errc::busy) return 409;
  if (error == hub::Errc::nobody_published || upstream::is_absence(error)) return 404;
  if (error == upstream::Errc::loop) return 508;
  if (error == upstream::Errc::nowhere) return 503;
  if (error == hub::Errc::not_carried) return 406;
  if (error == hub::Errc::no_vhost || error == hub::Errc::no_stream_name) return 404;
  if (error == hub::Errc::limit || error == hub::Errc::draining || error == hub::Errc::no_memory) return 503;
  return 403;
}

Result<hub::Request> identify(hub::Hub& hub, http::Exchange& exchange, const Protocol& protocol) {
  const http::Request& asked = exchange.request();
  TRY(const proto::StreamUrl url, proto::parse_http_stream_url("http", asked.host, asked.target));
  TRY(hub::Request request, session::identify(url, *hub.config()));
  request.protocol = protocol.id;
  request.facts.set(facts::tc_url,
                    "http://" + (asked.host.empty() ? request.vhost->name : asked.host) + "/" + request.app);
  request.facts.set(facts::page_url, std::string(asked.headers.find("Referer")));
  request.facts.set(upstream::way_fact,
                    std::string(asked.headers.find(upstream::way_header).substr(0, upstream::longest_way)));
  request.peer = exchange.stream().peer();
  request.peer.address = exchange.client_address();
  exchange.life().comes_from(request.peer.address);
  return request;
}

net::Task<void> play(hub::Hub& hub, http::Exchange& exchange, pack::Live live,
                     const std::function<net::Task<bool>(http::Exchange&)>& file) {
  net::Life& life = exchange.life();
  auto request = identify(hub, exchange, protocol_of(live));
  if (!request) co_return co_await refuse(exchange, request.error());
  const bool websocket = exchange.is_websocket_upgrade();
  const bool published = hub.directory().live(request->key());
  if (!published && !websocket && file && co_await file(exchange)) co_return;
  const bool brought = !published && hub.demand().can_start(*request);
  if (!published && !may_wait(*request->vhost, exchange.request().path, brought)) {
    http::Reply missing = http::Reply::plain(404, "nobody publishes this stream\n");
    missing.headers.add("Cache-Control", "no-cache");
    (void)co_await exchange.reply(std::move(missing));
    co_return;
  }
  if (exchange.request().method == "HEAD") {
    http::Reply head;
    head.headers.add("Content-Type", content_type_of(live));
    (void)co_await exchange.reply(std::move(head));
    co_return;
  }
  log::info(life.log(), "HTTP-{} client ip={}, {}url={}, vhost={}", title_of(live), request->peer.address,
            websocket ? "websocket, " : "", request->url() + base::without_secrets(request->param),
            request->vhost->name);
  const pack::Envelope envelope = websocket                               ? pack::Envelope::websocket
                                  : exchange.request().minor_version == 0 ? pack::Envelope::none
                                                                          : pack::Envelope::chunk;
  auto subscription =
      co_await hub.subscribe(life, std::move(*request), pack::format_of(live, envelope), &exchange.stream());
  if (!subscription) co_return co_await refuse(exchange, subscription.error());
  hub::Feed& feed = subscription->feed();
  const bool fetched = !published && hub.directory().starting(subscription->record().request.key());
  if (published || fetched) {
    const auto limit = fetched ? std::min(feed.vhost().play.publish_wait, fetch_limit) : word_limit;
    life.watchdog.disarm();
    co_await word_of_stream(hub.worker(), feed, limit);
  }
  if (feed.absence()) co_return co_await refuse_absent(exchange, feed.absence());
  if (feed.barren()) co_return co_await refuse(exchange, hub::Errc::not_carried);
  if (websocket) {
    co_await stream_by_websocket(exchange, std::move(*subscription));
  } else {
    co_await stream(exchange, std::move(*subscription), live);
  }
}

}  // namespace weir::session::live
