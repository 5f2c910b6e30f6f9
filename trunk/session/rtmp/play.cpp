#include "base/redact.h"
#include "net/worker.h"
#include "pack/formats.h"
#include "session/common/player.h"
#include "session/rtmp/connection.h"

namespace weir::session::rtmp {

using base::Result;
namespace protocol = ::weir::rtmp;

namespace {

// What an RTMP player says while it plays: pings, acknowledgements, pause, the end. Answers go out between two messages
// of the stream.
class Dialogue final : public PlayerDialogue {
 public:
  explicit Dialogue(Connection& connection) : c_(connection) {}
  ~Dialogue() override { c_.life.on_drain = nullptr; }
  void attach(hub::Pump& pump) {
    pump_ = &pump;
    c_.life.on_drain = [this] {
      if (c_.server.request_reconnect("The server goes; connect again.")) answer();
    };
  }

  Result<void> heard(base::Bytes bytes) override {
    TRY_VOID(c_.take(bytes));
    while (auto event = c_.server.poll()) {
      if (std::holds_alternative<protocol::StreamClosed>(*event)) {
        closed_ = true;
        return net::Errc::end_of_stream;
      }
      if (const auto* pause = std::get_if<protocol::Paused>(&*event)) pause->paused ? pump_->pause() : pump_->resume();
    }
    answer();
    return {};
  }

  // Waits for the next publisher, untold: ffmpeg and others take NetStream.Play.UnpublishNotify for the end and leave.
  bool publication_ended() override { return true; }

  void farewell() override {
    c_.server.notify_stopped();
    answer();
  }

  // The player closed its stream and not its connection.
  bool closed() const { return closed_; }

 private:
  void answer() {
    if (!c_.server.output().empty()) pump_->send(base::SharedBytes::copy_of(c_.server.take_output()));
  }

  Connection& c_;
  hub::Pump* pump_ = nullptr;
  bool closed_ = false;
};

}  // namespace

net::Task<Result<void>> play(Connection& c, protocol::PlayRequested wish) {
  auto request = c.identify(wish.name);
  if (!request) {
    (void)c.server.reject_play("NetStream.Play.StreamNotFound", request.error().message());
    (void)co_await c.flush();
    co_return request.error();
  }
  log::info(c.life.log(), "client identified, type=rtmp-play, vhost={}, app={}, stream={}, param={}, duration={}",
            request->vhost->name, request->app, request->stream, base::without_secrets(request->param), wish.duration);
  const std::string url = request->url();
  const bool multitrack = (c.server.client_caps() & protocol::caps_ex::multitrack) != 0;
  const hub::FormatId format = multitrack ? pack::rtmp_multitrack : pack::rtmp;
  auto subscription = co_await c.shared.hub.subscribe(c.life, std::move(*request), format, &c.stream);
  if (!subscription) {
    log::warn(c.life.log(), "play of {} refused: {}", url, subscription.error().message());
    if (const std::string away = subscription.error().url; !away.empty()) {
      c.redirect(away);
    } else {
      (void)c.server.reject_play("NetStream.Play.Failed", subscription.error().message());
    }
    (void)co_await c.flush();
    co_return subscription.error();
  }
  CO_TRY_VOID(c.server.accept_play());
  CO_TRY_VOID(co_await c.flush());
  c.life.watchdog.disarm();
  Dialogue dialogue(c);
  Player player(c.life, c.stream, *subscription, dialogue);
  dialogue.attach(player.pump());
  if (wish.duration > 0)
    player.limit(std::chrono::milliseconds(static_cast<std::int64_t>(std::min(wish.duration, 1e12))));
  const base::ErrorCode why = co_await player.run();
  log::info(c.life.log(), "play of {} ended: {}; {} skips", url, why.message(), player.pump().skips());
  if (!dialogue.closed()) co_return why;
  player.pump().stop();
  co_return Result<void>();
}

}  // namespace weir::session::rtmp
