#include "unit/app/api/server_in_a_box.h"

#include "support/catch.h"

namespace weir::test {

namespace {

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
