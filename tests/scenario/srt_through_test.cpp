#include <nlohmann/json.hpp>

#include "format/ts/muxer.h"
#include "format/ts/private_data.h"
#include "scenario/support/hls_client.h"
#include "scenario/support/srt_server.h"
#include "support/catch.h"
#include "support/soon.h"
#include "support/two_programs.h"

namespace weir::test::srt_through_test {

// Transport streams that come, and go on as they came.
using namespace std::chrono_literals;
using test::ByteVector;
using test::play_id;
using test::publish_id;
using test::SrtPeer;
using test::SrtServer;

namespace {

// With packets of a PID in between that no table names: nobody but the passage has them.
ByteVector clip_with_stranger() {
  const ByteVector file = test::test_file("ts/h264_aac.ts");
  ByteVector out;
  for (std::size_t at = 0; at + 188 <= file.size(); at += 188) {
    out.insert(out.end(), file.begin() + static_cast<long>(at), file.begin() + static_cast<long>(at + 188));
    if (at / 188 % 7 != 3) continue;
    ByteVector stranger = test::bytes("47 4300 10");
    stranger[3] = static_cast<std::uint8_t>(0x10 | (at / 188 / 7 & 0xf));
    stranger.resize(188, 0x4b);
    out.insert(out.end(), stranger.begin(), stranger.end());
  }
  return out;
}

bool is_stranger(base::Bytes packet) { return packet[1] == 0x43 && packet[2] == 0; }

std::size_t strangers_in(base::Bytes bytes) {
  std::size_t count = 0;
  for (std::size_t at = 0; at + 188 <= bytes.size(); at += 188) count += is_stranger(bytes.subspan(at)) ? 1 : 0;
  return count;
}

// All that a player gets until nothing comes any more.
ByteVector all_of(SrtPeer& player, std::size_t enough) {
  ByteVector out;
  while (out.size() < enough) {
    const auto message = player.receive(10s);
    if (!message) break;
    out.insert(out.end(), message->begin(), message->end());
  }
  return out;
}

}  // namespace

TEST_CASE("a transport stream comes out of SRT as it went in, byte for byte", "[scenario][srt][passage]") {
  SrtServer server;
  const ByteVector wire = clip_with_stranger();
  SrtPeer player(server.port(), play_id("cam"));
  REQUIRE(player.connected());
  SrtPeer publisher(server.port(), publish_id("cam"));
  REQUIRE(publisher.connected());
  REQUIRE(publisher.send_all(wire));  // as frames, to whoever was here before
  REQUIRE(test::soon([&] {
    const auto streams =
        nlohmann::json::parse(test::get(server.live().http_port(), "/api/v1/streams/").body)["streams"];
    return streams.size() == 1 && streams[0]["frames"].get<int>() > 5;
  }));
  REQUIRE(publisher.send_all(wire));
  const ByteVector got = all_of(player, 4 * wire.size());
  std::size_t begin = 0;
  while (begin < got.size() && !is_stranger(base::Bytes(got).subspan(begin, 188))) begin += 188;
  REQUIRE(begin < got.size());
  const std::string_view rest = base::as_text(base::Bytes(got).subspan(begin));
  CHECK(base::as_text(base::Bytes(wire)).find(rest) != std::string_view::npos);
  CHECK(strangers_in(got) > 3);
}

TEST_CASE("whether packets go through is in the API and in metrics", "[scenario][srt][passage]") {
  const bool wanted = GENERATE(true, false);
  SrtServer server(wanted ? "" : "publish { ts_pass_through off; }");
  SrtPeer publisher(server.port(), publish_id("cam"));
  REQUIRE(publisher.connected());
  const ByteVector wire = clip_with_stranger();
  const std::uint16_t http = server.live().http_port();
  const auto stream = [&] {
    const auto streams = nlohmann::json::parse(test::get(http, "/api/v1/streams/").body)["streams"];
    return streams.empty() ? nlohmann::json() : streams[0];
  };
  REQUIRE(test::soon([&] {
    if (!publisher.send_all(wire)) return false;
    const auto now = stream();
    return !now.is_null() && now.contains("ts_packets_through") && now["frames"].get<int>() > 50 &&
           now["ts_pass_through"] == wanted;
  }));
  CHECK((stream()["ts_packets_through"].get<std::uint64_t>() > 100) == wanted);
  const std::string metrics = test::get(http, "/metrics").body;
  CHECK(metrics.find("weir_stream_ts_pass_through{vhost=\"__defaultVhost__\",app=\"live\",stream=\"cam\"} " +
                     std::string(wanted ? "1" : "0")) != std::string::npos);
  CHECK((metrics.find(
             "weir_stream_ts_packets_through_total{vhost=\"__defaultVhost__\",app=\"live\",stream=\"cam\"} 0\n") ==
         std::string::npos) == wanted);
}

TEST_CASE("KLV of a stream that is made anew comes out of SRT beside its pictures", "[scenario][srt][passage]") {
  // A clip with a stream of KLV, as a camera in the air sends it.
  const auto file = test::read_flv("flv/h264_aac.flv");
  media::CodecParameters klv = ts::data_parameters({0x06, 0, test::bytes("0504 4b4c5641")});
  media::Tracks tracks = file.tracks;
  tracks.push_back({.id = media::TrackId{3}, .parameters = std::make_shared<const media::CodecParameters>(klv)});
  const auto pes = test::bytes("000001bd 0015 800000 060e2b34020b01010e01030101000000 0102");
  ts::Muxer muxer;
  muxer.set_tracks(tracks);
  base::Buffer wire;
  for (const auto& frame : file.frames) {
    muxer.append(*frame, wire);
    if (frame->track != media::TrackId::video) continue;
    muxer.append_data({.track = media::TrackId{3},
                       .codec = media::Codec::ts_data,
                       .dts = frame->dts,
                       .payload = base::SharedBytes::copy_of(pes)},
                      wire);
  }
  muxer.append_flush(wire);
  SrtServer server("publish { ts_pass_through off; }");
  test::SrtPlayer player(server.port(), play_id("cam"));
  REQUIRE(player.peer.connected());
  SrtPeer publisher(server.port(), publish_id("cam"));
  REQUIRE(publisher.connected());
  REQUIRE(publisher.send_all(wire));
  REQUIRE(player.wait_frames(60));
  const auto data = std::count_if(player.file.frames.begin(), player.file.frames.end(),
                                  [](const auto& frame) { return frame->codec == media::Codec::ts_data; });
  CHECK(data > 10);
  for (const auto& frame : player.file.frames) {
    if (frame->codec == media::Codec::ts_data) CHECK(test::hex(frame->payload) == test::hex(pes));
  }
  CHECK(std::any_of(player.file.tracks.begin(), player.file.tracks.end(),
                    [](const auto& track) { return track.parameters->profile == "KLV"; }));
}

TEST_CASE("where it is not wanted, or one program of several is, a transport stream is made anew",
          "[scenario][srt][passage]") {
  const bool unwanted = GENERATE(true, false);
  SrtServer server(unwanted ? "publish { ts_pass_through off; }" : "");
  const ByteVector one = clip_with_stranger();
  const ByteVector wire = unwanted ? one : test::two_programs(one, one);
  SrtPeer player(server.port(), play_id("cam"));
  REQUIRE(player.connected());
  SrtPeer publisher(server.port(), publish_id("cam"));
  REQUIRE(publisher.connected());
  REQUIRE(publisher.send_all(wire));
  const ByteVector got = all_of(player, test::test_file("ts/h264_aac.ts").size() / 2);
  REQUIRE(got.size() > 20 * 188);
  CHECK(strangers_in(got) == 0);
}

TEST_CASE("who comes later begins with a key frame of what passes through, and others are made of it as ever",
          "[scenario][srt][passage]") {
  SrtServer server;
  SrtPeer publisher(server.port(), publish_id("cam"));
  REQUIRE(publisher.connected());
  const ByteVector wire = clip_with_stranger();
  REQUIRE(publisher.send_all(wire));
  REQUIRE(test::soon([&] {
    const auto streams =
        nlohmann::json::parse(test::get(server.live().http_port(), "/api/v1/streams/").body)["streams"];
    return streams.size() == 1 && streams[0]["frames"].get<int>() > 5;
  }));
  test::SrtPlayer player(server.port(), play_id("cam"));
  REQUIRE(player.peer.connected());
  REQUIRE(publisher.send_all(wire));
  REQUIRE(player.wait_frames(20));
  const auto video = player.file.of(media::TrackId::video);
  REQUIRE_FALSE(video.empty());
  CHECK(video[0]->key);
  CHECK((player.first[1] & 0x1f) == 0);
  CHECK(player.first[2] == 0);
}

}  // namespace weir::test::srt_through_test
