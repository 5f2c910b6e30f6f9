#include "net/http/access.h"

#include "support/catch.h"
#include "unit/net/http/served.h"

namespace weir::test::access_test {

using namespace weir::http;
using test::contains;
using test::echo_path;
using test::get;
using test::Served;

namespace {

std::string ask(std::vector<std::string> input) { return Served()(std::move(input)); }

}  // namespace

TEST_CASE("a gate judges by the route that matched", "[http]") {
  std::vector<Access> asked;
  const auto gated = [&](const std::string& request) {
    Served served;
    served.router.add("/api/", Access::api, echo_path);
    served.router.add("/api/list/", Access::api_streams, echo_path);
    served.router.add("v.org/", Access::page, echo_path);
    served.router.set_gate([&asked](const Exchange&, Access access) {
      asked.push_back(access);
      Verdict verdict;
      if (access == Access::api) verdict.refusal = Reply::of_status(401);
      if (access == Access::api_streams) verdict.readable = Readable::by_its_origin;
      return verdict;
    });
    return served({request});
  };
  for (const char* target :
       {"/api/x", "//api//x", "/%61pi/x", "/api/x?vhost=v.org", "/api/x?domain=a", "/./api/list/.."}) {
    const std::string answer = gated(get(target));
    INFO(target << "\n" << answer);
    CHECK((contains(answer, " 401 ") || contains(answer, " 400 ")));
  }
  CHECK(contains(gated(get("/api")), " 401 "));  // not even the way to it is told
  CHECK(contains(gated(get("/x?api=/api/")), " 200 "));
  CHECK(contains(gated(get("/x/api/")), " 200 "));
  CHECK(contains(gated(get("/api/list/", "Origin: http://x\r\n")), "Access-Control-Allow-Origin: http://x\r\n"));
  CHECK_FALSE(contains(gated(get("/x", "Origin: http://x\r\n")), "Access-Control"));
  const std::string preflight =
      "OPTIONS /api/list/a HTTP/1.1\r\nHost: a\r\nOrigin: http://x\r\n"
      "Access-Control-Request-Method: DELETE\r\nAccess-Control-Request-Private-Network: true\r\n\r\n";
  CHECK(contains(gated(preflight), "Access-Control-Allow-Private-Network: true\r\n"));
  CHECK(asked.back() == Access::api_streams);
}

TEST_CASE("without a gate nothing is served but what is for anybody", "[http]") {
  for (const Access access : {Access::publish, Access::metrics, Access::api_root, Access::api_open, Access::api_streams,
                              Access::api, Access::api_command, Access::signalling}) {
    Served served;
    served.router.add("/x", access, echo_path);
    CHECK(contains(served({get("/x")}), " 403 "));
  }
}

TEST_CASE("a host is never a path", "[http]") {
  for (const char* target : {"/?vhost=/api/v1", "/?domain=a/b", "/?vhost=a%2fb", "/?vhost=a:80", "/?domain=%5Bx%5D",
                             "/?vhost=a%20b", "/?vhost=v.org&domain=/api/v1"}) {
    INFO(target);
    CHECK(contains(ask({get(target)}), " 400 "));
  }
  CHECK(contains(ask({get("/?vhost=&domain=__defaultVhost__")}), " 200 "));
  CHECK(contains(ask({get("/?vhost=[2001:db8::1]")}), " 200 "));
}

}  // namespace weir::test::access_test
