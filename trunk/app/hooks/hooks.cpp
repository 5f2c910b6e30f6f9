#include "app/hooks/hooks.h"

#include <fmt/format.h>

#include "app/hooks/tracing.h"
#include "app/hooks/verdict.h"
#include "base/digest.h"
#include "base/redact.h"
#include "base/version.h"
#include "session/common/protocol.h"

namespace weir::hooks {

using namespace std::chrono_literals;
using base::Result;
using config::HttpHooks;
using hub::Event;

namespace {

constexpr std::chrono::milliseconds notify_timeout = 10s;  // of on_hls_notify, as SRS has it
constexpr std::chrono::milliseconds watchdog_slack = 2s;

}  // namespace

Hooks::Hooks(hub::Hub& hub, Origin origin, Figures& figures)
    : hub_(hub),
      origin_(std::move(origin)),
      figures_(figures),
      caller_(hub.worker(), figures),
      outbox_(hub.worker(), caller_, figures) {
  hub_.admission().add([this](net::Life& life, const hub::Request& request, hub::Action action, hub::Permit&) {
    return admit(life, request, action);
  });
  hub_.events().observe([this](const Event& event) { on_event(event); });
  hub_.events().observe_dvr_files([this](const hub::DvrFile& file) { on_dvr_file(file); });
  hub_.events().observe_hls_segments([this](const hub::HlsSegment& segment) { on_hls_segment(segment); });
}

std::shared_ptr<const config::Vhost> Hooks::vhost_of(const hub::Request& request) const {
  auto vhost = hub_.config()->match_vhost(request.vhost->name);
  return vhost && vhost->http_hooks.enabled ? std::move(vhost) : nullptr;
}

Subject Hooks::subject_of(const hub::Request& request, base::SessionId client) const {
  return {client, request, hub_.directory().stream_id(request.key())};
}

// The signature is over the time, a dot and what is sent: the body, or the target of a GET. So a server can refuse what
// somebody recorded and sends again.
Result<http::ClientRequest> Hooks::request_of(const HttpHooks& settings, std::string method, std::string body,
                                              const std::string& target) {
  http::ClientRequest request{.method = std::move(method)};
  request.headers.add("User-Agent", fmt::format("{}/{}", base::server_name, base::version));
  if (request.method == "POST") request.headers.add("Content-Type", "application/json");
  if (!settings.secret.empty() || !settings.secret_file.empty()) {
    const auto key = secrets_.key(settings.secret, settings.secret_file);
    if (!key) {
      if (const auto times = bad_secrets_.hit(std::chrono::steady_clock::now())) {
        log::error({hub_.worker().logger(), {}, {}},
                   "cannot read the secret of http_hooks in {}: {} ({} calls not made)", settings.secret_file,
                   key.error().message(), times);
      }
      return key.error();
    }
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::string time = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now).count());
    const std::string_view content = request.method == "POST" ? std::string_view(body) : std::string_view(target);
    const base::Sha256 signature =
        base::hmac_sha256(base::as_bytes(*key), {base::as_bytes(time), base::as_bytes("."), base::as_bytes(content)});
    request.headers.add("X-Weir-Timestamp", time);
    request.headers.add("X-Weir-Signature", "sha256=" + base::to_hex(signature));
  }
  request.body = std::move(body);
  return request;
}

net::Task<Result<void>> Hooks::admit(net::Life& life, const hub::Request& request, hub::Action action) {
  const auto vhost = vhost_of(request);
  if (!vhost) co_return Result<void>();
  const HttpHooks& settings = vhost->http_hooks;
  const Subject subject = subject_of(request, life.id());
  // The connect command of RTMP does not say what for; so SRS asks this as late, when the stream is known.
  const bool asked = !request.facts.find(session::facts::connect_judged).empty();
  if (session::protocol_of(request).asks_to_connect && !asked && !settings.on_connect.empty()) {
    CO_TRY_VOID(co_await ask(life, settings, Hook::on_connect, settings.on_connect, on_connect(origin_, subject)));
  }
  if (action == hub::Action::publish) {
    co_return co_await ask(life, settings, Hook::on_publish, settings.on_publish,
                           on_session(origin_, "on_publish", subject));
  }
  co_return co_await ask(life, settings, Hook::on_play, settings.on_play, on_play(origin_, subject));
}

net::Task<Result<void>> Hooks::judge_connect(net::Life& life, const hub::Request& request) {
  const auto vhost = vhost_of(request);
  if (!vhost || vhost->http_hooks.on_connect.empty()) co_return Result<void>();
  const HttpHooks& settings = vhost->http_hooks;
  co_return co_await ask(life, settings, Hook::on_connect, settings.on_connect,
                         on_connect(origin_, subject_of(request, life.id())));
}

