#pragma once

#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/api/context.h"
#include "net/http/server.h"
#include "net/notifier.h"
#include "support/memory_stream.h"
#include "support/scripted_stream.h"
#include "unit/app/typed_request.h"

namespace weir::test {

using Json = nlohmann::ordered_json;

// A stream with byte counts of the test's choosing.
class CountedStream final : public net::ByteStream {
 public:
  CountedStream(std::uint64_t received, std::uint64_t sent) {
    meter_.received_bytes = received;
    meter_.sent_bytes = sent;
    peer_ = {"192.0.2.9", 5000};
  }
  base::Result<std::size_t> try_read(base::MutableBytes) override { return net::Errc::would_block; }
  base::Result<std::size_t> try_write(std::span<const iovec>) override { return net::Errc::would_block; }
  net::Task<base::Result<void>> readable() override { co_return net::Errc::stopped; }
  net::Task<base::Result<void>> writable() override { co_return net::Errc::stopped; }
  void when_readable(std::function<void()>) override {}
  void when_writable(std::function<void()>) override {}
  void cancel() override {}
  void shutdown() override {}
  void close() override {}
  int native_handle() const override { return -1; }
  bool encrypted() const override { return false; }
};

// Two workers with hubs and the API, sessions that only hold a publication or a subscription, and a client that asks.
class ServerInABox {
 public:
  explicit ServerInABox(std::function<void(config::Config&)> adjust = {}) {
    config_.vhosts.push_back(std::make_shared<config::Vhost>());
    config_.http_api.enabled = true;
    if (adjust) adjust(config_);
    auto config = std::make_shared<const config::Config>(config_);
    peers_.resize(2);
    for (std::size_t i = 0; i < 2; ++i) {
      hubs_.push_back(std::make_unique<hub::Hub>(pool_[i], directory_, formats_, peers_, config));
      peers_[i] = hubs_.back().get();
    }
    statistics_ = std::make_unique<stats::Statistics>(pool_, peers_);
    context = std::make_unique<api::Context>(api::Context{.statistics = *statistics_});
    context->server_id = "vid-0a1b2c3";
    context->service_id = "7x9k2m4p";
    context->pid = 4242;
    for (hub::Hub* hub : peers_) {
      api::add_routes(routers_.emplace_back(), *context, *hub);
      routers_.back().set_gate(api::make_gate(*context, *hub));
    }
    pool_.start();
  }
  // Runs on a worker and gives what it returns.
  template <class F>
  auto on(std::size_t worker, F work) {
    std::promise<decltype(work())> done;
    pool_[worker].post([&] { done.set_value(work()); });
    return done.get_future().get();
  }

  ~ServerInABox() { stop(); }
  // Ends all sessions and the workers; what observes them may go then.
  void stop() {
    if (std::exchange(stopped_, true)) return;
    for (std::size_t i = 0; i < 2; ++i) {
      net::Worker& worker = pool_[i];
      worker.post([&worker] { worker.stop_sessions(net::Errc::stopped, false); });
    }
    while (on(0, [&] { return pool_[0].session_count(); }) + on(1, [&] { return pool_[1].session_count(); }) > 0) {
    }
    pool_.stop();
  }

  hub::Request request(const std::string& app, const std::string& name, const std::string& type) const {
    hub::Request request{.vhost = config_.vhosts.front(), .app = app, .stream = name};
    set_type(request, type);
    request.facts.set(session::facts::tc_url, "rtmp://192.0.2.1/" + app);
    request.facts.set(session::facts::page_url, "http://page/");
    request.peer = {"192.0.2.9", 5000};
    return request;
  }
  // A session that lasts until it is stopped; its id.
  std::string publish(std::size_t worker, hub::Request request, std::function<void(hub::Input&)> feed = {},
                      std::uint64_t received = 0, std::uint64_t sent = 0);
  std::string play(std::size_t worker, hub::Request request, std::uint64_t received = 0, std::uint64_t sent = 0);

  // The raw answer of the server to a request to that worker.
  std::string send(const std::string& request, std::size_t worker = 0);
  std::string get(const std::string& target, std::size_t worker = 0, const std::string& more = "") {
    return send("GET " + target + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n", worker);
  }
  // The JSON of an answer with status 200.
  Json ask(const std::string& target, std::size_t worker = 0, const std::string& method = "GET");
  // From now on X-Forwarded-For says who asks.
  void believe_proxies() {
    options_.trusts_proxy = [](std::string_view) { return true; };
  }
  hub::Hub& hub(std::size_t index) { return *hubs_[index]; }
  http::Router& router(std::size_t index) { return routers_[index]; }
  net::WorkerPool& pool() { return pool_; }
  stats::Statistics& statistics() { return *statistics_; }

  std::unique_ptr<api::Context> context;

 private:
  std::unique_ptr<log::Logger> logger_ = log::Logger::make_silent();
  net::WorkerPool pool_{2, logger_.get()};
  hub::Directory directory_;
  hub::Formats formats_;
  hub::Hub::Peers peers_;
  config::Config config_;
  std::vector<std::unique_ptr<hub::Hub>> hubs_;
  std::unique_ptr<stats::Statistics> statistics_;
  std::vector<http::Router> routers_;
  http::ServerOptions options_;
  bool stopped_ = false;
};

inline int status_of(const std::string& answer) { return std::stoi(answer.substr(9, 3)); }
inline std::string body_of(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }
inline bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// The names of an object's fields in their order, with their kinds: "code:int server:text".
std::string shape(const Json& object);

}  // namespace weir::test
