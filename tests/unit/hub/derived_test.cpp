#include <chrono>
#include <thread>

#include "codec/aac.h"
#include "hub/source.h"
#include "sound/opus.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/soon.h"
#include "support/tone.h"
#include "unit/hub/text_packager.h"

namespace weir::test::derived_test {

// Sound in another codec: who sees it, when it is made, and when no more.
using namespace std::chrono_literals;
using hub::Fit;
using media::Codec;

namespace {

constexpr hub::FormatId plain{7}, of_calls{8};

// Writes down what it is told: "a" and the codec of what it sees as main sound, "e" at an entry.
class Seen final : public hub::Packager {
 public:
  Seen(std::string& told, bool is_of_calls) : told_(told), of_calls_(is_of_calls) {}
  void set_tracks(const media::Tracks& tracks, std::vector<hub::Wire>&) override {
    told_ += "T(";
    for (const media::Track& track : tracks) told_ += std::string(name_of(track.parameters->codec)) + " ";
    told_ += ") ";
  }
  void package(const media::Frame& frame, bool entry, std::vector<hub::Wire>&) override {
    if (frame.track == media::TrackId::audio) {
      sound.push_back(frame.dts);
      frames.push_back(frame);
    }
    if (frame.track == media::TrackId::video) pictures.push_back(frame.dts);
    if (!times.empty() && frame.dts < times.back()) in_order = false;
    times.push_back(frame.dts);
    codec = media::kind_of(frame.codec) == media::Kind::audio ? frame.codec : codec;
    if (entry) ++entries;
  }
  bool carries_media() const override { return true; }
  base::SharedBytes header() const override { return {}; }
  Fit fit(Codec audio) const override {
    if (!of_calls_) return hub::usual_fit(audio);
    return audio == Codec::opus || audio == Codec::pcma ? Fit::good : Fit::none;
  }
  bool in_step() const override { return !of_calls_; }

  std::vector<base::Ticks> sound, pictures, times;
  std::vector<media::Frame> frames;  // of sound
  Codec codec = Codec::none;
  int entries = 0;
  bool in_order = true;

 private:
  std::string& told_;
  bool of_calls_;
};

struct Bench {
  explicit Bench(bool with_plugin = true, bool on = true) {
    vhost->rtc.rtmp_to_rtc = vhost->rtc.rtc_to_rtmp = on;
    std::vector<std::string> paths{"/nowhere/libweir_avcodec.so"};
#ifdef WEIR_PLUGIN_FILE
    if (with_plugin) paths = {WEIR_PLUGIN_FILE};
#else
    (void)with_plugin;
#endif
    bridge = std::make_unique<hub::AudioBridge>(pool, paths, nullptr);
    bridge->load();
    for (const hub::FormatId id : {plain, of_calls}) {
      formats[id] = [this, id](const config::Vhost&) {
        auto made = std::make_unique<Seen>(told, id == of_calls);
        seen[id == of_calls] = made.get();
        return made;
      };
    }
    source = std::make_unique<hub::Source>(vhost, formats, hub::Source::Notice([](const hub::Want&, const auto&) {}),
                                           nullptr, hub::SoundMakers{bridge.get(), &worker});
  }

  void come(Codec codec) {
    coder = codec;
    auto parameters = std::make_shared<media::CodecParameters>();
    parameters->codec = codec;
    parameters->sample_rate = codec == Codec::pcma ? 8000 : 48'000;
    parameters->channels = 1;
    source->set_tracks({test::track(media::TrackId::video, Codec::h264),
                        {media::TrackId::audio, generation++, std::move(parameters)}});
  }
  void want(hub::FormatId format) { source->add_outlet({base::WorkerIndex{1}, format}, nullptr); }
  void unwant(hub::FormatId format) { source->remove_outlet({base::WorkerIndex{1}, format}); }

  // So much of the stream, from where it was on: 25 pictures and 50 sounds a second.
  void run(std::chrono::milliseconds length) {
    for (const auto end = now + length; now < end; now += 20ms) {
      if (now.count() % 40 == 0) source->append(test::picture(now.count(), now.count() % 1000 == 0));
      source->append(sound());
      worker.io().poll();
      worker.io().restart();
    }
  }
  media::FrameRef sound() {
    std::vector<base::SharedBytes> packets;
    if (coder == Codec::opus) {
      std::vector<float> pcm(960, 0.1F);
      REQUIRE(encoder->encode(pcm, packets));
    } else {
      packets.push_back(base::SharedBytes::copy_of(test::repeat(0xd5, 160)));
    }
    return std::make_shared<const media::Frame>(
        media::Frame{.track = media::TrackId::audio, .codec = coder, .dts = now, .payload = packets.at(0)});
  }
  // What is being made comes, within a time that only a broken machine needs.
  template <class F>
  bool settle(F done) {
    return test::soon([&] {
      worker.io().restart();
      worker.io().poll();
      return done();
    });
  }

