#include <nlohmann/json.hpp>

#include "format/ts/packet.h"
#include "scenario/support/hls_client.h"
#include "scenario/support/srt_server.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::ts_analysis_test {

// What is wrong with a transport stream that comes, in the API.
using test::publish_id;
using test::SrtPeer;
using test::SrtServer;

namespace {

// Without every hundredth packet of media.
test::ByteVector with_gaps(const test::ByteVector& whole) {
  test::ByteVector out;
  std::size_t media = 0;
  for (std::size_t at = 0; at + ts::packet_bytes <= whole.size(); at += ts::packet_bytes) {
    const base::Bytes one = base::Bytes(whole).subspan(at, ts::packet_bytes);
    const auto packet = ts::parse_packet(one);
    if (packet && packet->pid >= 0x100 && packet->payload.size() == ts::payload_bytes && ++media % 100 == 0) continue;
    out.insert(out.end(), one.begin(), one.end());
  }
  return out;
}

nlohmann::json analysis_of(std::uint16_t http_port) {
  const auto all = nlohmann::json::parse(test::get(http_port, "/api/v1/streams/").body)["streams"];
  return all.empty() ? nlohmann::json() : all[0].value("transport_stream", nlohmann::json());
}

}  // namespace

TEST_CASE("what is wrong with a stream that comes by SRT is in the API and in metrics", "[scenario][srt][analyzer]") {
  SrtServer server;
  const std::uint16_t http = server.live().http_port();
  const auto clip = test::test_file("ts/h264_aac.ts");
  SrtPeer good(server.port(), publish_id("cam"));
  REQUIRE(good.connected());
  REQUIRE(good.send_all(clip));
  const std::uint64_t packets = clip.size() / ts::packet_bytes;
  REQUIRE(test::soon([&] {
    const auto found = analysis_of(http);
    return !found.is_null() && found["packets"] == packets;
  }));
  auto found = analysis_of(http);
  CHECK(found["priority_1"]["continuity"] == 0);
  CHECK(found["programs"] == 1);
  CHECK(found["packet_bytes"] == 188);
  CHECK(found["seconds"].get<double>() > 0.5);

  REQUIRE(good.send_all(with_gaps(clip)));
  CHECK(test::soon([&] { return analysis_of(http)["priority_1"]["continuity"] >= 3; }));
  found = analysis_of(http);
  CHECK(found["priority_1"]["errors"] >= found["priority_1"]["continuity"]);
  CHECK(found["priority_2"]["pcr_discontinuity"] == 1);  // it began anew
  const std::string metrics = test::get(http, "/metrics").body;
  CHECK(
      metrics.find("weir_stream_ts_errors_total{vhost=\"__defaultVhost__\",app=\"live\",stream=\"cam\",priority=\"1\","
                   "error=\"continuity\"}") != std::string::npos);
}

TEST_CASE("analysis is off where the configuration says so, and absent of what is no transport stream",
          "[scenario][srt][analyzer]") {
  SrtServer server("publish { ts_analysis off; }");
  SrtPeer peer(server.port(), publish_id("cam"));
  REQUIRE(peer.connected());
  REQUIRE(peer.send_all(test::test_file("ts/h264_aac.ts")));
  const std::uint16_t http = server.live().http_port();
  REQUIRE(test::soon([&] {
    const auto all = nlohmann::json::parse(test::get(http, "/api/v1/streams/").body)["streams"];
    return !all.empty() && all[0].value("type", "") == "srt-publish";
  }));
  CHECK(analysis_of(http).is_null());
  CHECK(test::get(http, "/metrics").body.find("weir_stream_ts_errors_total{") == std::string::npos);
}

}  // namespace weir::test::ts_analysis_test
