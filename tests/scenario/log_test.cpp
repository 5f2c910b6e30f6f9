#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "config/load.h"
#include "scenario/support/hls_client.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::log_test {

// Clients that come and go without end: what they make the server write and keep is bounded.
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

// A server that writes its log into a file.
struct LoggedServer {
  std::filesystem::path folder = test::scratch("log");
  std::uint16_t port = test::free_port();
  std::unique_ptr<log::Logger> logger;
  std::unique_ptr<server::Server> server;

  LoggedServer() {
    log::Options options;
    options.to_file = true;
    options.path = (folder / "weir.log").string();
    logger = *log::Logger::make(options);
    const std::string text = base::replace_all(
        "listen 127.0.0.1:{RTMP}; max_connections 500; workers 2; http_server { enabled on; listen 127.0.0.1:{HTTP}; "
        "dir /nonexistent; } http_api { enabled on; listen 127.0.0.1:{HTTP}; } "
        "vhost __defaultVhost__ { http_remux { enabled on; mount [vhost]/[app]/[stream].flv; } }",
        "{HTTP}", std::to_string(port));
    const auto report =
        config::load_text("test.conf", base::replace_all(text, "{RTMP}", std::to_string(test::free_port())), {});
    REQUIRE(report.config);
    server = std::make_unique<server::Server>(report.config, *logger);
    REQUIRE(server->start());
  }
  ~LoggedServer() {
    server->stop(3s);
    server.reset();
    logger.reset();
    std::filesystem::remove_all(folder);
  }

  nlohmann::json list(const std::string& what) const {
    const std::string body = test::get(port, "/api/v1/" + what + "/?count=1000").body;
    const auto all = nlohmann::json::parse(body, nullptr, false);
    // While the flood has all connections there is no answer: not known to be empty.
    return all.is_object() ? all[what] : nlohmann::json::array({nullptr});
  }
  std::ptrdiff_t lines() const {
    logger->flush();
    std::ifstream file(folder / "weir.log");
    return std::count(std::istreambuf_iterator<char>(file), {}, '\n');
  }
};

void ask_for(test::Socket& socket, const std::string& name) {
  socket.send("GET /live/" + name + ".flv HTTP/1.1\r\nHost: x\r\n\r\n");
}

// Lines that one address may cause: so many of each kind at once, and then by the second.
std::ptrdiff_t allowed(Clock::time_point since) {
  constexpr std::ptrdiff_t kinds = 5, at_once = 100, a_second = 20;
  return kinds * (at_once + a_second * std::chrono::ceil<std::chrono::seconds>(Clock::now() - since).count());
}

}  // namespace

TEST_CASE("names that nobody publishes, asked for and left without end, leave little in the log and nothing behind",
          "[scenario][hostile]") {
  const LoggedServer server;
  const auto since = Clock::now();
  for (int i = 0; i < 3'000; ++i) {
    test::Socket socket(server.port);
    ask_for(socket, "unknown" + std::to_string(i));
  }
  CHECK(test::soon([&] { return server.list("clients").empty() && server.list("streams").empty(); }));
  CHECK(server.lines() < allowed(since));
}

TEST_CASE("clients that are kicked and come again, without end, leave little in the log and nothing behind",
          "[scenario][hostile]") {
  const LoggedServer server;
  const auto since = Clock::now();
  std::size_t kicked = 0;
  for (int round = 0; round < 40; ++round) {
    std::vector<std::unique_ptr<test::Socket>> players;
    for (int i = 0; i < 20; ++i) {
      players.push_back(std::make_unique<test::Socket>(server.port));
      ask_for(*players.back(), "kicked");
    }
    REQUIRE(test::soon([&] { return server.list("clients").size() >= 20; }));
    for (const auto& client : server.list("clients")) {
      if (!client.is_object()) continue;
      test::Socket socket(server.port);
      socket.send("DELETE /api/v1/clients/" + client["id"].get<std::string>() + " HTTP/1.0\r\nHost: x\r\n\r\n");
      base::Buffer room(4096);
      kicked += socket.receive({room.data(), room.size()}, 5s) > 0;
    }
    REQUIRE(test::soon([&] { return server.list("clients").empty(); }));
  }
  CHECK(kicked >= 800);
  CHECK(test::soon([&] { return server.list("streams").empty(); }));
  CHECK(server.lines() < allowed(since));
}

}  // namespace weir::test::log_test
