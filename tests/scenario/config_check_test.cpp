#include <nlohmann/json.hpp>

#include "scenario/support/hls_client.h"
#include "support/catch.h"

namespace weir::test::config_check_test {

// The text of a configuration, checked before anybody saves it.
using test::ask, test::get, test::LiveServer;

namespace {

nlohmann::json checked(const LiveServer& server, const std::string& text) {
  const auto answer = ask(server.http_port(), "POST /api/v1/config/check HTTP/1.0\r\nHost: x\r\nContent-Length: " +
                                                  std::to_string(text.size()) + "\r\n\r\n" + text);
  INFO(answer.head << answer.body);
  CHECK(answer.status == 200);
  return nlohmann::json::parse(answer.body);
}

}  // namespace

TEST_CASE("the text of a configuration is checked and compared, and nothing of the machine gets out", "[scenario]") {
  LiveServer server("", "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  const auto wrong = checked(server, "listen 1935;\nvhost a {\n  gop_cash on;\n}\n");
  REQUIRE(wrong["mistakes"].size() + wrong["warnings"].size() >= 1);
  const auto& first = wrong["mistakes"].empty() ? wrong["warnings"][0] : wrong["mistakes"][0];
  CHECK(first["line"] == 3);
  CHECK(first["reason"].get<std::string>().find("gop_cash") != std::string::npos);

  const auto good =
      checked(server, "listen 1936; max_connections 7; http_api { auth { password hunter2; } } vhost new { }");
  CHECK(good["mistakes"].empty());
  std::string told;
  for (const auto& change : good["changes"]) told += change["path"].get<std::string>() + " " + change.dump() + "\n";
  INFO(told);
  CHECK(told.find("max_connections") != std::string::npos);
  CHECK(told.find("vhost[new]") != std::string::npos);
  CHECK(told.find("hunter2") == std::string::npos);
  CHECK(get(server.http_port(), "/api/v1/config").body.find("vhost[new]") == std::string::npos);  // nothing was changed

  const auto curious = checked(server,
                               "listen 1935; include /etc/passwd; variables { a file:/etc/hostname; b env:PATH; } "
                               "http_api { overlay /etc/group; } vhost x { push live { url rtmp://h/$a/$b/c; } }");
  INFO(curious.dump());
  CHECK(curious["unread"].get<int>() >= 2);
  for (const char* leak : {"root:", "/usr/bin", "daemon:"}) CHECK(curious.dump().find(leak) == std::string::npos);
  CHECK(ask(server.http_port(), "GET /api/v1/config/check HTTP/1.0\r\nHost: x\r\n\r\n").status == 405);
  CHECK(ask(server.http_port(),
            "POST /api/v1/config/check HTTP/1.0\r\nHost: x\r\nOrigin: http://evil.example\r\n"
            "Content-Length: 0\r\n\r\n")
            .status == 403);
  server.stop();
}

}  // namespace weir::test::config_check_test
