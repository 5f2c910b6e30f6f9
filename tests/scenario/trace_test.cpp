#include <map>
#include <nlohmann/json.hpp>

#include "scenario/support/hls_client.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::trace_test {

// Traces of sessions, at a collector of our own.
using namespace std::chrono_literals;
using rtmp::Role;
using test::get, test::HookServer, test::LiveServer, test::RtmpPeer;

namespace {

std::string traced(const HookServer& collector, const std::string& more = "") {
  return "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; } otlp { endpoint " + collector.url("") +
         "; interval 0.1; " + more + " }";
}

// The spans that arrived, by name.
std::multimap<std::string, nlohmann::json> spans_of(const HookServer& collector) {
  std::multimap<std::string, nlohmann::json> all;
  for (const auto& call : collector.calls()) {
    const auto body = nlohmann::json::parse(call.body);
    for (const auto& span : body["resourceSpans"][0]["scopeSpans"][0]["spans"]) {
      all.emplace(span["name"], span);
    }
  }
  return all;
}

std::string attribute(const nlohmann::json& span, const std::string& name) {
  for (const auto& one : span["attributes"]) {
    if (one["key"] == name) return one["value"].begin().value().dump();
  }
  return "";
}

std::uint64_t counted_spans(const LiveServer& server, const std::string& result) {
  const std::string body = get(server.http_port(), "/metrics").body;
  const std::string name = "weir_trace_spans_total{result=\"" + result + "\"} ";
  const auto at = body.find(name);
  return at == std::string::npos ? ~0ULL : std::stoull(body.substr(at + name.size()));
}

}  // namespace

TEST_CASE("sessions are traced, and calls of hooks below them", "[scenario][trace]") {
  HookServer collector([](const HookServer::Call&) { return HookServer::ok("{}"); });
  HookServer hook;
  LiveServer server("http_hooks { enabled on; on_publish " + hook.url() + "; on_play " + hook.url() +
                        "; on_unpublish " + hook.url() + "; }",
                    traced(collector, "service_name studio;"));
  {
    RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam?token=s3cret");
    REQUIRE(publisher.wait_publishing());
    publisher.send_headers();
    test::publish(publisher, 0, 30);
    RtmpPeer player(server.rtmp_port(), Role::play, "cam");
    CHECK(player.wait_media(3));
  }
  REQUIRE(test::soon([&] {
    const auto spans = spans_of(collector);
    return spans.count("publish") == 1 && spans.count("play") == 1 && spans.count("on_play") == 1 &&
           spans.count("on_publish") == 1 && spans.count("on_unpublish") == 1;
  }));
  const auto calls = collector.calls();
  CHECK(calls.front().target == "/v1/traces");
  CHECK(calls.front().head.find("application/json") != std::string::npos);
  for (const auto& call : calls) CHECK(call.body.find("s3cret") == std::string::npos);
  const auto spans = spans_of(collector);
  const auto publish = spans.find("publish")->second, play = spans.find("play")->second;
  CHECK(publish["traceId"] != play["traceId"]);
  CHECK(attribute(publish, "weir.protocol") == "\"rtmp\"");
  CHECK(attribute(publish, "weir.app") == "\"live\"");
  CHECK(attribute(publish, "weir.stream") == "\"cam\"");
  CHECK(attribute(publish, "client.address") == "\"127.0.0.1\"");
  CHECK(attribute(play, "weir.sent_bytes") != "\"0\"");
  CHECK(play["events"][0]["name"] == "admitted");
  CHECK(play["kind"] == 2);
  for (const char* name : {"on_publish", "on_play", "on_unpublish"}) {
    const auto child = spans.find(name)->second;
    INFO(child.dump());
    const auto& parent = std::string(name) == "on_play" ? play : publish;
    CHECK(child["traceId"] == parent["traceId"]);
    CHECK(child["parentSpanId"] == parent["spanId"]);
    CHECK(child["kind"] == 3);
    CHECK(attribute(child, "http.response.status_code") == "\"200\"");
    const std::string header =
        "traceparent: 00-" + child["traceId"].get<std::string>() + "-" + child["spanId"].get<std::string>() + "-01";
    bool told = false;
    for (const auto& call : hook.calls()) told = told || call.head.find(header) != std::string::npos;
    CHECK(told);
  }
  CHECK(counted_spans(server, "sent") >= 5);
  server.stop();
}

TEST_CASE("who is refused is traced with a fault; nobody is where none is sampled", "[scenario][trace]") {
  HookServer collector([](const HookServer::Call&) { return HookServer::ok("{}"); });
  HookServer hook([](const HookServer::Call&) { return HookServer::ok(R"({"code":1})"); });
  const std::string hooks = "http_hooks { enabled on; on_publish " + hook.url() + "; }";
  const bool sampled = GENERATE(true, false);
  LiveServer server(hooks, traced(collector, sampled ? "" : "sample 0;"));
  RtmpPeer refused(server.rtmp_port(), Role::publish, "cam");
  refused.wait_closed();
  REQUIRE(hook.wait_calls(1));
  if (!sampled) {
    CHECK(hook.calls().front().head.find("traceparent") == std::string::npos);
    CHECK(collector.calls().empty());
    return;
  }
  REQUIRE(test::soon([&] { return spans_of(collector).count("publish") == 1; }));
  const auto spans = spans_of(collector);
  CHECK(spans.find("publish")->second["status"]["code"] == 2);
  CHECK(attribute(spans.find("on_publish")->second, "weir.hook.verdict") == "\"denied\"");
}

TEST_CASE("a collector that is down or slow holds nobody up, and what is lost is counted", "[scenario][trace]") {
  HookServer collector([](const HookServer::Call&) { return std::string(HookServer::hang); });
  const bool down = GENERATE(true, false);
  const std::string endpoint = down ? "otlp { endpoint http://127.0.0.1:1; interval 0.1; }" : "";
  LiveServer server("", down ? "workers 1; http_api { enabled on; listen 127.0.0.1:{HTTP}; } " + endpoint
                             : traced(collector, "timeout 0.3; queue 2;"));
  for (int i = 0; i < 8; ++i) {
    RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam" + std::to_string(i));
    REQUIRE(publisher.wait_publishing());
  }
  CHECK(test::soon([&] { return counted_spans(server, "failed") >= 1; }));
  if (!down) CHECK(test::soon([&] { return counted_spans(server, "dropped") + counted_spans(server, "failed") >= 4; }));
  CHECK(counted_spans(server, "sent") == 0);
  server.stop();
}

TEST_CASE("spans of those who were there to the end are posted before it", "[scenario][trace]") {
  const bool answers = GENERATE(true, false);
  HookServer collector(
      [&](const HookServer::Call&) { return answers ? HookServer::ok("{}") : std::string(HookServer::hang); });
  LiveServer server("", "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; } otlp { endpoint " +
                            collector.url("") + "; interval 60; timeout 30; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam");
  REQUIRE(publisher.wait_publishing());
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(player.run_until(
      [&] { return get(server.http_port(), "/api/v1/clients/").body.find("\"publish\":false") != std::string::npos; },
      20s));
  CHECK(collector.calls().empty());
  const auto began = std::chrono::steady_clock::now();
  server.stop();
  if (!answers) {
    // Bounded: its own limit would be half a minute.
    CHECK(std::chrono::steady_clock::now() - began < 20s);
    return;
  }
  const auto spans = spans_of(collector);
  CHECK(spans.count("publish") == 1);
  CHECK(spans.count("play") == 1);
}

}  // namespace weir::test::trace_test
