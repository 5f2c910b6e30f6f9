#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "app/api/error.h"
#include "config/srt_servers.h"

// The SRT servers of the configuration, and what came to their ports.
namespace weir::api {

using nlohmann::ordered_json;

namespace {

struct Counts {
  bool open = false;
  std::uint64_t sockets = 0, accepted = 0, refused = 0, wrong_secret = 0;

  // Whoever came by a port that was closed in between may still be there.
  void add(const session::srt::PortFigures& port) {
    open = open || port.open;
    sockets += port.connections;
    accepted += port.accepted;
    wrong_secret += port.failed_keys;
    refused += port.rejected + port.failed_keys;
  }
};

ordered_json json_of(const config::SrtServer& server,
                     const std::vector<std::shared_ptr<const session::srt::PortFigures>>& ports) {
  ordered_json listen = ordered_json::array();
  Counts counts;
  for (const config::Endpoint& at : server.listen) {
    listen.push_back(config::to_text(at));
    for (const auto& port : ports) {
      if (port->at == at) counts.add(*port);
    }
  }
  return {{"name", server.name},
          {"enabled", server.enabled},
          {"listen", std::move(listen)},
          {"direction", config::to_text(server.direction)},
          {"encrypted", !server.passphrase.empty()},
          {"open", counts.open},
          {"sockets", counts.sockets},
          {"accepted", counts.accepted},
          {"refused", counts.refused},
          {"wrong_secret", counts.wrong_secret}};
}

}  // namespace

Answer srt_servers(Call& call) {
  if (!call.rest.empty()) co_return error(call, 404, 404);
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  std::vector<std::shared_ptr<const session::srt::PortFigures>> ports;
  if (call.context.srt) ports = call.context.srt->ports();
  ordered_json servers = ordered_json::array();
  for (const config::SrtServer& server : call.config().srt_servers) servers.push_back(json_of(server, ports));
  co_return ok(call, ordered_json{{"srt_servers", std::move(servers)}});
}

}  // namespace weir::api
