#include "session/hls/bring.h"

#include <algorithm>

#include "config/hls_origins.h"
#include "net/http/reply.h"
#include "proto/stream_url.h"
#include "session/common/path_reading.h"
#include "session/common/upstream/error.h"
#include "session/hls/asker.h"
#include "session/hls/dash_output.h"
#include "session/hls/hls_output.h"

namespace weir::session::hls {

using namespace std::chrono_literals;

namespace {

// For the first playlist: its first segment has to be complete. Players give up after 10 s and more, and ask again.
constexpr std::chrono::milliseconds least_wait = 4s, longest_wait = 9s;

// Who cannot have it now had better ask again soon.
net::Task<void> refuse_for_now(http::Exchange& exchange, std::string text) {
  http::Reply reply = http::Reply::plain(503, std::move(text) + "\n");
  reply.headers.add("Cache-Control", "no-cache");
  reply.headers.add("Retry-After", "1");
  (void)co_await exchange.reply(std::move(reply));
}

std::optional<Absent> named(const std::string& pattern, const config::Vhost& vhost, const http::Request& request,
                            bool dash) {
  const auto name = named_by(pattern, vhost.name, request.path);
  if (!name) return std::nullopt;
  auto listing = std::make_shared<Listing>();
  listing->app = name->app;
  listing->stream = proto::without_extension(name->stream);
  listing->key = {vhost.name, listing->app, listing->stream};
  listing->dash = dash;
  listing->target = dash ? vhost.dash.fragment : vhost.hls.fragment;
  listing->length = listing->target * 3;
  const std::string path = dash ? DashOutput::manifest_path(vhost, listing->app, listing->stream)
                                : HlsOutput::playlist_path(vhost, listing->app, listing->stream);
  listing->place = vhost.name + "/" + path;
  return Absent{listing, listing->place};
}

bool is_there(Service& service, const Listing& expected) {
  const ListingRef listing = service.shelf().listing(expected.place);
  return listing && listing->live;
}

}  // namespace

std::optional<Absent> absent_of(Service& service, const http::Request& request) {
  const auto vhost = service.hub().config()->match_vhost(request.virtual_host());
  if (!vhost || (!config::makes_hls(*vhost) && !vhost->dash.enabled)) return std::nullopt;
  std::optional<Absent> absent;
  if (config::makes_hls(*vhost)) absent = named(vhost->hls.m3u8_file, *vhost, request, false);
  if (!absent && vhost->dash.enabled) absent = named(vhost->dash.mpd_file, *vhost, request, true);
  if (!absent || is_there(service, *absent->listing)) return std::nullopt;
  // One that was cut off comes back under its old playlist.
  if (service.hub().directory().live(absent->listing->key) && service.shelf().listing(absent->place)) {
    return std::nullopt;
  }
  hub::Request wanted;
  wanted.vhost = vhost;
  wanted.app = absent->listing->app;
  wanted.stream = absent->listing->stream;
  if (!proto::check_names(wanted.app, wanted.stream)) return std::nullopt;
  if (!vhost->cluster.origin_cluster && !service.hub().demand().can_start(wanted)) return std::nullopt;
  return absent;
}

net::Task<ListingRef> bring(Service& service, http::Exchange& exchange, Absent absent, std::string& visitor) {
  Visitors& visitors = service.visitors();
  hub::Request wanted = visitors.request_of(exchange, *absent.listing);
  if (!wanted.vhost) {
    co_await refuse(exchange, 404, "no such virtual host");
    co_return nullptr;
  }
  const bool sessions = !absent.listing->dash && wanted.vhost->hls.ctx && !asks_for_others(service, exchange);
  const std::string asked = sessions ? exchange.request().query_value("hls_ctx").value_or("")
                                     : likeness(service, exchange, absent.listing->visited());
  const auto standing = is_session_id(asked) ? visitors.standing(asked, absent.place) : Visitors::Standing::unknown;
  if (standing == Visitors::Standing::kicked) {
    co_await refuse_kicked(exchange, asked);
    co_return nullptr;
  }
  Hope hope(service.coming(), absent.listing->key, service.worker(),
            std::clamp<std::chrono::milliseconds>(absent.listing->target * 2, least_wait, longest_wait));
  if (standing == Visitors::Standing::present) {
    visitors.touch(asked, 0, Visitors::Sent::page);
    if (ListingRef before = service.shelf().listing(absent.place)) co_return before;  // it plays, and waits
    (void)service.hub().ask_for(wanted);
  } else {
    const auto entered = co_await visitors.enter(exchange, absent.listing, asked);
    if (!entered) {
      service.log_refusal(exchange.life().log(), *absent.listing, entered.error());
      co_await refuse(exchange, entered.error());
      co_return nullptr;
    }
    if (sessions && *entered != asked) visitor = *entered;
  }
  while (!is_there(service, *absent.listing)) {
    if (co_await hope.wait()) continue;
    if (!visitor.empty()) visitors.leave(visitor);  // nobody will ask under that name
    const bool published = service.hub().directory().live(absent.listing->key);
    if (!hope.absence() && published) {
      co_await refuse_for_now(exchange, "the stream is on its way: its first segment is not complete");
    } else if (!hope.absence() || upstream::is_absence(hope.absence())) {
      co_await refuse(exchange, 404, "nobody publishes this stream");
    } else {
      co_await refuse_for_now(exchange, "the stream cannot be had: " + hope.absence().message());
    }
    co_return nullptr;
  }
  co_return service.shelf().listing(absent.place);
}

}  // namespace weir::session::hls
