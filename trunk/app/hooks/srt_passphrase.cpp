#include "app/hooks/hooks.h"
#include "app/hooks/verdict.h"
#include "base/redact.h"
#include "base/text.h"

namespace weir::hooks {

using session::srt::KeyAnswer, session::srt::KeyQuestion;

namespace {

// Callers are told to come again meanwhile: whoever answers later than that answers nobody.
constexpr std::chrono::milliseconds longest_wait{10'000};

}  // namespace

// Without an answer nobody is let in, whatever fail_open says: a stream that is secret would be in the clear.
net::Task<KeyAnswer> Hooks::srt_passphrase(net::Life& life, KeyQuestion question) {
  const auto vhost = hub_.config()->match_vhost(question.vhost);
  if (!vhost || !vhost->http_hooks.enabled || vhost->http_hooks.on_srt_passphrase.empty()) co_return KeyAnswer();
  config::HttpHooks settings = vhost->http_hooks;
  settings.timeout = std::min(settings.timeout, longest_wait);
  const std::string url = settings.on_srt_passphrase.front();
  const auto reply = co_await post(life, settings, Hook::on_srt_passphrase, url, on_srt_passphrase(origin_, question));
  const auto key = reply ? srt_key(reply->status, reply->body) : base::Result<KeyAnswer>(reply.error());
  Figures::Calls& figures = figures_.of(Hook::on_srt_passphrase);
  if (key) {
    figures.good.fetch_add(1, std::memory_order_relaxed);
    co_return *key;
  }
  const bool denied = key.error() == Errc::denied;
  (denied ? figures.denied : figures.failed).fetch_add(1, std::memory_order_relaxed);
  if (const auto times = bad_keys_.hit(std::chrono::steady_clock::now())) {
    log::warn(life.log(), "on_srt_passphrase of {} for {}/{}: {}{} ({} times)", base::shown(url),
              base::printable(question.app), base::printable(question.stream), key.error().message(),
              reply && reply->status != 200 ? fmt::format(" (status {})", reply->status) : "", times);
  }
  co_return KeyAnswer{.kind = denied ? KeyAnswer::Kind::refused : KeyAnswer::Kind::failed};
}

}  // namespace weir::hooks
