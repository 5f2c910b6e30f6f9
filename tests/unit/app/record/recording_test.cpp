#include "app/record/recording.h"

#include <mutex>
#include <thread>

#include "codec/aac.h"
#include "format/flv/demuxer.h"
#include "format/mp4/reader.h"
#include "support/catch.h"
#include "support/soon.h"
#include "unit/app/record/test_folder.h"

namespace weir::test::recording_test {

using namespace std::chrono_literals;
using record::DiskFile;
using record::Recording;

namespace {

media::Track aac(std::uint32_t generation) {
  media::CodecParameters parameters;
  parameters.codec = media::Codec::aac;
  parameters.extradata = base::SharedBytes::copy_of(codec::aac::build_configuration(2, 48000, 2));
  parameters.sample_rate = 48000;
  parameters.channels = 2;
  return {media::TrackId::audio, generation, std::make_shared<media::CodecParameters>(parameters)};
}

media::Track vp8() {
  media::CodecParameters parameters;
  parameters.codec = media::Codec::vp8;
  return {media::TrackId::video, 1, std::make_shared<media::CodecParameters>(parameters)};
}

media::FrameRef audio(int index) {
  media::Frame frame;
  frame.track = media::TrackId::audio;
  frame.codec = media::Codec::aac;
  frame.dts = base::Ticks(900'000 + index * 1920);  // joined after ten seconds; 1024 samples at 48 kHz
  base::Buffer bytes(100);
  frame.payload = base::SharedBytes::copy_of(bytes);
  return std::make_shared<media::Frame>(std::move(frame));
}

struct Bench {
  test::Folder folder;
  net::BlockingPool writers{1, 1000}, finishers{1, 1000};
  std::mutex mutex;
  std::vector<DiskFile::Outcome> outcomes;
  std::shared_ptr<std::atomic<std::size_t>> unfinished = std::make_shared<std::atomic<std::size_t>>(0);
  base::Instant now{};
  std::unique_ptr<Recording> recording;

  explicit Bench(const std::string& name, config::Dvr settings = {}) {
    settings.path = folder.path + "/" + name;
    recording = std::make_unique<Recording>(Recording::Given{{writers, finishers},
                                                             settings,
                                                             {"v", "live", "cam", {}},
                                                             "/live/cam",
                                                             {},
                                                             unfinished,
                                                             {},
                                                             [this] { return now; }},
                                            [this](const auto&, const DiskFile::Outcome& outcome) {
                                              const std::lock_guard lock(mutex);
                                              outcomes.push_back(outcome);
                                              --*unfinished;
                                            });
  }
  void add(int from, int to) {
    for (int i = from; i < to; ++i) recording->on_frame(audio(i), i % 47 == 0);
  }
  void finish() {
    recording->end();
    test::soon([this] { return *unfinished == 0; });
    REQUIRE(*unfinished == 0);
  }
};

std::size_t samples_of(const std::string& path) {
  mp4::Reader reader;
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  const std::string bytes = text.str();
  if (!reader.input(base::as_bytes(bytes))) return 0;
  const auto movie = reader.finish();
  return movie && movie->tracks.size() == 1 ? movie->tracks.front().samples.size() : 0;
}

}  // namespace

TEST_CASE("a session in one MP4, with its tables in front", "[dvr]") {
  Bench bench("[stream].mp4");
  bench.recording->on_tracks({aac(1)});
  bench.add(0, 200);
  bench.finish();
  REQUIRE(bench.outcomes.size() == 1);
  CHECK_FALSE(bench.outcomes[0].unordered);
  CHECK(samples_of(bench.outcomes[0].path) == 200);
  CHECK(bench.folder.read("cam.mp4").substr(4, 4) == "ftyp");
  CHECK(bench.folder.read("cam.mp4").find("moov") < bench.folder.read("cam.mp4").find("mdat"));
}

TEST_CASE("other tracks begin another MP4, and no other file of FLV", "[dvr]") {
  Bench mp4("[stream].mp4"), flv("[stream].flv");
  for (Bench* bench : {&mp4, &flv}) {
    bench->recording->on_tracks({aac(1)});
    bench->add(0, 100);
    bench->recording->on_tracks({aac(2)});
    bench->add(100, 250);
    bench->finish();
  }
  REQUIRE(mp4.outcomes.size() == 2);
  CHECK(samples_of(mp4.folder.path + "/cam.mp4") + samples_of(mp4.folder.path + "/cam-1.mp4") == 250);
  REQUIRE(flv.outcomes.size() == 1);
  flv::Demuxer demuxer;
  const std::string bytes = flv.folder.read("cam.flv");
  REQUIRE(demuxer.input(base::as_bytes(bytes)));
  int frames = 0, headers = 0;
  std::uint32_t last = 0;
  while (const auto tag = demuxer.poll()) {
    if (tag->type != flv::TagType::audio) continue;
    ++(tag->body.bytes()[1] == 0 ? headers : frames);
    last = tag->timestamp_ms;
  }
  CHECK(frames == 250);
  CHECK(headers == 2);
  CHECK(last == 249 * 1920 / 90);  // each file begins at zero
  const std::size_t at = bytes.find("duration");
  REQUIRE(at != std::string::npos);
  CHECK(bytes.substr(at + 9, 2) == "\x40\x15");  // a double of five and a bit: it was patched
}

TEST_CASE("tracks that change all the time make no file for each change", "[dvr]") {
  Bench bench("[stream].mp4");
  for (int i = 0; i < 10'000; ++i) {
    bench.recording->on_tracks({aac(static_cast<std::uint32_t>(i))});
    bench.add(i, i + 1);
  }
  CHECK(*bench.unfinished <= 22);
  CHECK(bench.recording->dropped() > 9'000);
  // When it ends, the recording goes on: in a file that its frames fit into.
  bench.now += 2s;
  bench.add(10'000, 10'100);
  bench.finish();
  CHECK(bench.outcomes.size() <= 22);
  std::size_t most = 0;
  for (const auto& outcome : bench.outcomes) most = std::max(most, samples_of(outcome.path));
  CHECK(most >= 50);
}

TEST_CASE("a publisher's clock does not make files faster than the machine's", "[dvr]") {
  Bench bench("[stream].[timestamp].flv", {.plan = config::Dvr::Plan::segment, .duration = 1s});
  bench.recording->on_tracks({aac(1)});
  bench.add(0, 47 * 1'000);  // a thousand seconds at once
  CHECK(*bench.unfinished <= 21);
  bench.finish();
  CHECK(bench.recording->dropped() == 0);
}

TEST_CASE("segments follow one another without a loss, and a split is a segment more", "[dvr]") {
  Bench bench("[stream].[timestamp].mp4", {.plan = config::Dvr::Plan::segment, .duration = 2s});
  bench.recording->on_tracks({aac(1)});
  bench.add(0, 60);
  bench.recording->split();
  bench.add(60, 400);
  bench.finish();
  CHECK(bench.outcomes.size() == 5);  // 2 s by the split, then 3 s (entries are a second apart) twice or so
  std::size_t samples = 0;
  for (const auto& outcome : bench.outcomes) samples += samples_of(outcome.path);
  CHECK(samples == 400);
}

TEST_CASE("a format that carries none of the tracks fails with a reason, and writes nothing", "[dvr]") {
  Bench bench("[stream].ts");
  bench.recording->on_tracks({vp8()});
  media::Frame frame;
  frame.codec = media::Codec::vp8;
  frame.key = true;
  frame.payload = base::SharedBytes::copy_of(base::Buffer(10));
  bench.recording->on_frame(std::make_shared<media::Frame>(frame), true);
  CHECK(bench.recording->state() == Recording::State::failed);
  CHECK(bench.recording->error() ==
        bench.folder.path + "/cam.ts: no track of the stream can be carried in this format");
  bench.finish();
  CHECK(std::filesystem::is_empty(bench.folder.path));
}

TEST_CASE("with dvr_wait_keyframe a recording begins on an entry, and without at once", "[dvr]") {
  for (const bool wait : {true, false}) {
    Bench bench("[stream].ts", {.wait_keyframe = wait});
    bench.recording->on_tracks({vp8(), aac(1)});
    bench.add(1, 40);
    CHECK(bench.recording->state() == (wait ? Recording::State::waiting : Recording::State::writing));
    bench.add(40, 60);
    CHECK(bench.recording->state() == Recording::State::writing);
    CHECK(bench.recording->frames() == (wait ? 13U : 59U));
    bench.finish();
  }
}

TEST_CASE("sound that is sent ahead of the first picture is in the recording", "[dvr]") {
  Bench bench("[stream].ts");
  bench.recording->on_tracks({vp8(), aac(1)});
  for (int i = 0; i < 100; ++i) bench.recording->on_frame(audio(i), false);
  media::Frame picture;
  picture.codec = media::Codec::vp8;
  picture.key = true;
  picture.dts = audio(80)->dts;  // of the hundred, twenty are meant for it and later
  picture.payload = audio(0)->payload;
  bench.recording->on_frame(std::make_shared<media::Frame>(picture), true);
  CHECK(bench.recording->frames() == 21);
  bench.recording->on_frame(audio(100), false);
  CHECK(bench.recording->frames() == 22);
  bench.finish();
}

TEST_CASE("a recording that the disk failed goes on by itself when there is room again", "[dvr]") {
  for (const auto plan : {config::Dvr::Plan::segment, config::Dvr::Plan::session}) {
    Bench bench("block/[stream].[timestamp].ts", {.plan = plan, .duration = 2s});
    bench.folder.write("block", "a file where the folder should be");
    bench.recording->on_tracks({aac(1)});
    bench.add(0, 60);
    test::soon([&] { return *bench.unfinished == 0; });
    REQUIRE(bench.outcomes.size() == 1);
    REQUIRE(bench.outcomes[0].error);
    bench.recording->fail(bench.outcomes[0].error, bench.outcomes[0].error_path);
    CHECK(bench.recording->state() == Recording::State::failed);
    bench.add(60, 80);  // too soon
    CHECK(bench.recording->state() == Recording::State::failed);
    std::filesystem::remove(bench.folder.path + "/block");
    bench.add(80, plan == config::Dvr::Plan::segment ? 200 : 600);
    CHECK(bench.recording->state() == Recording::State::writing);
    CHECK(bench.recording->error().empty());
    CHECK(bench.recording->retries() == 1);
    bench.finish();
    CHECK_FALSE(bench.outcomes.back().error);
    CHECK(bench.outcomes.back().bytes > 0);
  }
}

}  // namespace weir::test::recording_test
