#pragma once

#include <string>
#include <string_view>

#include "config/config.h"

// Which of several SRT servers, and which secret.
namespace weir::config {

class Binder;
class Problems;

constexpr bool takes_publishers(const SrtServer& server) { return server.direction != SrtServer::Direction::out; }
constexpr bool takes_players(const SrtServer& server) { return server.direction != SrtServer::Direction::in; }

// "in", "out", "both".
std::string_view to_text(SrtServer::Direction direction);

// Whether any is on.
bool listens_for_srt(const Config& config);
// The server that is on and listens there; null if none does.
const SrtServer* srt_server_at(const Config& config, const Endpoint& endpoint);
// The first that is on and does what is asked (in: takes publishers, out: players, both: both); null if none does.
const SrtServer* srt_server_for(const Config& config, SrtServer::Direction direction);

// The secret of a stream, "APP/STREAM"; empty: none. That of the most precise pattern, else that of the virtual host,
// else that of the server.
struct SrtSecret {
  std::string passphrase;
  int key_bytes = 0;
  bool operator==(const SrtSecret&) const = default;
};
SrtSecret srt_secret_of(const Vhost& vhost, const SrtServer& server, std::string_view stream);

void check_srt(const Config& config, Binder& binder, Problems& problems);
void check_srt(const Vhost& vhost, const std::string& path, Binder& binder, Problems& problems);

}  // namespace weir::config
