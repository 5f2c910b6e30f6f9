#include "session/srt/door.h"

#include "base/redact.h"
#include "base/text.h"
#include "config/srt_servers.h"
#include "session/srt/error.h"
#include "session/srt/wish.h"

namespace weir::session::srt {

using base::Result;

Door::Door(Parts parts, std::shared_ptr<const config::Config> config)
    : parts_(std::move(parts)), config_(std::move(config)) {}

void Door::set_config(std::shared_ptr<const config::Config> config) {
  const std::lock_guard lock(mutex_);
  config_.swap(config);
}

Result<net::SrtAnswer> Door::judge(const net::SrtCall& call, const config::Endpoint& at) const {
  std::shared_ptr<const config::Config> config;
  {
    const std::lock_guard lock(mutex_);
    config = config_;
  }
  if (closed_) return hub::Errc::draining;
  const std::uint64_t most = config->limits.max_connections;
  if (most > 0 && parts_.connections() >= most) return hub::Errc::limit;
  const config::SrtServer* server = config::srt_server_at(*config, at);
  if (!server) return Errc::closed;
  TRY(const Wish wish, wish_of(call.stream_id, call.peer, *config, *server));
  const config::Publish& publish = wish.request.vhost->publish;
  if (wish.action == hub::Action::publish && !publish.takeover && !publish.standby &&
      parts_.directory.owner(wish.request.key())) {
    return hub::Errc::busy;
  }
  config::SrtSecret secret =
      config::srt_secret_of(*wish.request.vhost, *server, wish.request.app + "/" + wish.request.stream);
  return net::SrtAnswer{.passphrase = std::move(secret.passphrase), .key_bytes = secret.key_bytes};
}

net::SrtAnswer Door::answer(const net::SrtCall& call, const config::Endpoint& at) {
  auto answer = judge(call, at);
  if (answer) return std::move(*answer);
  ++parts_.figures.rejected;
  const int code = rejection_of(answer.error());
  const log::Context who{parts_.logger, {}, {}, log::origin_of(call.peer.address)};
  log::warn(who, "SRT caller {} turned away with {}: {}; streamid={}", call.peer.address, code,
            answer.error().message(), base::printable(base::stream_id_shown(call.stream_id)));
  return {.reject = code};
}

void Door::failed(const std::string& address, const std::string& stream_id, bool keyed) {
  ++parts_.figures.rejected;
  log::warn({parts_.logger, {}, {}, log::origin_of(address)}, "SRT caller {} failed in its handshake: {}; streamid={}",
            address,
            keyed ? "its passphrase is wrong, or it has none"
                  : "it encrypts, and no passphrase is set for its stream, or it left",
            stream_id);
}

}  // namespace weir::session::srt
