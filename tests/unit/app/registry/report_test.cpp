#include "app/registry/report.h"

#include "support/catch.h"

namespace weir::test::report_test {

TEST_CASE("a server is what it advertises, or its own address and ports", "[registry]") {
  config::Config config;
  config.rtmp.listen = {{"", 19350}};
  config.http_server.enabled = true;
  config.http_server.listen = {{"", 8081}};
  cluster::Node node = registry::own_node(config, "10.0.0.7", "x1");
  CHECK(node.name == "10.0.0.7:19350");
  CHECK(node.instance == "x1");
  CHECK(node.at == cluster::Origin{"10.0.0.7", 19350, 8081});
  config.registry.advertise = {"rtmp://media.example.org", "http://media.example.org"};
  node = registry::own_node(config, "10.0.0.7", "x1");
  CHECK(node.at == cluster::Origin{"media.example.org", 19350, 80});
  config.registry.advertise = {"rtmp://media.example.org:1", "http://media.example.org:2"};
  config.registry.node = "one";
  node = registry::own_node(config, "10.0.0.7", "x1");
  CHECK(node.name == "one");
  CHECK(node.at == cluster::Origin{"media.example.org", 1, 2});
}

}  // namespace weir::test::report_test
