#include "app/trace/tracer.h"

#include <fmt/format.h>

#include <cstring>
#include <limits>

#include "base/random.h"
#include "base/redact.h"
#include "base/scope_exit.h"
#include "session/common/protocol.h"

namespace weir::trace {

namespace {

constexpr std::size_t most_answer_bytes = 64 * 1024;

// By the trace's id, as W3C Trace Context level 2 has it: its last seven bytes are random.
bool is_sampled(const TraceId& id, double part) {
  if (part >= 1) return true;
  std::uint64_t value = 0;
  for (std::size_t i = 9; i < id.size(); ++i) value = value << 8 | id[i];
  return static_cast<double>(value) < part * 72'057'594'037'927'936.0;  // 2^56
}

std::string_view origin_name(hub::Origin origin) {
  switch (origin) {
    case hub::Origin::client:
      return "client";
    case hub::Origin::pull:
      return "pull";
    case hub::Origin::file:
      return "file";
    case hub::Origin::derived:
      return "derived";
    case hub::Origin::filler:
      break;
  }
  return "filler";
}

std::int64_t whole(std::uint64_t number) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(number, std::numeric_limits<std::int64_t>::max()));
}

}  // namespace

Tracer::Tracer(hub::Hub& hub, std::string service_id, Figures& figures)
    : hub_(hub), service_id_(std::move(service_id)), figures_(figures), caller_(hub.worker(), calls_) {
  hub_.events().observe([this](const hub::Event& event) { observe(event); });
  hub_.worker().every_tick([this] { tick(); });
}

void Tracer::observe(const hub::Event& event) {
  using Kind = hub::Event::Kind;
  switch (event.kind) {
    case Kind::arrive:
      if (const config::Otlp& settings = hub_.config()->otlp; !settings.endpoint.empty()) begin(event, settings);
      return;
    case Kind::publish:
    case Kind::play:
      if (const auto found = open_.find(event.id); found != open_.end()) {
        found->second.admitted = std::chrono::system_clock::now();
      }
      return;
    case Kind::refuse:
      return finish(event, "refused");
    case Kind::unpublish:
    case Kind::stop:
      return finish(event, {});
    case Kind::connect:
    case Kind::close:
      return;
  }
}

