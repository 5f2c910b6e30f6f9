#include "format/flv/script_data.h"
#include "format/scte35/section.h"
#include "scenario/support/hls_client.h"

// Breaks that a publisher tells of, as players of DASH see them; HLS has dates for streams that come at their own speed
// alone.

namespace weir::test::cues_test {

using namespace std::chrono_literals;
using rtmp::MessageType;
using rtmp::Role;

TEST_CASE("a cue point of a publisher is an event of DASH, whole", "[scenario][hls][scte35]") {
  LiveServer server("min_latency on; dash { enabled on; dash_path /nonexistent; dash_fragment 1; } ");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  test::publish(publisher, 0, 35);
  amf0::Value cue = amf0::Value::object();
  const base::Buffer section = scte35::insert(41, true, base::Ticks(30s));
  cue.set("name", "scte35").set("data", std::string_view(scte35::hex(section)));
  const base::Buffer body = flv::write_script_data({.name = "onCuePoint", .value = cue});
  publisher.client.send(MessageType::data, 1400, base::Bytes(body));
  test::publish(publisher, 35, 80);
  CHECK(soon([&] {
    return get(server.http_port(), "/live/cam.mpd").body.find("urn:scte:scte35:2013:bin") != std::string::npos;
  }));
  const std::string segment = get(server.http_port(), "/live/cam/video-1.m4s").body;
  CHECK(segment.find("urn:scte:scte35:2013:bin" + std::string(2, '\0') + std::string(base::as_text(section.bytes()))) !=
        std::string::npos);
}

}  // namespace weir::test::cues_test
