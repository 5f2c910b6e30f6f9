#include "unit/app/api/server_in_a_box.h"

#include "net/notifier.h"
#include "support/catch.h"
#include "support/scripted_stream.h"
#include "unit/app/typed_request.h"

namespace weir::test {

namespace {

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

net::Task<void> hold_publication(net::Life& life, hub::Hub& hub, hub::Request request,
                                 std::function<void(hub::Input&)> feed, std::shared_ptr<net::ByteStream> stream,
                                 std::shared_ptr<std::promise<bool>> begun) {
  auto publication = co_await hub.publish(life, std::move(request), stream.get());
  if (publication && feed) feed(*publication);
  begun->set_value(publication.has_value());
  if (!publication) co_return;
  net::Notifier never(hub.worker().io());
  (void)co_await never.wait();
}

net::Task<void> hold_subscription(net::Life& life, hub::Hub& hub, hub::Request request,
                                  std::shared_ptr<net::ByteStream> stream, std::shared_ptr<std::promise<bool>> begun) {
  auto subscription = co_await hub.subscribe(life, std::move(request), hub::FormatId{1}, stream.get());
  if (subscription) subscription->record().behind = [] { return std::chrono::milliseconds(120); };
  begun->set_value(subscription.has_value());
  if (!subscription) co_return;
  net::Notifier never(hub.worker().io());
  (void)co_await never.wait();
}

net::Task<void> answer(net::Worker& worker, net::Life& life, const http::Router& router,
                       const http::ServerOptions& options, std::string request,
                       std::shared_ptr<std::promise<std::string>> answered) {
  ScriptedStream stream(worker.io());
  stream.input.push_back(std::move(request));
  co_await http::serve_connection(stream, router, options, life.watchdog);
  answered->set_value(stream.output);
}

std::string_view kind_of(const Json& value) {
  if (value.is_boolean()) return "bool";
  if (value.is_number_integer()) return "int";
  if (value.is_number()) return "number";
  if (value.is_string()) return "text";
  if (value.is_null()) return "null";
  return value.is_array() ? "list" : "object";
}

}  // namespace

ServerInABox::ServerInABox(std::function<void(config::Config&)> adjust) {
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
  context->readiness = &readiness;
  readiness.started();
  for (hub::Hub* hub : peers_) {
    api::add_routes(routers_.emplace_back(), *context, *hub);
    routers_.back().set_gate(api::make_gate(*context, *hub));
  }
  pool_.start();
}

void ServerInABox::stop() {
  if (std::exchange(stopped_, true)) return;
  for (std::size_t i = 0; i < 2; ++i) {
    net::Worker& worker = pool_[i];
    worker.post([&worker] { worker.stop_sessions(net::Errc::stopped, false); });
  }
  while (on(0, [&] { return pool_[0].session_count(); }) + on(1, [&] { return pool_[1].session_count(); }) > 0) {
  }
  pool_.stop();
}

hub::Request ServerInABox::request(const std::string& app, const std::string& name, const std::string& type) const {
  hub::Request request{.vhost = config_.vhosts.front(), .app = app, .stream = name};
  set_type(request, type);
  request.facts.set(session::facts::tc_url, "rtmp://192.0.2.1/" + app);
  request.facts.set(session::facts::page_url, "http://page/");
  request.peer = {"192.0.2.9", 5000};
  return request;
}

std::string ServerInABox::publish(std::size_t worker, hub::Request request, std::function<void(hub::Input&)> feed,
                                  std::uint64_t received, std::uint64_t sent) {
  auto begun = std::make_shared<std::promise<bool>>();
  auto stream = std::make_shared<CountedStream>(received, sent);
  const std::string id(on(worker, [&] {
                         return pool_[worker].spawn("test", [=, this](net::Life& life) {
                           return hold_publication(life, *peers_[worker], request, feed, stream, begun);
                         });
                       }).view());
  return begun->get_future().get() ? id : std::string();
}

std::string ServerInABox::play(std::size_t worker, hub::Request request, std::uint64_t received, std::uint64_t sent) {
  auto begun = std::make_shared<std::promise<bool>>();
  auto stream = std::make_shared<CountedStream>(received, sent);
  const std::string id(on(worker, [&] {
                         return pool_[worker].spawn("test", [=, this](net::Life& life) {
                           return hold_subscription(life, *peers_[worker], request, stream, begun);
                         });
                       }).view());
  return begun->get_future().get() ? id : std::string();
}

std::string ServerInABox::send(const std::string& request, std::size_t worker) {
  auto answered = std::make_shared<std::promise<std::string>>();
  pool_[worker].post([=, this] {
    pool_[worker].spawn("http", [=, this](net::Life& life) {
      return answer(pool_[worker], life, routers_[worker], options_, request, answered);
    });
  });
  return answered->get_future().get();
}

Json ServerInABox::ask(const std::string& target, std::size_t worker, const std::string& method) {
  const std::string whole = send(method + " " + target + " HTTP/1.1\r\nHost: a\r\n\r\n", worker);
  INFO(target << "\n" << whole);
  REQUIRE(status_of(whole) == 200);
  REQUIRE(contains(whole, "Content-Type: application/json\r\n"));
  return Json::parse(body_of(whole));
}

std::string shape(const Json& object) {
  std::string text;
  for (const auto& [name, value] : object.items()) {
    text.append(text.empty() ? "" : " ").append(name).append(":").append(kind_of(value));
  }
  return text;
}

}  // namespace weir::test
