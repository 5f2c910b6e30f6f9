#include "app/heartbeat/heartbeat.h"

#include <nlohmann/json.hpp>

#include "app/api/summaries.h"
#include "app/heartbeat/body.h"
#include "base/redact.h"
#include "base/scope_exit.h"
#include "net/http/client.h"
#include "net/tcp_stream.h"
#include "net/worker.h"

namespace weir::heartbeat {

using namespace std::chrono_literals;
using base::Result;

namespace {

constexpr std::chrono::milliseconds longest_report = 10s;
constexpr std::size_t most_answer_bytes = 64 * 1024;

}  // namespace

Heartbeat::Heartbeat(hub::Hub& hub, const api::Context& context, std::string address, Figures& figures)
    : hub_(hub), context_(context), address_(std::move(address)), figures_(figures) {
  hub_.worker().every_tick([this] { tick(); });
}

void Heartbeat::tick() {
  const config::Heartbeat& settings = hub_.config()->heartbeat;
  const auto now = Clock::now();
  if (!settings.enabled || under_way_ || now < next_ || hub_.draining()) return;
  if (context_.readiness && !context_.readiness->ready()) return;
  next_ = now + settings.interval;
  under_way_ = true;
  hub_.worker().spawn("heartbeat", [this](net::Life& life) { return report(life); });
}

net::Task<void> Heartbeat::report(net::Life& life) {
  const base::ScopeExit over([this] { under_way_ = false; });
  const std::shared_ptr<const config::Config> config = hub_.config();
  const auto status = co_await send(life, config);
  if (life.stopping()) co_return;
  const std::string& url = config->heartbeat.url;
  if (!status) {
    ++figures_.failed;
    tell(life, url, status.error().message());
  } else if (*status < 200 || *status > 299) {
    ++figures_.refused;
    tell(life, url, "answered with status " + std::to_string(*status));
  } else {
    ++figures_.good;
    tell(life, url, {});
  }
}

net::Task<Result<int>> Heartbeat::send(net::Life& life, std::shared_ptr<const config::Config> config) {
  const config::Heartbeat& settings = config->heartbeat;
  CO_TRY(http::Url url, http::parse_url(settings.url));
  net::TlsContext* secured = nullptr;
  if (url.secure()) {
    CO_TRY(secured, tls(settings));
  }
  nlohmann::ordered_json summaries;
  if (settings.summaries) {
    CO_TRY(const auto system, co_await context_.statistics.system(life.worker()));
    CO_TRY(const auto workers, co_await context_.statistics.workers(life.worker()));
    summaries = api::summary_data(context_, config->stats.enabled, system, workers);
  }
  http::ClientRequest request{.method = "POST"};
  request.headers.add("Content-Type", "application/json");
  request.body = body(*config, {context_.server_id, context_.service_id, context_.pid, address_}, summaries);
  // A report that is late for the next one is of no use.
  const http::ClientLimits limits{.total = std::min(settings.interval, longest_report),
                                  .max_body_bytes = most_answer_bytes};
  http::Connector connect = [&life, limits](std::string host, std::uint16_t port) {
    return net::connect(life.worker(), std::move(host), port, limits.total);
  };
  CO_TRY(const http::ClientReply reply,
         co_await http::fetch(std::move(connect), secured, std::move(url), std::move(request), limits));
  co_return reply.status;
}

Result<net::TlsContext*> Heartbeat::tls(const config::Heartbeat& settings) {
  const std::string wanted = (settings.tls_verify ? "+" : "-") + settings.ca_file;
  if (!tls_ || tls_made_for_ != wanted) {
    std::string reason;
    auto made = net::TlsContext::make_client(
        settings.tls_verify ? net::TlsContext::Verify::peer : net::TlsContext::Verify::off, settings.ca_file, reason);
    if (!made) {
      if (!failing_) log::error({hub_.worker().logger(), {}, {}}, "heartbeat over https: {}", reason);
      return made.error();
    }
    tls_ = std::move(*made);
    tls_made_for_ = wanted;
  }
  return tls_.get();
}

// An empty fault: it went well.
void Heartbeat::tell(const net::Life& life, const std::string& url, const std::string& fault) {
  const bool failed = !fault.empty();
  if (failed == std::exchange(failing_, failed)) return;
  if (failed) {
    log::warn(life.log(), "heartbeat to {} fails: {}; it goes on, and says so when it succeeds", base::shown(url),
              fault);
  } else {
    log::info(life.log(), "heartbeat to {} succeeds again", base::shown(url));
  }
}

}  // namespace weir::heartbeat
