#include "session/srt/door.h"

#include "base/redact.h"
#include "base/text.h"
#include "config/srt_servers.h"
#include "session/srt/error.h"
#include "session/srt/terms.h"
#include "session/srt/wish.h"

namespace weir::session::srt {

using base::Result;

Door::Door(Parts parts, std::shared_ptr<const config::Config> config)
    : parts_(std::move(parts)),
      keys_([this](KeyQuestion question) {
        if (parts_.ask_key) parts_.ask_key(std::move(question));
      }),
      config_(std::move(config)) {}

std::shared_ptr<const config::Config> Door::config() const {
  const std::lock_guard lock(mutex_);
  return config_;
}

void Door::set_config(std::shared_ptr<const config::Config> config) {
  const auto next = config;
  {
    const std::lock_guard lock(mutex_);
    config_.swap(config);
  }
  // What somebody said who is no longer asked is not believed.
  for (const auto& before : config->vhosts) {
    const auto after = next->match_vhost(before->name);
    if (!after || after->http_hooks.enabled != before->http_hooks.enabled ||
        after->http_hooks.on_srt_passphrase != before->http_hooks.on_srt_passphrase) {
      keys_.forget(before->name);
    }
  }
}

void Door::told(const KeyQuestion& question, const KeyAnswer& answer) {
  const auto vhost = config()->match_vhost(question.vhost);
  if (!vhost) return;
  keys_.answer(question, answer, vhost->srt.passphrase_ttl, Keys::Clock::now());
  parts_.figures.keys = keys_.known();
}

Result<config::SrtSecret> Door::secret_of(const Wish& wish, const config::SrtServer& server,
                                          const std::string& address) {
  const hub::Request& request = wish.request;
  const config::Vhost& vhost = *request.vhost;
  config::SrtSecret written = config::srt_secret_of(vhost, server, request.app + "/" + request.stream);
  if (!vhost.http_hooks.enabled || vhost.http_hooks.on_srt_passphrase.empty()) return written;
  const KeyQuestion question{vhost.name, request.app, request.stream, wish.action == hub::Action::publish};
  Keys::Found found = keys_.find(question, address, Keys::Clock::now());
  switch (found.state) {
    case Keys::State::known:
      break;
    case Keys::State::refused:
      return Errc::key_refused;
    case Keys::State::asked:
      return Errc::key_asked;
    case Keys::State::failed:
      return Errc::key_unknown;
    case Keys::State::busy:
      return Errc::key_questions;
  }
  if (found.secret.passphrase.empty()) return written;
  return std::move(found.secret);
}

Result<net::SrtAnswer> Door::judge(const net::SrtCall& call, const config::Endpoint& at) {
  const std::shared_ptr<const config::Config> config = this->config();
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
  TRY(config::SrtSecret secret, secret_of(wish, *server, call.peer.address));
  return net::SrtAnswer{
      .passphrase = std::move(secret.passphrase), .key_bytes = secret.key_bytes, .options = options_of(*server)};
}

net::SrtAnswer Door::answer(const net::SrtCall& call, const config::Endpoint& at) {
  auto answer = judge(call, at);
  if (answer) return std::move(*answer);
  ++parts_.figures.rejected;
  if (answer.error() == Errc::key_asked || answer.error() == Errc::key_unknown) ++parts_.figures.without_key;
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
