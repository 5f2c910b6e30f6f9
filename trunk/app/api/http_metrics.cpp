#include "app/api/http_metrics.h"

namespace weir::api {

void write_proxies(Exposition& out, const proxy::Figures& figures) {
  out.metric("weir_proxy_headers_total", "counter", "PROXY headers of load balancers by what they told.");
  out.sample(figures.relayed.load(), {{"result", "relayed"}});
  out.sample(figures.own.load(), {{"result", "own"}});
  out.sample(figures.refused.load(), {{"result", "refused"}});
}

void write_http2(Exposition& out, const http2::Figures& figures) {
  out.metric("weir_http2_connections_total", "counter", "Connections that spoke HTTP/2.");
  out.sample(figures.connections.load());
  out.metric("weir_http2_requests_total", "counter", "Requests that came over these.");
  out.sample(figures.requests.load());
  out.metric("weir_http2_refused_total", "counter", "Requests beyond the limit of one connection.");
  out.sample(figures.refused.load());
  out.metric("weir_http2_ended_total", "counter", "Connections ended since their peer broke the rules or flooded us.");
  out.sample(figures.ended.load());
}

}  // namespace weir::api
