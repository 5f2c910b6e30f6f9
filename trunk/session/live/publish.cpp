#include "base/clock_unwrap.h"
#include "format/flv/demuxer.h"
#include "net/worker.h"
#include "session/common/publisher.h"
#include "session/live/play.h"

namespace weir::session::live {

using base::Result;
namespace format = ::weir::flv;

namespace {

// Feeds what comes of the body to the stream, until it ends.
net::Task<Result<void>> publish_body(http::Exchange& exchange, hub::Input& input, const config::Vhost& vhost) {
  net::Life& life = exchange.life();
  FlvPublisher publisher(life, input);
  format::Demuxer demuxer;
  base::MillisUnwrap clock;
  base::Buffer room(32 * 1024);
  life.watchdog.arm(vhost.publish.firstpkt_timeout);
  for (;;) {
    CO_TRY(const std::size_t count, co_await exchange.read_body_some({room.data(), room.size()}));
    if (count == 0) {
      input.finish();
      co_return Result<void>();
    }
    life.watchdog.arm(vhost.publish.normal_timeout);
    const auto taken = demuxer.input(base::Bytes(room.data(), count));
    while (auto tag = demuxer.poll()) {
      const base::Millis time(clock.unwrap(tag->timestamp_ms));
      CO_TRY_VOID(publisher.input(tag->type, time, tag->body));
      if (!exchange.stream().turn().spend()) CO_TRY_VOID(co_await exchange.stream().yield());
    }
    if (!taken) {
      log::warn(life.log(), "FLV: {}", demuxer.fault_text());
      co_return taken.error();
    }
  }
}

}  // namespace

net::Task<void> publish(hub::Hub& hub, http::Exchange& exchange) {
  net::Life& life = exchange.life();
  auto request = identify(hub, exchange, protocols::flv);
  if (!request) co_return co_await refuse(exchange, request.error());
  const auto vhost = request->vhost;
  const std::string url = request->url();
  log::info(life.log(), "HTTP-FLV publisher ip={}, url={}, vhost={}", request->peer.address, url, vhost->name);
  auto input = co_await hub.publish(life, std::move(*request), &exchange.stream());
  if (!input) co_return co_await refuse(exchange, input.error());
  const auto done = co_await publish_body(exchange, *input, *vhost);
  log::info(life.log(), "publish of {} ended: {}", url,
            done ? "end of the body" : net::why_ended(life, done.error()).message());
  http::Reply reply = http::Reply::plain(done ? 200 : 400, done ? "published\n" : done.error().message() + "\n");
  life.watchdog.arm(std::chrono::seconds(5));
  (void)co_await exchange.reply(std::move(reply));
}

}  // namespace weir::session::live