void Tracer::begin(const hub::Event& event, const config::Otlp& settings) {
  if (settings.sample <= 0) return;
  std::array<std::uint8_t, 24> random{};
  base::fill_random(random);
  Span span;
  std::memcpy(span.context.trace.data(), random.data(), span.context.trace.size());
  std::memcpy(span.context.span.data(), random.data() + span.context.trace.size(), span.context.span.size());
  if (!is_sampled(span.context.trace, settings.sample)) return;
  if (open_.size() >= most_open && !open_.contains(event.id)) {
    figures_.dropped.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const hub::Request& request = event.request;
  span.name = request.role == hub::Role::publish ? "publish" : "play";
  span.begin = std::chrono::system_clock::now();
  // Its query is nobody's business: there are tokens in it.
  span.attributes = {{"weir.session.id", std::string(event.id.view())},
                     {"weir.protocol", std::string(session::protocol_of(request).name)},
                     {"weir.vhost", request.vhost ? request.vhost->name : std::string()},
                     {"weir.app", request.app},
                     {"weir.stream", request.stream},
                     {"weir.origin", std::string(origin_name(request.origin))}};
  if (request.recorded) span.attributes.push_back({"weir.recorded", true});
  if (!request.peer.address.empty()) {
    span.attributes.push_back({"client.address", request.peer.address});
    span.attributes.push_back({"client.port", std::int64_t{request.peer.port}});
  }
  open_.insert_or_assign(event.id, std::move(span));
}

void Tracer::finish(const hub::Event& event, std::string fault) {
  const auto found = open_.find(event.id);
  if (found == open_.end()) return;
  Span span = std::move(found->second);
  open_.erase(found);
  span.fault = std::move(fault);
  span.attributes.push_back({"weir.received_bytes", whole(event.received_bytes)});
  span.attributes.push_back({"weir.sent_bytes", whole(event.sent_bytes)});
  end(std::move(span));
}

std::optional<Span> Tracer::begin_child(base::SessionId session, std::string_view name) {
  const auto found = open_.find(session);
  if (found == open_.end()) return std::nullopt;
  Span span;
  span.context.trace = found->second.context.trace;
  span.parent = found->second.context.span;
  base::fill_random(span.context.span);
  span.name = name;
  span.kind = Span::Kind::client;
  span.begin = std::chrono::system_clock::now();
  return span;
}

void Tracer::end(Span span) {
  const config::Otlp& settings = hub_.config()->otlp;
  if (settings.endpoint.empty() || queue_.size() >= settings.queue) {
    figures_.dropped.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  span.end = std::chrono::system_clock::now();
  queue_.push_back(std::move(span));
}

void Tracer::tick() {
  const config::Otlp& settings = hub_.config()->otlp;
  const auto now = Clock::now();
  if (posting_ || queue_.empty() || settings.endpoint.empty() || now < next_) return;
  next_ = now + settings.interval;
  start_posting();
}

void Tracer::flush() {
  if (failing_) return;  // who has not answered for some time is not waited for
  if (!queue_.empty() && !hub_.config()->otlp.endpoint.empty()) start_posting();
}

void Tracer::start_posting() {
  if (std::exchange(posting_, true)) return;
  hub_.worker().spawn("otlp", [this](net::Life& life) { return post_all(life); });
}

// What is there now, a batch behind the other. A batch that the collector does not take is lost: it has had its time.
net::Task<void> Tracer::post_all(net::Life& life) {
  const base::ScopeExit over([this] { posting_ = false; });
  while (!queue_.empty() && !life.stopping()) {
    std::vector<Span> batch;
    while (!queue_.empty() && batch.size() < most_in_a_post) {
      batch.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    if (co_await post(life, hub_.config(), batch)) continue;
    // Interrupted by the end of the process: flush() has another go.
    if (life.stopping()) queue_.insert(queue_.begin(), batch.begin(), batch.end());
    co_return;  // it rests until the next time
  }
}

// `batch` is the caller's, which waits.
net::Task<bool> Tracer::post(net::Life& life, std::shared_ptr<const config::Config> config,
                             const std::vector<Span>& batch) {
  const config::Otlp& settings = config->otlp;
  const auto url = http::parse_url(traces_url(settings.endpoint));
  base::Result<http::ClientReply> reply = url ? base::Result<http::ClientReply>(net::Errc::stopped) : url.error();
  if (url) {
    http::ClientRequest request{.method = "POST"};
    request.headers.add("Content-Type", "application/json");
    request.body = export_request({settings.service_name, service_id_}, batch);
    hooks::Caller::Options options{.timeout = settings.timeout,
                                   .max_answer_bytes = most_answer_bytes,
                                   .verify = settings.tls_verify,
                                   .authority_file = settings.ca_file};
    reply = co_await caller_.call(*url, std::move(request), std::move(options));
  }
  const bool good = reply && reply->status >= 200 && reply->status < 300;
  if (!good && life.stopping()) co_return false;
  (good ? figures_.sent : figures_.failed).fetch_add(batch.size(), std::memory_order_relaxed);
  tell(settings.endpoint, good    ? std::string()
                          : reply ? fmt::format("answered with status {}", reply->status)
                                  : reply.error().message());
  co_return good;
}

// An empty fault: it went well.
void Tracer::tell(const std::string& endpoint, const std::string& fault) {
  const bool failed = !fault.empty();
  if (failed == std::exchange(failing_, failed)) return;
  const log::Context who{hub_.worker().logger(), {}, {}};
  if (failed) {
    log::warn(who, "traces to {} fail: {}; what is not taken is lost, and it says so when it succeeds",
              base::shown(endpoint), fault);
  } else {
    log::info(who, "traces to {} succeed again", base::shown(endpoint));
  }
}

}  // namespace weir::trace
