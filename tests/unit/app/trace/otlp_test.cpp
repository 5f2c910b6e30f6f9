#include "app/trace/otlp.h"

#include <nlohmann/json.hpp>

#include "support/catch.h"

namespace weir::test::otlp_test {

TEST_CASE("spans are written as OTLP has them in JSON", "[trace]") {
  using namespace std::chrono_literals;
  trace::Span play;
  for (std::size_t i = 0; i < 16; ++i) play.context.trace[i] = static_cast<std::uint8_t>(i + 1);
  play.context.span = {0xa, 0xb, 0xc, 0xd, 0, 0, 0, 1};
  play.name = "play";
  play.begin = trace::Wall{1'700'000'000s};
  play.admitted = play.begin + 5ms;
  play.end = play.begin + 2s;
  play.attributes = {
      {"weir.stream", std::string("c\"am\xff")}, {"weir.sent_bytes", std::int64_t{1} << 60}, {"weir.recorded", true}};
  trace::Span hook;
  hook.context.trace = play.context.trace;
  hook.context.span = {1, 2, 3, 4, 5, 6, 7, 8};
  hook.parent = play.context.span;
  hook.name = "on_play";
  hook.kind = trace::Span::Kind::client;
  hook.fault = "timed out";
  const std::vector<trace::Span> spans{play, hook};
  const auto json = nlohmann::json::parse(trace::export_request({"studio", "abcd"}, spans));
  const auto& resource = json["resourceSpans"][0];
  CHECK(resource["resource"]["attributes"][0].dump() == R"({"key":"service.name","value":{"stringValue":"studio"}})");
  const auto& written = resource["scopeSpans"][0]["spans"];
  REQUIRE(written.size() == 2);
  CHECK(written[0]["traceId"] == "0102030405060708090a0b0c0d0e0f10");
  CHECK(written[0]["spanId"] == "0a0b0c0d00000001");
  CHECK_FALSE(written[0].contains("parentSpanId"));
  CHECK(written[0]["kind"] == 2);
  CHECK(written[0]["startTimeUnixNano"] == "1700000000000000000");
  CHECK(written[0]["endTimeUnixNano"] == "1700000002000000000");
  CHECK(written[0]["events"][0]["timeUnixNano"] == "1700000000005000000");
  CHECK(written[0]["attributes"][0]["value"]["stringValue"] == "c\"am\xef\xbf\xbd");
  CHECK(written[0]["attributes"][1]["value"]["intValue"] == "1152921504606846976");
  CHECK(written[0]["attributes"][2]["value"]["boolValue"] == true);
  CHECK(written[0]["status"].empty());
  CHECK(written[1]["parentSpanId"] == written[0]["spanId"]);
  CHECK(written[1]["status"]["code"] == 2);
  CHECK(written[1]["status"]["message"] == "timed out");
  CHECK_FALSE(written[1].contains("events"));
  // W3C Trace Context 3.2.2
  CHECK(trace::traceparent(play.context) == "00-0102030405060708090a0b0c0d0e0f10-0a0b0c0d00000001-01");
}

TEST_CASE("an endpoint without a path is posted to at the path of traces", "[trace]") {
  CHECK(trace::traces_url("http://c:4318") == "http://c:4318/v1/traces");
  CHECK(trace::traces_url("http://c:4318/") == "http://c:4318/v1/traces");
  CHECK(trace::traces_url("http://c:4318/otlp/v1/traces") == "http://c:4318/otlp/v1/traces");
  CHECK(trace::traces_url("http://c/?key=1") == "http://c/?key=1");
}

}  // namespace weir::test::otlp_test
