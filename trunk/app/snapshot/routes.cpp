#include "app/snapshot/routes.h"

#include "app/snapshot/error.h"
#include "app/stats/ask.h"
#include "base/random.h"
#include "session/common/protocol.h"
#include "session/live/play.h"

namespace weir::snapshot {

using base::Result;
using base::SharedBytes;

namespace {

struct Picture {
  SharedBytes jpeg;
  base::ErrorCode why{};  // there is none
};

constexpr std::string_view extension = ".jpg";

// At the stream's home.
net::Task<Result<Picture>> ask(hub::Hub& hub, const Shared& shared, const base::StreamKey& key) {
  const auto home = hub.directory().home(key);
  if (!home) co_return Picture{{}, Errc::no_stream};
  net::Worker& here = hub.worker();
  auto pending = std::make_shared<stats::Pending<Picture>>(here);
  Service* const service = shared.services[static_cast<std::size_t>(*home)];
  shared.workers->at(*home).post([service, key, &here, weak = std::weak_ptr(pending)] {
    service->want(key, [&here, weak](const Result<SharedBytes>& made) {
      here.post([weak, made] {
        const auto asker = weak.lock();
        if (!asker) return;
        asker->value = made ? Picture{*made} : Picture{{}, made.error()};
        asker->ready.notify();
      });
    });
  });
  co_return co_await stats::await_answer(std::move(pending));
}

http::Reply reply_of(const Picture& picture, const config::Snapshot& settings) {
  if (!picture.why) {
    http::Reply reply;
    reply.headers.add("Content-Type", "image/jpeg");
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(settings.cache).count();
    reply.headers.add("Cache-Control", seconds > 0 ? "private, max-age=" + std::to_string(seconds) : "no-cache");
    reply.shared = picture.jpeg;
    return reply;
  }
  const base::ErrorCode why = picture.why;
  const bool later = why == Errc::busy || why == Errc::no_key;
  const bool none = why == Errc::no_stream || why == Errc::no_video;
  http::Reply reply = http::Reply::plain(later ? 503 : none ? 404 : 500, why.message() + "\n");
  reply.headers.add("Cache-Control", "no-cache");
  if (later) reply.headers.add("Retry-After", "1");
  return reply;
}

net::Task<void> serve(hub::Hub& hub, const Shared& shared, const session::live::ServeFile& file,
                      http::Exchange& exchange) {
  auto request = session::live::identify(hub, exchange, session::protocols::flv);
  if (!request) co_return co_await session::live::refuse(exchange, request.error());
  if (request->stream.ends_with(extension)) request->stream.resize(request->stream.size() - extension.size());
  const base::StreamKey key = request->key();
  const auto vhost = request->vhost;
  if (!hub.directory().live(key)) {
    if (co_await file(exchange)) co_return;
    (void)co_await exchange.reply(reply_of({{}, Errc::no_stream}, vhost->snapshot));
    co_return;
  }
  const auto visit = co_await hub.visit(exchange.life(), *std::move(request), base::random_session_id());
  if (!visit) co_return co_await session::live::refuse(exchange, visit.error());
  const auto picture = co_await ask(hub, shared, key);
  if (!picture) co_return;  // the session was told to end
  (void)co_await exchange.reply(reply_of(*picture, vhost->snapshot));
}

}  // namespace

void add_routes(http::Router& router, hub::Hub& hub, const Shared& shared, session::live::ServeFile file) {
  router.add_matcher([&hub, &shared,
                      file = std::move(file)](const http::Request& request) -> std::optional<http::Route> {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (!reads || !request.path.ends_with(extension)) return std::nullopt;
    const auto vhost = hub.config()->match_vhost(request.virtual_host());
    if (!vhost || !vhost->snapshot.enabled) return std::nullopt;
    return http::Route(http::Access::media,
                       [&hub, &shared, file](http::Exchange& exchange) { return serve(hub, shared, file, exchange); });
  });
}

}  // namespace weir::snapshot
