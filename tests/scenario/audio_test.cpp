#include <filesystem>

#include "codec/opus.h"
#include "scenario/support/hls_client.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/tone.h"

namespace weir::test::audio_test {

// Sound that is made in another codec, from a publisher to its readers.
using namespace std::chrono_literals;
using rtmp::MessageType;
using rtmp::Role;
using test::bytes;
using test::LiveServer;
using test::RtmpPeer;
using test::operator+;

#ifdef WEIR_PLUGIN_FILE

namespace {

const std::string bridges = "rtc { enabled on; rtc_to_rtmp on; rtmp_to_rtc on; aac_bitrate 128000; }";

std::string root() {
  return "workers 2;\nplugin_dir " + std::filesystem::path(WEIR_PLUGIN_FILE).parent_path().string() + ";";
}

const auto avc_header =
    bytes("17 00 000000 01 42c01e ff e1 0019 6742c01eda0280bfe5c0440000030004000003 00f03c58ba80 01 0004 68ce3c80");

void video(RtmpPeer& peer, std::uint32_t at, bool key) {
  peer.client.send(MessageType::video, at,
                   bytes(key ? "17 01 000000 00000020 65" : "27 01 000000 00000020 41") + test::repeat(0x55, 31));
}

test::ByteVector tagged(const char* head, base::Bytes payload) {
  return bytes(head) + test::ByteVector(payload.begin(), payload.end());
}

// H.264 and Opus by the FourCC of Enhanced RTMP: a sweep of so many seconds.
void publish_opus(RtmpPeer& peer, double seconds) {
  auto encoder = *sound::Codecs().encoder(media::Codec::opus, {48'000, 2, 96'000});
  const auto frames = test::coded(*encoder, media::Codec::opus, 48'000, 2, 0ms, static_cast<std::size_t>(seconds * 50),
                                  [](double t, std::uint8_t) { return test::chirp_at(t); });
  peer.client.send(MessageType::video, 0, avc_header);
  const base::Buffer head = codec::opus::build_head({.channels = 2, .pre_skip = 312, .input_sample_rate = 48'000});
  peer.client.send(MessageType::audio, 0, tagged("90 4f707573", head));
  std::uint32_t picture = 0;
  for (const media::Frame& frame : frames) {
    const auto at = static_cast<std::uint32_t>(base::to_millis(frame.dts));
    for (; picture <= at; picture += 40) video(peer, picture, picture % 1000 == 0);
    peer.client.send(MessageType::audio, at, tagged("91 4f707573", frame.payload));
    peer.flush();
  }
}

}  // namespace

TEST_CASE("a player of RTMP gets AAC in its place of a publisher's Opus, and no Opus", "[scenario]") {
  const LiveServer server(bridges, root());
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "calls");
  REQUIRE(publisher.wait_publishing());
  RtmpPeer player(server.rtmp_port(), Role::play, "calls");
  REQUIRE(player.wait_playing());
  publish_opus(publisher, 4);
  std::size_t sound = 0, seen = 0;
  REQUIRE(player.run_until([&] {
    for (; seen < player.media.size(); ++seen) sound += player.media[seen].type == MessageType::audio;
    return sound >= 175;
  }));
  std::vector<media::Frame> frames;
  std::size_t headers = 0;
  for (const auto& one : player.media) {
    if (one.type != MessageType::audio) continue;
    const base::Bytes body = one.payload;
    REQUIRE(body.size() >= 2);
    CHECK(body[0] == 0xaf);  // AAC; Opus has another head
    if (body[1] == 0) {
      ++headers;
      CHECK(test::ByteVector(body.begin() + 2, body.end()) == bytes("1190"));  // LC, 48 kHz, stereo
      continue;
    }
    frames.push_back({.codec = media::Codec::aac,
                      .dts = std::chrono::milliseconds(one.time_ms),
                      .payload = base::SharedBytes::copy_of(body.subspan(2))});
  }
  CHECK(headers == 1);
  // A player plays sound without a break: stamps, which are whole milliseconds, say where it begins.
  for (std::size_t k = 1; k < frames.size(); ++k) {
    const base::Ticks follows = frames[k - 1].dts + test::ticks_at(1024, 48'000);
    if (std::chrono::abs(frames[k].dts - follows) <= 2ms) frames[k].dts = follows;
  }
  // Heard where it was published: the sweep begins anew with each second.
  const sound::Codecs codecs = test::all_codecs();
  auto decoder = codecs.decoder(test::parameters_of(media::Codec::aac, 48'000, 2, bytes("1190")));
  REQUIRE(decoder);
  const std::vector<float> line = test::heard(**decoder, frames);
  std::vector<float> meant(line.size());
  for (std::size_t n = 0; n < meant.size(); ++n) meant[n] = test::chirp_at(static_cast<double>(n) / 48'000);
  const int delay = test::delay_of(meant, line, 96'000, 144'000, 2400);
  INFO("samples too late: " << delay);
  CHECK(std::abs(delay) <= 96);  // 2 ms; stamps are whole milliseconds on both ways
}

TEST_CASE("without the plug-in a publisher's Opus is carried as it is, and the API says why", "[scenario]") {
  const LiveServer server(bridges,
                          "workers 1;\nplugin_dir /nowhere; http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "calls");
  REQUIRE(publisher.wait_publishing());
  RtmpPeer player(server.rtmp_port(), Role::play, "calls");
  REQUIRE(player.wait_playing());
  publish_opus(publisher, 2);
  REQUIRE(player.wait_media(120));
  for (const auto& one : player.media) {
    if (one.type == MessageType::audio) CHECK((one.payload.bytes()[0] & 0xf0) == 0x90);
  }
  const std::string streams = test::get(server.http_port(), "/api/v1/streams/").body;
  CHECK(streams.find(
            R"("derived_audio":{"from":"Opus","to":"AAC","state":"missing","why":"the audio plug-in is missing")") !=
        std::string::npos);
  CHECK(test::get(server.http_port(), "/api/v1/summaries").body.find(R"("audio_plugin":"missing")") !=
        std::string::npos);
}

#endif

}  // namespace weir::test::audio_test
