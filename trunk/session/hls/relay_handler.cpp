#include "session/hls/relay_handler.h"

#include "config/hls_origins.h"
#include "net/http/reply.h"
#include "net/http/static_files.h"
#include "proto/stream_url.h"
#include "session/common/path_reading.h"
#include "session/common/upstream/error.h"
#include "session/common/upstream/way.h"
#include "session/hls/asker.h"
#include "session/hls/guard.h"
#include "session/hls/item_reply.h"

namespace weir::session::hls {

namespace {

// Names of virtual hosts go along as SRS's edges have it.
std::string vhost_there(const config::Vhost& vhost) {
  const std::string name = base::replace_all(vhost.cluster.vhost, "[vhost]", vhost.name);
  return name == config::default_vhost_name ? std::string() : name;
}

Relay::Query query_of(const std::shared_ptr<const config::Vhost>& vhost, std::string stem, const std::string& path,
                      const http::Request& request) {
  Relay::Query query{.vhost = vhost,
                     .stem = std::move(stem),
                     .path = path,
                     .target = relay_target_of(path, request.query, vhost_there(*vhost)),
                     .way = std::string(request.headers.find(upstream::way_header).substr(0, upstream::longest_way)),
                     .kind = relay_kind_of(path)};
  query.blocking = query.kind == RelayKind::playlist && request.query_value("_HLS_msn").has_value();
  return query;
}

bool is_live(Service& service, const config::Vhost& vhost, std::string_view path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return false;
  return service.hub().directory().live({.vhost = vhost.name,
                                         .app = std::string(path.substr(0, slash)),
                                         .stream = std::string(proto::without_extension(path.substr(slash + 1)))});
}

net::Task<void> refuse_as(http::Exchange& exchange, RelayedRef answer) {
  http::Reply reply =
      http::Reply::plain(answer->status, (answer->fault.empty() ? "the origin refuses" : answer->fault) + "\n");
  reply.headers.add("Cache-Control", "no-cache");
  if (answer->status == 503) reply.headers.add("Retry-After", "1");
  (void)co_await exchange.reply(std::move(reply));
}

// Null: it was answered.
net::Task<RelayedRef> brought(Service& service, http::Exchange& exchange, Relay::Query query) {
  auto answer = co_await service.relay().get(std::move(query));
  if (!answer) {
    co_await refuse(exchange, hub::Refusal(answer.error()));
    co_return nullptr;
  }
  if ((*answer)->status != 200) {
    co_await refuse_as(exchange, *answer);
    co_return nullptr;
  }
  co_return *answer;
}

net::Task<void> send_relayed_page(Service& service, http::Exchange& exchange, RelayedRef answer, std::string own_id,
                                  std::string visitor) {
  http::Reply reply;
  reply.headers.add("Content-Type", "application/vnd.apple.mpegurl");
  if (!own_id.empty()) {
    reply.headers.add("Cache-Control", "private, no-cache");
    reply.text = with_own_query(base::as_text(answer->page.plain), "hls_ctx=" + own_id);
  } else {
    reply.headers.add("Cache-Control", answer->cache_control.empty() ? "no-cache" : answer->cache_control);
    reply.headers.add("Vary", "Accept-Encoding");
    const bool squeeze = !answer->page.gzip.empty() && exchange.request().headers.accepts_coding("gzip");
    if (squeeze) reply.headers.add("Content-Encoding", "gzip");
    reply.shared = squeeze ? answer->page.gzip : answer->page.plain;
  }
  const std::size_t size = reply.body().size();
  if (!co_await exchange.reply(std::move(reply))) co_return;
  service.count_page(size);
  if (!visitor.empty()) service.visitors().touch(visitor, size, Visitors::Sent::page);
}

net::Task<void> serve_playlist(Service& service, http::Exchange& exchange, RelayedFile file) {
  if (!::weir::hls::parse_reload(exchange.request().query)) {
    co_return co_await refuse(exchange, 400, "_HLS_msn, _HLS_part or _HLS_skip is malformed");
  }
  Visitors& visitors = service.visitors();
  const bool own = guarded(*file.query.vhost);
  const std::string place = file.listing->place;
  std::string visitor;
  bool is_new = false;
  if (exchange.wants_body()) {
    visitor = own ? exchange.request().query_value("hls_ctx").value_or("") : likeness(service, exchange, place);
    switch (is_session_id(visitor) ? visitors.standing(visitor, place) : Visitors::Standing::unknown) {
      case Visitors::Standing::kicked:
        co_return co_await refuse_kicked(exchange, visitor);
      case Visitors::Standing::present:
        break;
      case Visitors::Standing::unknown: {
        const auto entered = co_await visitors.enter(exchange, file.listing, visitor);
        if (!entered) {
          service.log_refusal(exchange.life().log(), *file.listing, entered.error());
          co_return co_await refuse(exchange, entered.error());
        }
        visitor = *entered;
        is_new = true;
        break;
      }
    }
    visitors.touch(visitor, 0, Visitors::Sent::page);
  }
  if (file.query.blocking) service.count_wait();
  RelayedRef answer = co_await brought(service, exchange, std::move(file.query));
  if (!answer) {
    if (is_new) visitors.leave(visitor);
    co_return;
  }
  if (!visitor.empty() && visitors.standing(visitor, place) == Visitors::Standing::kicked) {
    co_return co_await refuse_kicked(exchange, visitor);  // while it waited
  }
  co_await send_relayed_page(service, exchange, std::move(answer), own ? visitor : std::string(), visitor);
}

net::Task<void> serve_media(Service& service, http::Exchange& exchange, RelayedFile file) {
  const std::string place = file.listing->place;
  Asker asker{.id = {}, .alone = guarded(*file.query.vhost)};
  asker.id = asker.alone ? exchange.request().query_value("hls_ctx").value_or("") : likeness(service, exchange, place);
  const auto standing =
      is_session_id(asker.id) ? service.visitors().standing(asker.id, place) : Visitors::Standing::unknown;
  if (standing == Visitors::Standing::kicked) co_return co_await refuse_kicked(exchange, asker.id);
  if (standing == Visitors::Standing::unknown) {
    if (asker.alone) co_return co_await refuse(exchange, 403, "no session of this stream: ask for its playlist first");
    asker.id.clear();
    // What has the name of a segment may be a live stream: then it has no playlist without the number.
    if (may_be_live(file.query.path)) {
      const std::string path = "/" + file.query.stem + ".m3u8";
      Relay::Query playlist = file.query;
      playlist.path = path;
      playlist.target = relay_target_of(path, {}, vhost_there(*file.query.vhost));
      playlist.kind = RelayKind::playlist;
      if (!co_await brought(service, exchange, std::move(playlist))) co_return;
    }
  }
  auto item = std::make_shared<Item>();
  item->place = place;
  item->type = http::mime_type(file.query.path).data();  // a literal
  const RelayedRef answer = co_await brought(service, exchange, std::move(file.query));
  if (!answer) co_return;
  item->bytes = answer->page.plain;
  item->etag = answer->etag;
  item->cache_control = answer->cache_control.empty() ? "no-cache" : answer->cache_control;
  co_await send_item(service, exchange, std::move(item), std::move(asker));
}

}  // namespace

std::optional<RelayedFile> relayed_of(Service& service, const http::Request& request) {
  const RelayKind kind = relay_kind_of(request.path);
  if (kind == RelayKind::none) return std::nullopt;
  const auto vhost = service.hub().config()->match_vhost(request.virtual_host());
  if (!vhost || !config::relays_hls(*vhost)) return std::nullopt;
  const std::string file_stem = relay_stem_of(request.path);
  if (may_be_live(request.path)) {
    const std::size_t dot = request.path.rfind('.');
    if (request.path.compare(1, dot - 1, file_stem) == 0 || is_live(service, *vhost, request.path)) return std::nullopt;
  }
  const std::string stem = service.relay().main_of(*vhost, file_stem);
  const auto name = named_by(vhost->hls.m3u8_file, vhost->name, "/" + stem + ".m3u8");
  if (!name || !proto::check_names(name->app, name->stream)) return std::nullopt;
  auto listing = std::make_shared<Listing>();
  listing->place = vhost->name + "/" + stem;
  listing->app = name->app;
  listing->stream = proto::without_extension(name->stream);
  listing->key = {vhost->name, listing->app, listing->stream};
  listing->target = vhost->hls.fragment;
  listing->length = vhost->hls.window;
  listing->relayed = true;
  return RelayedFile{std::move(listing), query_of(vhost, stem, request.path, request)};
}

net::Task<void> serve_relayed(Service& service, http::Exchange& exchange, RelayedFile file) {
  return file.query.kind == RelayKind::playlist ? serve_playlist(service, exchange, std::move(file))
                                                : serve_media(service, exchange, std::move(file));
}

}  // namespace weir::session::hls
