#include "base/redact.h"
#include "net/notifier.h"
#include "net/tcp_stream.h"
#include "net/worker.h"
#include "session/common/protocol.h"
#include "session/common/publisher.h"
#include "session/rtmp/connection.h"

namespace weir::session::rtmp {

using base::Result;
namespace protocol = ::weir::rtmp;

namespace {

std::string name_of(protocol::Dialect dialect) {
  switch (dialect) {
    case protocol::Dialect::fmle:
      return "fmle";
    case protocol::Dialect::flash:
      return "flash";
    case protocol::Dialect::haivision:
      return "haivision";
  }
  return "fmle";
}

std::string_view code_of(base::ErrorCode error) {
  return error == hub::Errc::busy ? "NetStream.Publish.BadName" : "NetStream.Publish.Denied";
}

// Merged reads: sleeps, so that what comes meanwhile is read at once. Fewer system calls for some delay. The system is
// told as well not to wake the worker for every packet in between, which is half of the gain.
class ReadPacer {
 public:
  ReadPacer(net::Worker& worker, const net::ByteStream& stream, const config::Vhost& vhost)
      : wheel_(worker.wheel()),
        pause_(vhost.publish.mr && !vhost.min_latency ? vhost.publish.mr_latency : std::chrono::milliseconds(0)),
        descriptor_(stream.native_handle()),
        wake_(worker.io()),
        timer_([this] { wake_.notify(); }) {
    if (merges()) net::set_read_low_water(descriptor_, low_water_bytes);
  }
  ~ReadPacer() {
    if (merges()) net::set_read_low_water(descriptor_, 1);
  }
  ReadPacer(const ReadPacer&) = delete;
  ReadPacer& operator=(const ReadPacer&) = delete;

  bool merges() const { return pause_.count() > 0; }
  net::Task<Result<void>> wait() {
    wheel_.arm(timer_, pause_);
    co_return co_await wake_.wait();
  }

 private:
  static constexpr int low_water_bytes = 128 * 1024;  // a bitrate at which being woken costs little of the whole

  // given
  net::TimerWheel& wheel_;
  std::chrono::milliseconds pause_;
  int descriptor_;

  // owned
  net::Notifier wake_;
  net::TimerWheel::Timer timer_;
};

// Asks a publisher that can to go on elsewhere when this server will end. The words leave with its next media.
class DrainNotice {
 public:
  explicit DrainNotice(Connection& c) : life_(c.life) {
    life_.on_drain = [&c] {
      if (c.server.request_reconnect("The server goes; connect again.")) log::info(c.life.log(), "asked to reconnect");
    };
  }
  ~DrainNotice() { life_.on_drain = nullptr; }
  DrainNotice(const DrainNotice&) = delete;

 private:
  net::Life& life_;
};

// Reads until the publisher stops: true when it unpublished and stays connected.
net::Task<Result<void>> publish_loop(Connection& c, hub::Input& input, const config::Vhost& vhost) {
  FlvPublisher publisher(c.life, input);
  const DrainNotice notice(c);
  ReadPacer pacer(c.life.worker(), c.stream, vhost);
  for (auto left = Connection::Left::perhaps_more;;) {
    while (auto event = c.server.poll()) {
      if (auto* media = std::get_if<protocol::MediaReceived>(&*event)) {
        c.life.watchdog.arm(vhost.publish.normal_timeout);
        CO_TRY_VOID(
            publisher.input(static_cast<flv::TagType>(media->type), base::Millis(media->time_ms), media->payload));
        if (!c.stream.turn().spend()) CO_TRY_VOID(co_await c.stream.yield());
      } else if (std::holds_alternative<protocol::Unpublished>(*event)) {
        input.finish();
        co_return Result<void>();
      }
    }
    if (!c.server.output().empty()) CO_TRY_VOID(co_await c.flush());
    // While merging, nothing short of the low-water mark would make the stream readable.
    if (c.stream.turn().over()) {
      CO_TRY_VOID(co_await c.stream.yield());
    } else if (left == Connection::Left::nothing) {
      CO_TRY_VOID(co_await (pacer.merges() ? pacer.wait() : c.stream.readable()));
    }
    const auto read = c.read_once();
    if (!read) co_return read.error();
    left = *read;
  }
}

}  // namespace

net::Task<Result<void>> publish(Connection& c, protocol::PublishRequested wish) {
  auto request = c.identify(wish.name);
  if (!request) {
    (void)c.server.reject_publish(code_of(request.error()), request.error().message());
    (void)co_await c.flush();
    co_return request.error();
  }
  request->facts.set(facts::encoder, name_of(wish.dialect));
  log::info(c.life.log(), "client identified, type={}-publish, vhost={}, app={}, stream={}, param={}",
            name_of(wish.dialect), request->vhost->name, request->app, request->stream,
            base::without_secrets(request->param));
  const auto vhost = request->vhost;
  const std::string url = request->url();
  auto input = co_await c.shared.hub.publish(c.life, std::move(*request), &c.stream);
  if (!input) {
    log::warn(c.life.log(), "publish of {} refused: {}", url, input.error().message());
    if (const std::string away = input.error().url; !away.empty()) {
      c.redirect(away);
    } else {
      (void)c.server.reject_publish(code_of(input.error()), input.error().message());
    }
    (void)co_await c.flush();
    co_return input.error();
  }
  CO_TRY_VOID(c.server.accept_publish());
  CO_TRY_VOID(co_await c.flush());
  log::info(c.life.log(), "start publish {}", url);
  c.life.watchdog.arm(vhost->publish.firstpkt_timeout);
  c.acknowledges_at_once = false;  // frames come no sooner for it (measured with ffmpeg), and each costs a packet
  co_return co_await publish_loop(c, *input, *vhost);
}

}  // namespace weir::session::rtmp
