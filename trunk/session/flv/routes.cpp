#include "session/flv/routes.h"

#include "session/flv/mount.h"
#include "session/flv/play.h"

namespace weir::session::flv {

void add_routes(http::Router& router, hub::Hub& hub) {
  router.add_matcher([&hub](const http::Request& request) -> std::optional<http::Route> {
    const auto vhost = hub.config()->match_vhost(request.virtual_host());
    if (!vhost || !vhost->http_remux.enabled || !mount_matches(vhost->http_remux.mount, request.path))
      return std::nullopt;
    if (!request.path.ends_with(".flv")) return std::nullopt;
    if (request.method == "POST" || request.method == "PUT") {
      return http::Route{[&hub](http::Exchange& exchange) { return publish(hub, exchange); }, http::unlimited_body};
    }
    if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
    return http::Route{[&hub](http::Exchange& exchange) { return play(hub, exchange); }};
  });
}

}  // namespace weir::session::flv
