#include "app/heartbeat/body.h"

#include <nlohmann/json.hpp>

#include "support/catch.h"

namespace weir::test::body_test {

namespace {

// compat, heartbeat: the message of SRS.
const heartbeat::Identity identity{"vid-0a1b2c3", "7x9k2m4p", 4242, "10.1.2.3"};

}  // namespace

TEST_CASE("a report has SRS's fields in SRS's order", "[heartbeat]") {
  config::Config config;
  config.heartbeat.device_id = "edge-7";
  CHECK(heartbeat::body(config, identity, {}) ==
        R"({"device_id":"edge-7","ip":"10.1.2.3","server":"vid-0a1b2c3","service":"7x9k2m4p","pid":"4242"})");
  config.heartbeat.device_ip = "2001:db8::7";
  config.heartbeat.ports = true;
  config.rtmp.listen = {{"", 1935}, {"::", 1935}};
  config.http_api.enabled = true;
  CHECK(heartbeat::body(config, identity, {{"ok", true}}) ==
        R"({"device_id":"edge-7","ip":"2001:db8::7","server":"vid-0a1b2c3","service":"7x9k2m4p","pid":"4242",)"
        R"("summaries":{"data":{"ok":true}},"rtmp":["1935","[::]:1935"],"api":["1985"]})");
  config.http_server.enabled = true;
  CHECK(heartbeat::body(config, identity, {})
            .ends_with(R"("rtmp":["1935","[::]:1935"],"http":["8080"],"api":["1985"]})"));
}

TEST_CASE("an id that is no UTF-8, or no JSON, makes no broken report", "[heartbeat]") {
  config::Config config;
  config.heartbeat.device_id = "a\"b\xff";
  CHECK(heartbeat::body(config, identity, {}).starts_with("{\"device_id\":\"a\\\"b\xef\xbf\xbd\",\"ip\""));
}

}  // namespace weir::test::body_test