  std::shared_ptr<config::Vhost> vhost = std::make_shared<config::Vhost>();
  hub::Formats formats;
  std::string told;
  Seen* seen[2] = {};
  std::unique_ptr<hub::AudioBridge> bridge;
  net::Worker worker{base::WorkerIndex{0}, nullptr};
  net::BlockingPool pool{1, 100};
  std::unique_ptr<sound::AudioEncoder> encoder = *sound::opus::Encoder::make({48'000, 1, 24'000});
  std::unique_ptr<hub::Source> source;
  Codec coder = Codec::opus;
  std::uint32_t generation = 0;
  std::chrono::milliseconds now{0};
};

}  // namespace

TEST_CASE("a stream whose sound suits all who read it costs nothing", "[hub]") {
  Bench bench;
  bench.come(Codec::opus);
  bench.want(of_calls);
  bench.run(2s);
  CHECK(bench.bridge->figures().started == 0);
  CHECK(bench.seen[1]->codec == Codec::opus);
  CHECK_FALSE(bench.source->derived());
}

TEST_CASE("without the settings nothing is made", "[hub]") {
  Bench bench(true, false);
  bench.come(Codec::opus);
  bench.want(plain);
  bench.run(2s);
  CHECK(bench.bridge->figures().started == 0);
  CHECK(bench.seen[0]->codec == Codec::opus);
}

#ifdef WEIR_PLUGIN_FILE

TEST_CASE("who needs AAC sees AAC alone, in order with the pictures; others the original", "[hub]") {
  for (const Codec from : {Codec::opus, Codec::pcma}) {
    Bench bench;
    bench.come(from);
    bench.want(of_calls);
    bench.want(plain);
    CHECK(bench.told.ends_with("T(H264 AAC ) "));
    bench.run(4s);
    const auto state = bench.source->derived();
    REQUIRE(state);
    CHECK(state->running);
    CHECK(state->to == Codec::aac);
    REQUIRE(bench.settle([&] { return bench.seen[0]->sound.size() >= 180; }));
    CHECK(bench.seen[0]->codec == Codec::aac);
    CHECK(bench.seen[1]->codec == from);
    CHECK(bench.seen[1]->sound.size() == 200);
    CHECK(bench.seen[1]->pictures.size() == 100);
    CHECK(bench.bridge->figures().streams == 1);
    CHECK(bench.bridge->figures().cpu_us > 0);
  }
}

TEST_CASE("a newcomer is given what is remembered of the sound that it needs", "[hub]") {
  Bench bench;
  bench.come(Codec::opus);
  bench.want(plain);
  bench.run(2500ms);
  REQUIRE(bench.settle([&] { return bench.seen[0]->sound.size() >= 110; }));
  bench.unwant(plain);
  bench.want(plain);  // the line is another one
  CHECK(bench.seen[0]->pictures.size() >= 12);
  CHECK(bench.seen[0]->sound.size() >= 15);
  CHECK(bench.bridge->figures().started == 1);
}

TEST_CASE("ten seconds after the last want it ends, and begins with the next", "[hub]") {
  Bench bench;
  bench.come(Codec::opus);
  bench.want(plain);
  bench.run(1s);
  bench.unwant(plain);
  bench.run(9s);
  CHECK(bench.bridge->figures().streams == 1);
  bench.run(2s);
  CHECK(bench.bridge->figures().streams == 0);
  bench.want(plain);
  bench.run(1s);
  CHECK(bench.bridge->figures().streams == 1);
  CHECK(bench.bridge->figures().started == 2);
}

TEST_CASE("another publisher's sound is made the same without a new track", "[hub]") {
  Bench bench;
  bench.come(Codec::opus);
  bench.want(plain);
  bench.run(1s);
  bench.told.clear();
  bench.come(Codec::pcma);
  CHECK(bench.told == "T(H264 AAC ) ");
  bench.run(1s);
  const auto before = bench.seen[0]->sound.size();
  CHECK(bench.settle([&] { return bench.seen[0]->sound.size() > before || before > 60; }));
  bench.come(Codec::aac);  // what was to be made is there
  CHECK(bench.bridge->figures().streams == 0);
  CHECK(bench.told.ends_with("T(H264 AAC ) "));
}

TEST_CASE("a reload ends it, and outputs go on with the original", "[hub]") {
  Bench bench;
  bench.come(Codec::opus);
  bench.want(plain);
  bench.run(1s);
  auto off = std::make_shared<config::Vhost>();
  bench.source->set_vhost(off);
  bench.run(11s);
  CHECK(bench.bridge->figures().streams == 0);
  CHECK(bench.told.ends_with("T(H264 Opus ) "));
  CHECK(bench.seen[0]->codec == Codec::opus);
}

TEST_CASE("where sound alone is published, readers of the derived sound find entries", "[hub]") {
  Bench bench;
  auto parameters = std::make_shared<media::CodecParameters>();
  parameters->codec = Codec::opus;
  parameters->sample_rate = 48'000;
  parameters->channels = 1;
  bench.source->set_tracks({{media::TrackId::audio, 0, std::move(parameters)}});
  bench.want(plain);
  for (int i = 0; i < 200; ++i, bench.now += 20ms) bench.source->append(bench.sound());
  REQUIRE(bench.settle([&] { return bench.seen[0]->sound.size() >= 180; }));
  CHECK(bench.seen[0]->entries >= 1);
}

TEST_CASE("AAC with stamps of RTMP is heard as Opus in its place beside the picture", "[hub]") {
  Bench bench;
  auto parameters = std::make_shared<media::CodecParameters>(
      test::parameters_of(Codec::aac, 44'100, 2, codec::aac::build_configuration(2, 44'100, 2).bytes()));
  bench.source->set_tracks({test::track(media::TrackId::video, Codec::h264), {media::TrackId::audio, 0, parameters}});
  bench.want(of_calls);
  auto encoder = *bench.bridge->codecs().encoder(Codec::aac, {44'100, 2, 128'000});
  const auto in = test::coded(*encoder, Codec::aac, 44'100, 2, 0ms, 44'100 * 4 / 1024,
                              [](double t, std::uint8_t) { return test::chirp_at(t); });
  for (const media::Frame& frame : in) {
    auto stamped = std::make_shared<media::Frame>(frame);
    stamped->track = media::TrackId::audio;
    stamped->dts = std::chrono::milliseconds(base::to_millis(frame.dts));
    bench.source->append(test::picture(base::to_millis(frame.dts), bench.now++ == 0ms));
    bench.source->append(std::move(stamped));
  }
  REQUIRE(bench.settle([&] { return bench.seen[1]->sound.size() >= 190; }));
  auto decoder = *bench.bridge->codecs().decoder(test::parameters_of(Codec::opus, 48'000, 2));
  const std::vector<float> line = test::heard(*decoder, bench.seen[1]->frames);
  std::vector<float> meant(line.size());
  for (std::size_t n = 0; n < meant.size(); ++n) meant[n] = test::chirp_at(static_cast<double>(n) / 48'000);
  const int delay = test::delay_of(meant, line, 96'000, 144'000, 1200);
  INFO("samples too late: " << delay);
  CHECK(std::abs(delay) <= 96);  // 2 ms: stamps of whole milliseconds, rounded down, take half of one
}

#endif

TEST_CASE("without the plug-in it is said what is missing, and the original is carried where it can be", "[hub]") {
  Bench bench(false);
  bench.come(Codec::opus);
  bench.want(plain);
  bench.run(2s);
  CHECK(bench.seen[0]->codec == Codec::opus);
  const auto state = bench.source->derived();
  REQUIRE(state);
  CHECK_FALSE(state->running);
  CHECK(state->lack == hub::AudioBridge::Lack::plugin);
  CHECK(bench.bridge->figures().started == 0);
}

TEST_CASE("a stream may end while its sound is being made", "[hub]") {
  Bench bench;
  bench.come(Codec::pcma);
  bench.want(plain);
  bench.run(3s);
  bench.source.reset();
  bench.worker.io().restart();
  bench.worker.io().poll();
  CHECK(bench.bridge->figures().streams == 0);
}

}  // namespace weir::test::derived_test
