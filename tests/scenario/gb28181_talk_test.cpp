#include "codec/opus.h"
#include "scenario/support/gb_ear.h"
#include "scenario/support/gb_server.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"
#include "support/tone.h"

namespace weir::test::gb28181_talk_test {

// Somebody speaks, and it is heard at the loudspeaker of a camera.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::MessageType;
using rtmp::Role;
using test::bytes;
using test::GbEar;
using test::GbPeer;
using test::RtmpPeer;
using test::operator+;

namespace {

using Site = test::GbServer;
constexpr double hertz = 1'000;

// Opus in stereo, 20 ms with each step: a tone.
class Microphone {
 public:
  explicit Microphone(const test::LiveServer& server) : peer_(server.rtmp_port(), Role::publish, "mic") {
    REQUIRE(peer_.wait_publishing());
    const base::Buffer head = codec::opus::build_head({.channels = 2, .pre_skip = 312, .input_sample_rate = 48'000});
    send("90 4f707573", head);
  }
  void step() {
    std::vector<float> pcm;
    for (std::size_t n = 0; n < 960; ++n) {
      const float value = test::tone_at(hertz, static_cast<double>(samples_ + n) / 48'000);
      pcm.insert(pcm.end(), {value, value});
    }
    samples_ += 960;
    std::vector<base::SharedBytes> packets;
    REQUIRE(encoder_->encode(pcm, packets));
    for (const base::SharedBytes& one : packets) send("91 4f707573", one);
    peer_.flush();
  }

 private:
  void send(const char* head, base::Bytes payload) {
    peer_.client.send(MessageType::audio, static_cast<std::uint32_t>(samples_ / 48),
                      bytes(head) + test::ByteVector(payload.begin(), payload.end()));
  }
  RtmpPeer peer_;
  std::unique_ptr<sound::AudioEncoder> encoder_ = *sound::Codecs().encoder(media::Codec::opus, {48'000, 2, 96'000});
  std::size_t samples_ = 0;
};

std::uint16_t port_of(const std::string& sdp) {
  const auto at = sdp.find("m=audio ");
  return at == std::string::npos ? std::uint16_t{0} : static_cast<std::uint16_t>(std::atoi(sdp.c_str() + at + 8));
}

struct Talk {
  explicit Talk(GbEar::Way way, const std::string& caster = "on_demand on;", const std::string& sip = "",
                const std::string& vhost = "publish { grace 1; }")
      : site(caster, sip, vhost), ear(way), mic(*site.server) {
    camera.device.voice_media = ear.media();
    camera.device.on_voice = [this, way] {
      if (way == GbEar::Way::connects) ear.connect(port_of(camera.device.voices.back().sdp));
    };
    REQUIRE(site.registers(camera));
  }
  template <class Condition>
  bool until(Condition condition) {
    return Site::until(camera, [&] {
      mic.step();
      ear.step();
      return condition();
    });
  }
  std::string base() const { return "/gb/v1/devices/" + camera.device.id + "/talk"; }
  json row() { return site.ask(base())["talks"][0]; }
  // Two seconds of it: the tone, as loud as it was.
  void check_heard() {
    REQUIRE(until([&] { return ear.samples.size() >= 24'000; }));
    const double meant = 0.25 / std::sqrt(2.0);
    CHECK(20 * std::log10(test::level_at(ear.samples, 8'000, 24'000, hertz, 8'000) / meant) == Approx(0).margin(1));
    CHECK(20 * std::log10(test::level_of(ear.samples, 8'000, 24'000) / meant) == Approx(0).margin(1));
    CHECK(ear.malformed == 0);
  }

  Site site;
  GbPeer camera{site.port, false};
  GbEar ear;
  Microphone mic;
};

}  // namespace

TEST_CASE("a broadcast is heard at the camera, by UDP and by TCP both ways", "[scenario][gb28181]") {
  const auto way = GENERATE(GbEar::Way::udp, GbEar::Way::listens, GbEar::Way::connects);
  Talk talk(way);
  const json begun = talk.site.ask(talk.base() + "?app=live&stream=mic", "POST");
  REQUIRE(begun["code"] == 0);
  CHECK(begun["channel"] == "34020000001320000001");
  REQUIRE(talk.until([&] { return talk.row()["state"] == "talking"; }));
  talk.check_heard();
  CHECK(talk.ear.ssrc == 200000042);
  const json row = talk.row();
  CHECK(row["stream"] == "mic");
  CHECK(row["packets"] >= 25);
  CHECK(row["skips"] == 0);
  CHECK(talk.site.ask(talk.base() + "?app=live&stream=other", "POST")["code"] == 409);
  CHECK(talk.site.ask(talk.base(), "DELETE")["code"] == 0);
  REQUIRE(talk.until([&] { return talk.camera.device.voices.at(0).ended; }));
  CHECK(talk.row()["state"] == "over");
  CHECK(talk.site.ask(talk.base(), "DELETE")["code"] == 404);
}

TEST_CASE("talk: the camera is invited, and heard where it speaks from", "[scenario][gb28181]") {
  Talk talk(GbEar::Way::udp, "on_demand on; transport udp;");
  // Behind NAT: what it writes leads nowhere, and what it sends comes from elsewhere.
  talk.camera.device.voice_media = "m=audio 9 RTP/AVP 8\r\na=sendrecv\r\n";
  talk.camera.device.on_voice = [&] { talk.ear.say(port_of(talk.camera.device.voices.back().sdp)); };
  REQUIRE(talk.site.ask(talk.base() + "?app=live&stream=mic&type=talk", "POST")["code"] == 0);
  talk.check_heard();
  CHECK(talk.row()["type"] == "talk");
  CHECK(talk.site.ask(talk.base(), "DELETE")["code"] == 0);
  REQUIRE(talk.until([&] { return talk.camera.device.voices.at(0).ended; }));
}

TEST_CASE("hooks hear when sound goes to a loudspeaker, and packets are as long as configured", "[scenario][gb28181]") {
  const test::HookServer hooks;
  Talk talk(GbEar::Way::udp, "on_demand on;", "talk_packet 40;",
            "publish { grace 1; } http_hooks { enabled on; on_device_talk " + hooks.url() + "; on_device_talk_over " +
                hooks.url() + "; }");
  REQUIRE(talk.site.ask(talk.base() + "?app=live&stream=mic", "POST")["code"] == 0);
  REQUIRE(talk.until([&] { return talk.ear.samples.size() > 8'000; }));
  const json row = talk.row();
  CHECK(row["packets"].get<std::size_t>() >= 25);  // 40 ms each, of a second
  CHECK(talk.until([&] { return hooks.count("on_device_talk") == 1; }));
  CHECK(talk.site.ask(talk.base(), "DELETE")["code"] == 0);
  CHECK(talk.until([&] { return hooks.count("on_device_talk_over") == 1; }));
}

TEST_CASE("sound that nobody publishes is told of, and what is asked wrongly", "[scenario][gb28181]") {
  Site site;
  GbPeer camera(site.port, false);
  REQUIRE(site.registers(camera));
  const std::string base = "/gb/v1/devices/" + camera.device.id + "/talk";
  CHECK(site.ask(base + "?app=live", "POST")["code"] == 400);
  CHECK(site.ask(base + "?app=live&stream=x&type=shout", "POST")["code"] == 400);
  CHECK(site.ask("/gb/v1/devices/34020000001110000099/talk?app=live&stream=x", "POST")["code"] == 404);
  CHECK(site.ask(base + "?app=live&stream=nobody", "POST")["code"] == 0);
  REQUIRE(Site::until(camera, [&] { return !camera.device.voices.empty() && camera.device.voices[0].status >= 400; }));
  CHECK(camera.device.voices[0].status == 480);
  CHECK(site.ask(base)["talks"][0]["why"] != "");
}

}  // namespace weir::test::gb28181_talk_test
