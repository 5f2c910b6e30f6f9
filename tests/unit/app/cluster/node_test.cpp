#include "app/cluster/node.h"

#include "support/catch.h"

namespace weir::test::node_test {

using cluster::Node;

TEST_CASE("the record of a node says what was written", "[cluster]") {
  const Node node{.name = "10.0.0.1:1935",
                  .instance = "abcd",
                  .at = {.host = "10.0.0.1", .rtmp_port = 1935, .http_port = 8080},
                  .srt_port = 10080,
                  .api_port = 1985,
                  .region = "eu",
                  .draining = true,
                  .report = 12,
                  .cpu = 0.5,
                  .memory = 0.25,
                  .sent_mbps = 12.5,
                  .capacity_mbps = 2000,
                  .streams = 3,
                  .clients = 4};
  const auto read = cluster::parse_node(to_json(node));
  REQUIRE(read.has_value());
  CHECK((*read == node));
  CHECK((*cluster::parse_own_node("{\"code\":0,\"node\":" + to_json(node) + "}") == node));
}

TEST_CASE("a record that would lead players nowhere is refused, and figures that cannot be are cut", "[cluster]") {
  using cluster::AnswerErrc;
  CHECK(cluster::parse_node("nonsense").error() == AnswerErrc::not_json);
  CHECK(cluster::parse_node("[]").error() == AnswerErrc::not_json);
  CHECK(cluster::parse_node("{}").error() == AnswerErrc::bad_origin);
  CHECK(cluster::parse_node(R"({"name":"a","host":"a b","rtmp":1935})").error() == AnswerErrc::bad_origin);
  CHECK(cluster::parse_node(R"({"name":"a","host":"a/b@c","rtmp":1935})").error() == AnswerErrc::bad_origin);
  CHECK(cluster::parse_node(R"({"name":"a","host":"a","rtmp":"1935"})").error() == AnswerErrc::bad_origin);
  CHECK(cluster::parse_own_node(R"({"code":0})").error() == AnswerErrc::bad_origin);
  CHECK(cluster::parse_own_node(R"({"node":7})").error() == AnswerErrc::not_json);
  const auto odd = cluster::parse_node(
      R"({"name":"a","host":"a","rtmp":70000,"http":-1,"cpu":9,"memory":-3,"sent_mbps":"x","capacity_mbps":0,"region":7})");
  REQUIRE(odd.has_value());
  CHECK(odd->at.rtmp_port == 65535);
  CHECK(odd->at.http_port == 0);
  CHECK(odd->cpu == 1);
  CHECK(odd->memory == 0);
  CHECK(odd->sent_mbps == 0);
  CHECK(odd->capacity_mbps == 1);
  CHECK(odd->region.empty());
}

}  // namespace weir::test::node_test
