#include "net/worker.h"
#include "pack/formats.h"
#include "session/common/srt_connection.h"
#include "session/common/srt_writer.h"
#include "session/srt/connection.h"

namespace weir::session::srt {

namespace {

// Why it ended. Media does not run through this; it sleeps until there is something to say.
net::Task<base::ErrorCode> send(Connection& c, hub::Feed& feed, SrtWriter& writer) {
  const auto publish_wait = feed.vhost().play.publish_wait;
  bool told_of_end = false;
  if (const base::ErrorCode absent = feed.absence()) co_return absent;
  if (!feed.live()) c.life.watchdog.arm(publish_wait);
  hub::MessageReader& reader = writer.reader();
  reader.start();
  for (;;) {
    if (c.socket.over()) co_return net::Errc::end_of_stream;
    if (reader.state() == hub::Reader::State::failed) co_return reader.error();
    if (feed.live() && reader.state() != hub::Reader::State::ended) {
      c.life.watchdog.disarm();
      told_of_end = false;
    }
    // Waits for the next publisher, untold: whoever takes a contribution wants it back, not a new connection.
    if (reader.state() == hub::Reader::State::ended && !std::exchange(told_of_end, true)) {
      c.life.watchdog.arm(publish_wait);
    }
    if (writer.leaving()) {
      const base::ErrorCode why = c.life.stop_reason();
      co_await writer.finish();
      co_return why;
    }
    if (const auto woke = co_await writer.changed(); !woke) {
      if (c.life.stop_reason() != net::Errc::timed_out) co_return net::why_ended(c.life, woke.error());
      co_return hub::Errc::nobody_published;
    }
  }
}

}  // namespace

net::Task<base::ErrorCode> play(Connection& c, hub::Request request) {
  const std::string url = request.url();
  auto subscription =
      co_await c.shared.hub.subscribe(c.life, std::move(request), pack::ts_messages, srt_link(c.socket));
  if (!subscription) {
    log::warn(c.life.log(), "play of {} refused: {}", url, subscription.error().message());
    co_return subscription.error().why;
  }
  c.life.watchdog.disarm();
  SrtWriter writer(c.life, c.socket, *subscription);
  const base::ErrorCode why = co_await send(c, subscription->feed(), writer);
  log::info(c.life.log(), "play of {} ended: {}; {} skips", url, why.message(), writer.skips());
  co_return why;
}

}  // namespace weir::session::srt