net::Task<Result<void>> Hooks::ask(net::Life& life, const HttpHooks& settings, Hook hook, const HttpHooks::Urls& urls,
                                   std::string body) {
  for (const std::string& url : urls) {
    const auto reply = co_await post(life, settings, hook, url, body);
    if (life.stopping()) co_return net::Errc::stopped;
    const auto verdict = reply ? judge(reply->status, reply->body) : Result<void>(reply.error());
    Figures::Calls& figures = figures_.of(hook);
    if (verdict) {
      figures.good.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    const bool denied = verdict.error() == Errc::denied;
    (denied ? figures.denied : figures.failed).fetch_add(1, std::memory_order_relaxed);
    const bool let_in = !denied && settings.fail_open;
    log::warn(life.log(), "{} of {}: {}{}{}", name_of(hook), base::shown(url), verdict.error().message(),
              reply && reply->status != 200 ? fmt::format(" (status {})", reply->status) : "",
              let_in ? "; let in, since fail_open is on" : "");
    // The client is not told what went wrong between us and the hook server.
    if (!let_in) co_return hub::Errc::refused;
  }
  co_return Result<void>();
}

net::Task<Result<http::ClientReply>> Hooks::post(net::Life& life, const HttpHooks& settings, Hook hook,
                                                 const std::string& url, std::string body) {
  CO_TRY(http::Url parsed, http::parse_url(url));
  CO_TRY(http::ClientRequest request, request_of(settings, "POST", std::move(body), parsed.target));
  Caller::Options options{
      .timeout = settings.timeout, .verify = settings.tls_verify, .authority_file = settings.ca_file};
  // The wait has this limit alone; whoever goes on sets the next one.
  life.watchdog.arm(settings.timeout + watchdog_slack);
  auto span = begin_span(tracer_, life.id(), hook, parsed, request);
  const auto began = std::chrono::steady_clock::now();
  ++figures_.asking;
  auto reply = co_await caller_.call(std::move(parsed), std::move(request), std::move(options));
  --figures_.asking;
  end_span(tracer_, std::move(span), reply);
  const auto took = std::chrono::steady_clock::now() - began;
  figures_.of(hook).took.note(took);
  log::debug(life.log(), "{} asked of {}, {} ms", name_of(hook), base::shown(url),
             std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
  co_return reply;
}

net::Task<Result<std::vector<std::string>>> Hooks::forward_targets(net::Life& life, const hub::Request& request) {
  auto vhost = hub_.config()->match_vhost(request.vhost->name);
  if (!vhost) vhost = request.vhost;
  const std::string url = vhost->forward.backend;
  const Subject subject = subject_of(request, life.id());
  const auto reply = co_await post(life, vhost->http_hooks, Hook::on_forward, url, on_forward(origin_, subject));
  const auto targets =
      reply ? forward_urls(reply->status, reply->body) : Result<std::vector<std::string>>(reply.error());
  Figures::Calls& figures = figures_.of(Hook::on_forward);
  if (targets) {
    figures.good.fetch_add(1, std::memory_order_relaxed);
    co_return *targets;
  }
  (targets.error() == Errc::denied ? figures.denied : figures.failed).fetch_add(1, std::memory_order_relaxed);
  log::warn(life.log(), "forward backend {}: {}", base::shown(url), targets.error().message());
  co_return targets.error();
}

void Hooks::on_event(const Event& event) {
  if (event.kind != Event::Kind::unpublish && event.kind != Event::Kind::stop && event.kind != Event::Kind::close)
    return;
  // Whom nobody was asked about: what we fetch ourselves.
  if (event.request.origin != hub::Origin::client) return;
  const auto vhost = vhost_of(event.request);
  if (!vhost) return;
  const HttpHooks& settings = vhost->http_hooks;
  const auto tell_if = [&](Hook hook, const HttpHooks::Urls& urls, auto body) {
    if (!urls.empty()) tell(settings, hook, event.id, urls, body());
  };
  switch (event.kind) {
    case Event::Kind::unpublish:
      return tell_if(Hook::on_unpublish, settings.on_unpublish,
                     [&] { return on_session(origin_, "on_unpublish", subject_of(event.request, event.id)); });
    case Event::Kind::stop:
      return tell_if(Hook::on_stop, settings.on_stop,
                     [&] { return on_session(origin_, "on_stop", subject_of(event.request, event.id)); });
    default:
      return tell_if(Hook::on_close, settings.on_close, [&] {
        return on_close(origin_, subject_of(event.request, event.id), event.sent_bytes, event.received_bytes);
      });
  }
}

void Hooks::on_dvr_file(const hub::DvrFile& file) {
  const auto vhost = vhost_of(file.request);
  if (!vhost || vhost->http_hooks.on_dvr.empty()) return;
  tell(vhost->http_hooks, Hook::on_dvr, file.publisher, vhost->http_hooks.on_dvr,
       on_dvr(origin_, subject_of(file.request, file.publisher), file.path));
}

void Hooks::on_hls_segment(const hub::HlsSegment& segment) {
  const auto vhost = vhost_of(segment.request);
  if (!vhost) return;
  const HttpHooks& settings = vhost->http_hooks;
  if (!settings.on_hls.empty()) {
    tell(settings, Hook::on_hls, segment.publisher, settings.on_hls,
         on_hls(origin_, subject_of(segment.request, segment.publisher), segment));
  }
  if (!settings.on_hls_notify.empty()) tell_notify(*vhost, segment);
}

void Hooks::on_device(const std::string& vhost_name, const session::gb28181::DeviceEvent& event) {
  const auto vhost = hub_.config()->match_vhost(vhost_name);
  if (!vhost || !vhost->http_hooks.enabled) return;
  const HttpHooks& settings = vhost->http_hooks;
  const auto tell_if = [&](Hook hook, const HttpHooks::Urls& urls) {
    if (!urls.empty()) tell(settings, hook, {}, urls, hooks::on_device(origin_, name_of(hook), vhost->name, event));
  };
  switch (event.kind) {
    case session::gb28181::DeviceEvent::Kind::online:
      return tell_if(Hook::on_device_online, settings.on_device_online);
    case session::gb28181::DeviceEvent::Kind::offline:
      return tell_if(Hook::on_device_offline, settings.on_device_offline);
    case session::gb28181::DeviceEvent::Kind::alarm:
      return tell_if(Hook::on_device_alarm, settings.on_device_alarm);
    case session::gb28181::DeviceEvent::Kind::talk:
      return tell_if(Hook::on_device_talk, settings.on_device_talk);
    case session::gb28181::DeviceEvent::Kind::talk_over:
      return tell_if(Hook::on_device_talk_over, settings.on_device_talk_over);
    case session::gb28181::DeviceEvent::Kind::position:
      return;  // too many of them: /api/v1/events has them
  }
}

void Hooks::tell(const HttpHooks& settings, Hook hook, base::SessionId client, const HttpHooks::Urls& urls,
                 const std::string& body) {
  for (const std::string& text : urls) {
    auto url = http::parse_url(text);
    auto request = url ? request_of(settings, "POST", body, url->target) : url.error();
    if (!request) {
      figures_.of(hook).failed.fetch_add(1, std::memory_order_relaxed);
      if (const auto times = bad_urls_.hit(std::chrono::steady_clock::now())) {
        log::warn({hub_.worker().logger(), client, {}}, "{} to '{}' cannot be told: {} ({} times)", name_of(hook),
                  base::shown(text), request.error().message(), times);
      }
      continue;
    }
    auto span = begin_span(tracer_, client, hook, *url, *request);
    outbox_.tell(
        {.hook = hook,
         .client = client,
         .url = std::move(*url),
         .request = std::move(*request),
         .span = std::move(span),
         .options = {.timeout = settings.timeout, .verify = settings.tls_verify, .authority_file = settings.ca_file},
         .retries = settings.retries},
        settings.queue);
  }
}

void Hooks::tell_notify(const config::Vhost& vhost, const hub::HlsSegment& segment) {
  const HttpHooks& settings = vhost.http_hooks;
  for (const std::string& pattern : settings.on_hls_notify) {
    auto url = http::parse_url(hls_notify_url(pattern, origin_, segment));
    auto request = url ? request_of(settings, "GET", {}, url->target) : url.error();
    if (!request) {
      figures_.of(Hook::on_hls_notify).failed.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    outbox_.tell({.hook = Hook::on_hls_notify,
                  .client = segment.publisher,
                  .url = std::move(*url),
                  .request = std::move(*request),
                  .options = {.timeout = std::min(settings.timeout, notify_timeout),
                              .max_answer_bytes = static_cast<std::size_t>(vhost.hls.nb_notify),
                              .verify = settings.tls_verify,
                              .authority_file = settings.ca_file},
                  .retries = settings.retries,
                  .any_answer = true},
                 settings.queue);
  }
}

}  // namespace weir::hooks
