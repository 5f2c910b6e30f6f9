#include "session/common/protocol.h"
#include "support/catch.h"
#include "unit/app/api/server_in_a_box.h"

namespace weir::test::page_streams_test {

using test::contains;
using test::ServerInABox;
using test::status_of;

namespace {

constexpr const char* right = "Authorization: Basic YWRtaW46czM6Y3JldA==\r\n";  // admin:s3:cret
constexpr const char* wrong = "Authorization: Basic YWRtaW46d3Jvbmc=\r\n";

void with_auth(config::Config& config) {
  config.http_api.auth = {.enabled = true, .username = "admin", .password = "s3:cret"};
}

std::string get(ServerInABox& box, const std::string& target, const std::string& more = "") {
  return box.send("GET " + target + " HTTP/1.1\r\nHost: media\r\n" + more + "\r\n");
}

}  // namespace

TEST_CASE("the page's list of streams is for whom the list is for, and makes nobody an operator", "[api]") {
  const std::string outsider = "X-Forwarded-For: 203.0.113.9\r\n";
  const auto list = [&](ServerInABox& box, const std::string& more = "") {
    api::add_page_streams(box.router(0), *box.context, box.hub(0));
    return get(box, "/streams.json", more);
  };
  const auto publish = [](ServerInABox& box) {
    box.believe_proxies();
    auto request = box.request("live", "cam", "fmle-publish");
    request.facts.set(session::facts::tc_url, "rtmp://192.0.2.1/live?key=secret");
    box.publish(0, std::move(request));
  };

  ServerInABox open;
  publish(open);
  CHECK(contains(list(open, outsider), "\"url\":\"/live/cam\""));
  CHECK_FALSE(contains(list(open, outsider), "secret"));
  CHECK(contains(list(open), "secret"));  // an operator's own
  CHECK(status_of(open.send("DELETE /streams.json HTTP/1.1\r\nHost: media\r\n\r\n")) == 405);
  CHECK(status_of(open.send("DELETE /streams.json HTTP/1.1\r\nHost: media\r\n" + outsider + "\r\n")) == 403);

  ServerInABox guarded(with_auth);  // the API asks for a password, the list is public all the same
  publish(guarded);
  CHECK(contains(list(guarded, outsider), "\"url\":\"/live/cam\""));
  CHECK_FALSE(contains(list(guarded), "secret"));
  CHECK(status_of(get(guarded, "/api/v1/streams/")) == 401);

  ServerInABox closed([](config::Config& config) {
    with_auth(config);
    config.http_api.public_streams = false;
  });
  publish(closed);
  CHECK(status_of(list(closed)) == 401);
  CHECK(status_of(list(closed, wrong)) == 401);
  CHECK(status_of(list(closed, right)) == 200);

  ServerInABox kept([](config::Config& config) { config.http_api.public_streams = false; });
  publish(kept);
  CHECK(status_of(list(kept, outsider)) == 403);
  CHECK(status_of(list(kept)) == 200);

  ServerInABox listed(
      [](config::Config& config) { config.http_api.allow = {*config::AddressRange::parse("198.51.100.0/24")}; });
  publish(listed);
  CHECK(status_of(list(listed, outsider)) == 403);

  ServerInABox off([](config::Config& config) { config.http_api.enabled = false; });
  CHECK(status_of(list(off)) == 404);
}

}  // namespace weir::test::page_streams_test
