#include "session/live/routes.h"

#include "session/live/mount.h"
#include "session/live/play.h"

namespace weir::session::live {

void add_routes(http::Router& router, hub::Hub& hub, ServeFile file) {
  router.add_matcher([&hub, file = std::move(file)](const http::Request& request) -> std::optional<http::Route> {
    const auto vhost = hub.config()->match_vhost(request.virtual_host());
    if (!vhost || !vhost->http_remux.enabled) return std::nullopt;
    const auto live = mounted_format(vhost->http_remux.mount, request.path);
    if (!live) return std::nullopt;
    if (*live == pack::Live::flv && (request.method == "POST" || request.method == "PUT")) {
      return http::Route(
          http::Access::publish, [&hub](http::Exchange& exchange) { return publish(hub, exchange); },
          http::unlimited_body);
    }
    if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
    return http::Route(http::Access::media, [&hub, live = *live, file](http::Exchange& exchange) {
      return play(hub, exchange, live, file);
    });
  });
}

}  // namespace weir::session::live
