// Where servers of a cluster tell one another what they have: what can be seen before anything runs.
#include "unit/config/support.h"

namespace weir::test::registry_test {

using test::all;
using test::good;

namespace {

std::string errors(const std::string& inside) {
  return all(test::load("registry { engine redis; " + inside + " }").errors);
}
std::string warnings(const std::string& inside) {
  const auto report = test::load("registry { engine redis; " + inside + " }");
  CHECK(all(report.errors) == "");
  return all(report.warnings);
}

}  // namespace

TEST_CASE("a registry is read, and what cannot be is told of with its line", "[config][registry]") {
  const auto config = good(test::load(
      "registry { engine redis; address r.example:1; user u; password p; database 3; tls on; prefix x; node one; "
      "advertise rtmp://a:1 http://a:2; region eu; capacity_mbps 10; ttl 5; when_gone closed; takeover on; }"));
  const config::Registry& read = config->registry;
  CHECK(read.engine == config::Registry::Engine::redis);
  CHECK(read.address == "r.example:1");
  CHECK(read.when_gone == config::Registry::WhenGone::closed);
  CHECK(read.advertise == std::vector<std::string>{"rtmp://a:1", "http://a:2"});
  CHECK(read.ttl == std::chrono::seconds(5));
  CHECK(read.takeover);
  CHECK(warnings("") == "");
  CHECK(errors("address a:b;") == "t.conf:1: 'a:b' is no HOST[:PORT]\n");
  CHECK_FALSE(errors("prefix 'a b';").empty());
  CHECK_FALSE(errors("prefix '{a}';").empty());
  CHECK_FALSE(errors("node 'a b';").empty());
  for (const char* bad : {"10.0.0.1:1935", "srt://a:1", "rtmp://a/live", "rtmp://a rtmp://b", "rtmp://a http://b",
                          "rtmp://u:p@a", "http://a?b"}) {
    INFO(bad);
    CHECK_FALSE(errors(std::string("advertise ") + bad + ";").empty());
  }
  CHECK(config->registry.sentinel_master == "mymaster");
  CHECK(good(test::load("registry { engine redis; sentinels a b:1 [::1]:2; sentinel_master m; sentinel_password p; }"))
            ->registry.sentinels == std::vector<std::string>{"a", "b:1", "[::1]:2"});
  CHECK(errors("sentinels a:b;") == "t.conf:1: 'a:b' is no HOST[:PORT]\n");
  CHECK_FALSE(errors("sentinel_master '';").empty());
  CHECK_FALSE(errors("ttl 1;").empty());
  CHECK_FALSE(errors("when_gone perhaps;").empty());
  CHECK_FALSE(test::load("registry { engine zookeeper; }").errors.empty());
  CHECK_FALSE(warnings("user u;").empty());
  CHECK_FALSE(warnings("tls_verify off;").empty());
}

TEST_CASE("etcd has neither sentinels nor numbered databases", "[config][registry]") {
  const auto said = [](const std::string& inside) {
    const auto report = test::load("registry { engine etcd; " + inside + " }");
    return all(report.errors) + all(report.warnings);
  };
  CHECK(said("address e:2379; user u; password p; tls on;") == "");
  CHECK(said("database 3;") == "t.conf:1: 'database' is Redis's: etcd has none\n");
  CHECK(said("sentinels a;") == "t.conf:1: 'sentinels' are Redis's: etcd has none\n");
  CHECK_FALSE(said("prefix a/b;").empty());
}

}  // namespace weir::test::registry_test
