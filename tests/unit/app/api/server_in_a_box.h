#pragma once

#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/api/context.h"
#include "net/http/server.h"

namespace weir::test {

using Json = nlohmann::ordered_json;

// Two workers with hubs and the API, sessions that only hold a publication or a subscription, and a client that asks.
class ServerInABox {
 public:
  explicit ServerInABox(std::function<void(config::Config&)> adjust = {});
  // Runs on a worker and gives what it returns.
  template <class F>
  auto on(std::size_t worker, F work) {
    std::promise<decltype(work())> done;
    pool_[worker].post([&] { done.set_value(work()); });
    return done.get_future().get();
  }

  ~ServerInABox() { stop(); }
  // Ends all sessions and the workers; what observes them may go then.
  void stop();

  hub::Request request(const std::string& app, const std::string& name, const std::string& type) const;
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

  cluster::Readiness readiness;

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
