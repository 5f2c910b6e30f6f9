#include <future>

#include "hub/hub.h"
#include "net/http/exchange.h"
#include "net/http/server.h"
#include "net/worker_pool.h"
#include "session/live/routes.h"
#include "support/catch.h"
#include "support/scripted_stream.h"

namespace weir::test::elsewhere_test {

namespace {

net::Task<void> ask(net::Life& life, const http::Router& router, std::string request,
                    std::shared_ptr<std::promise<std::string>> answer) {
  test::ScriptedStream stream(life.worker().io());
  stream.input.push_back(std::move(request));
  const http::ServerOptions options;
  co_await http::serve_connection(stream, router, options, life.watchdog, &life);
  answer->set_value(stream.output);
}

}  // namespace

TEST_CASE("who asks for a stream that another server has is sent there", "[session]") {
  auto logger = log::Logger::make_silent();
  net::WorkerPool pool(1, logger.get());
  hub::Directory directory;
  const hub::Formats formats;
  hub::Hub::Peers peers(1);
  config::Config config;
  auto vhost = std::make_shared<config::Vhost>();
  vhost->http_remux.enabled = true;
  config.vhosts.push_back(vhost);
  hub::Hub hub(pool[0], directory, formats, peers, std::make_shared<const config::Config>(config));
  peers[0] = &hub;
  hub.admission().set_locator(
      [](net::Life&, const hub::Request& request, hub::Action action) -> net::Task<base::Result<std::string>> {
        if (request.stream == "here") co_return std::string();
        if (request.stream == "unknown") co_return net::Errc::timed_out;
        co_return action == hub::Action::play ? "http://b.example/live/cam.flv" : "http://c.example/live/cam.flv";
      });
  http::Router router;
  session::live::add_routes(router, hub, {});
  router.set_gate([](const http::Exchange&, http::Access) { return http::Verdict{}; });
  pool.start();
  const auto answer_to = [&](const std::string& request) {
    auto answer = std::make_shared<std::promise<std::string>>();
    pool[0].post([&, answer, request] {
      pool[0].spawn("http", [&router, answer, request](net::Life& life) { return ask(life, router, request, answer); });
    });
    return answer->get_future().get();
  };
  const std::string play = answer_to("GET /live/cam.flv HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(play.starts_with("HTTP/1.1 302 "));
  CHECK(play.find("Location: http://b.example/live/cam.flv\r\n") != std::string::npos);
  const std::string post =
      answer_to("POST /live/cam.flv HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  CHECK(post.find("Location: http://c.example/live/cam.flv\r\n") != std::string::npos);
  CHECK(answer_to("GET /live/unknown.flv HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 403 "));
  CHECK(answer_to("POST /live/here.flv HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            .starts_with("HTTP/1.1 200 "));
  pool.stop();
}

}  // namespace weir::test::elsewhere_test
