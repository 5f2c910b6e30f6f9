#include "pack/g711.h"

#include "sound/g711.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/tone.h"

namespace weir::test::g711_test {

// Sound of a stream as G.711, for loudspeakers.
using namespace std::chrono_literals;
using media::Codec;

namespace {

media::Tracks tracks_of(Codec codec, std::uint32_t rate, std::uint8_t channels) {
  auto video = std::make_shared<media::CodecParameters>();
  video->codec = Codec::h264;
  return {{media::TrackId::video, 0, std::move(video)},
          {media::TrackId::audio, 0,
           std::make_shared<const media::CodecParameters>(test::parameters_of(codec, rate, channels))}};
}

struct Bench {
  explicit Bench(Codec law = Codec::pcma) : packager(pack::make_g711(law, bridge)(config::Vhost())) { bridge.load(); }
  void come(Codec codec, std::uint32_t rate = 48'000, std::uint8_t channels = 2) {
    packager->set_tracks(tracks_of(codec, rate, channels), wires);
  }
  // A tone, in Opus; with a picture now and then.
  void speak(double seconds) {
    auto encoder = *sound::Codecs().encoder(Codec::opus, {48'000, 2, 96'000});
    const auto frames = test::coded(*encoder, Codec::opus, 48'000, 2, 1s, static_cast<std::size_t>(seconds * 50),
                                    [](double t, std::uint8_t) { return test::tone_at(1000, t); });
    for (media::Frame frame : frames) {
      frame.track = media::TrackId::audio;
      packager->package(frame, false, wires);
      media::Frame picture{
          .track = media::TrackId::video, .codec = Codec::h264, .dts = frame.dts, .payload = frame.payload};
      packager->package(picture, true, wires);
    }
  }

  net::BlockingPool pool{1, 100};
  hub::AudioBridge bridge{pool, {"/nowhere"}, nullptr};
  std::unique_ptr<hub::Packager> packager;
  std::vector<hub::Wire> wires;
};

}  // namespace

TEST_CASE("sound of a stream becomes G.711 in wires of 20 ms, as loud as it was", "[pack]") {
  for (const Codec law : {Codec::pcma, Codec::pcmu}) {
    Bench bench(law);
    bench.come(Codec::opus);
    CHECK(bench.packager->carries_media());
    bench.speak(2);
    REQUIRE(bench.wires.size() >= 95);
    std::vector<float> heard;
    for (std::size_t i = 0; i < bench.wires.size(); ++i) {
      const hub::Wire& wire = bench.wires[i];
      REQUIRE(wire.bytes.size() == 160);
      REQUIRE(wire.entry);
      if (i > 0) REQUIRE(wire.dts - bench.wires[i - 1].dts == 20ms);
      for (const std::uint8_t code : wire.bytes.bytes()) {
        heard.push_back(static_cast<float>(sound::g711::expand(sound::g711::law_of(law), code)) / 32'768.0F);
      }
    }
    const double meant = 0.25 / std::sqrt(2.0);
    CHECK(20 * std::log10(test::level_at(heard, 4'000, 12'000, 1000, 8000) / meant) == Approx(0).margin(1));
    CHECK(bench.wires.front().dts >= 990ms);
    CHECK(bench.wires.front().dts <= 1010ms);
  }
}

TEST_CASE("what is G.711 of that law already goes as it is", "[pack]") {
  Bench bench;
  bench.come(Codec::pcma, 8'000, 1);
  const auto bytes = base::SharedBytes::copy_of(test::repeat(0x55, 240));
  bench.packager->package({.track = media::TrackId::audio, .codec = Codec::pcma, .dts = 1s, .payload = bytes}, true,
                          bench.wires);
  REQUIRE(bench.wires.size() == 1);
  CHECK(bench.wires[0].bytes.size() == 240);
  // It becomes another codec in the middle.
  bench.come(Codec::opus);
  bench.wires.clear();
  bench.speak(1);
  CHECK(bench.wires.size() >= 45);
}

TEST_CASE("sound that takes a plug-in that is missing, and no sound at all, are not carried", "[pack]") {
  Bench bench;
  bench.come(Codec::aac, 44'100);
  CHECK_FALSE(bench.packager->carries_media());
  bench.packager->set_tracks({tracks_of(Codec::opus, 48'000, 2).front()}, bench.wires);
  CHECK_FALSE(bench.packager->carries_media());
  bench.speak(1);
  CHECK(bench.wires.empty());
}

TEST_CASE("two channels and another rate are made one of 8 kHz", "[pack]") {
  Bench bench;
  bench.come(Codec::pcma, 16'000, 2);
  CHECK(bench.packager->carries_media());
  for (int i = 0; i < 50; ++i) {
    bench.packager->package({.track = media::TrackId::audio,
                             .codec = Codec::pcma,
                             .dts = 1s + i * 20ms,
                             .payload = base::SharedBytes::copy_of(test::repeat(0xd5, 640))},
                            true, bench.wires);
  }
  REQUIRE(bench.wires.size() >= 45);
  CHECK(bench.wires[0].bytes.size() == 160);
}

}  // namespace weir::test::g711_test
