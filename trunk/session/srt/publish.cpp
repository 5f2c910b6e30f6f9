#include "net/worker.h"
#include "session/common/frame_publisher.h"
#include "session/common/srt_connection.h"
#include "session/common/ts_receiver.h"
#include "session/srt/connection.h"
#include "session/srt/error.h"

namespace weir::session::srt {

using base::Result;

namespace {

// Until the caller leaves. Any media that comes keeps the session; bytes without do not.
net::Task<Result<void>> receive(Connection& c, TsReceiver& receiver, FramePublisher& publisher,
                                const config::Vhost& vhost) {
  std::array<std::uint8_t, net::SrtSocket::largest_message> room;
  for (;;) {
    const auto count = c.socket.try_read(room);
    if (count) {
      CO_TRY_VOID(receiver.input(base::Bytes(room).first(*count)));
    } else if (count.error() == net::Errc::would_block) {
      receiver.pass_on(publisher);
      CO_TRY_VOID(co_await c.socket.readable());
      continue;
    } else {
      receiver.finish();
      CO_TRY_VOID(receiver.drain(publisher));
      receiver.pass_on(publisher);
      publisher.finish();
      co_return count.error();
    }
    if (!receiver.has_media()) continue;
    c.life.watchdog.arm(vhost.publish.normal_timeout);
    CO_TRY_VOID(receiver.drain(publisher));
  }
}

}  // namespace

net::Task<base::ErrorCode> publish(Connection& c, hub::Request request) {
  const auto vhost = request.vhost;
  const std::string url = request.url();
  TsReceiver receiver(program_of(request.param), *vhost);
  hub::Link link = srt_link(c.socket);
  link.transport_stream = receiver.measured();
  auto input = co_await c.shared.hub.publish(c.life, std::move(request), std::move(link));
  if (!input) {
    log::warn(c.life.log(), "publish of {} refused: {}", url, input.error().message());
    co_return input.error().why;
  }
  log::info(c.life.log(), "start publish {}", url);
  c.life.watchdog.arm(vhost->publish.firstpkt_timeout);
  base::ErrorCode why;
  {
    FramePublisher publisher(c.life, *input);
    why = (co_await receive(c, receiver, publisher, *vhost)).error();
    log::info(c.life.log(), "{}", receiver.condition());
  }
  // A caller that closes says so to us at once; one that vanished is missed after a while, and may come again.
  if (why == net::Errc::end_of_stream && !c.socket.vanished()) input->finish();
  if (!receiver.got_media() && c.life.stop_reason() == net::Errc::timed_out) co_return Errc::no_media;
  co_return why;
}

}  // namespace weir::session::srt
