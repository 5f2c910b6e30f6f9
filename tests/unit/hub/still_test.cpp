#include <algorithm>

#include "base/random.h"
#include "hub/stream.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "unit/hub/text_packager.h"

namespace weir::test::still_test {

// `publish { slate last; }`: what goes out of a stream while it has no input.

using namespace std::chrono_literals;
using hub::Stream;
using hub::StreamEvent;
using media::TrackId;
using test::picture;

namespace {

constexpr auto look = 250ms;  // as often as a worker looks at the clock

media::Tracks tracks_with(media::Codec sound, const char* extradata = "") {
  auto parameters = std::make_shared<media::CodecParameters>();
  parameters->codec = sound;
  parameters->sample_rate = 48'000;
  parameters->channels = 2;
  parameters->extradata = base::SharedBytes::copy_of(test::bytes(extradata));
  return {test::track(TrackId::video, media::Codec::h264), {TrackId::audio, 0, std::move(parameters)}};
}

struct Bench final : hub::FrameSink {
  std::shared_ptr<config::Vhost> vhost = std::make_shared<config::Vhost>();
  hub::Formats formats = test::TextPackager::formats();
  std::string told;
  std::vector<media::FrameRef> frames;
  std::unique_ptr<Stream> stream;
  Stream::Clock::time_point now = Stream::Clock::now();

  explicit Bench(bool slate = true) {
    vhost->publish.slate_last = slate;
    vhost->publish.slate_limit = 60s;
    stream =
        std::make_unique<Stream>(Stream::Given{.key = {"__defaultVhost__", "live", "cam"},
                                               .vhost = vhost,
                                               .formats = formats,
                                               .notice = {},
                                               .tell = [this](StreamEvent::Kind kind, Stream& of) { tell(kind, of); }});
  }
  void tell(StreamEvent::Kind kind, Stream& of) {
    static constexpr std::array names{"began ", "interrupted ", "resumed ", "switched ", "ended "};
    told += names[static_cast<std::size_t>(kind)];
    if (kind == StreamEvent::Kind::began) of.source()->add_sink(*this);
  }
  void on_tracks(const media::Tracks&) override { told += "tracks "; }
  void on_frame(const media::FrameRef& frame, bool) override { frames.push_back(frame); }

  Stream::Slot& come(const media::Tracks& tracks = tracks_with(media::Codec::aac, "1190")) {
    auto request = std::make_shared<hub::Request>();
    request->vhost = vhost;
    Stream::Slot& slot = stream->attach({.id = base::random_session_id(), .request = std::move(request)});
    stream->set_tracks(slot, tracks);
    return slot;
  }
  // Two groups of five pictures, the second one from 200 ms on; it ends at 400 ms.
  void film(Stream::Slot& slot, std::int64_t from = 0) const {
    for (int i = 0; i < 10; ++i) stream->append(slot, picture(from + 40 * i, i % 5 == 0));
  }
  void pass(std::chrono::milliseconds time) {
    for (auto gone = 0ms; gone < time; gone += look) stream->tend(now += look);
  }
  // The times of a track's frames from the given one on.
  std::vector<base::Ticks> times(TrackId track, std::size_t from) const {
    std::vector<base::Ticks> times;
    for (std::size_t i = from; i < frames.size(); ++i) {
      if (frames[i]->track == track) times.push_back(frames[i]->dts);
    }
    return times;
  }
  std::string take() { return std::exchange(told, {}); }
};

}  // namespace

TEST_CASE("the last key frame stands with silence until an input is back", "[hub][still]") {
  Bench bench;
  Stream::Slot& first = bench.come();
  bench.film(first);
  const auto key = bench.frames.at(5);
  REQUIRE(key->key);
  bench.take();
  bench.stream->detach(first, false, bench.now);
  CHECK(bench.stream->stands_still());
  CHECK(bench.stream->state() == Stream::State::interrupted);
  const std::size_t film = bench.frames.size();
  bench.pass(30s);
  CHECK(bench.take() == "interrupted ");  // the tracks are those that players know

  const auto pictures = bench.times(TrackId::video, film);
  REQUIRE(pictures.size() == 31);
  for (std::size_t i = 0; i < pictures.size(); ++i) CHECK(pictures[i] == 400ms + i * 1s);
  const auto sound = bench.times(TrackId::audio, film);
  REQUIRE(sound.size() >= 1406);  // 30 s of 1024 samples at 48 kHz
  for (std::size_t i = 0; i < sound.size(); ++i)
    CHECK(sound[i] == base::Ticks(400ms) + base::Ticks(static_cast<std::int64_t>(i) * 1920));
  base::Ticks last{};
  for (std::size_t i = film; i < bench.frames.size(); ++i) {
    const media::Frame& frame = *bench.frames[i];
    CHECK(frame.dts >= last);
    CHECK(frame.generation == 0);
    last = frame.dts;
    if (frame.track == TrackId::video) {
      CHECK(frame.payload.data() == key->payload.data());  // the same memory
      CHECK(frame.key);
    } else {
      CHECK(test::hex(frame.payload) == "2000000000000e");
    }
  }

  // It goes on behind that, and as late as the clock says.
  const std::size_t stood = bench.frames.size();
  Stream::Slot& second = bench.come();
  bench.film(second, 7'000'000);
  CHECK(bench.take() == "resumed tracks ");
  CHECK_FALSE(bench.stream->stands_still());
  REQUIRE(bench.frames.size() == stood + 10);
  CHECK(bench.frames[stood]->key);
  CHECK(bench.frames[stood]->generation == 1);
  CHECK(bench.frames[stood]->dts > last);
  CHECK(bench.frames[stood]->dts == base::Ticks(400ms + 30s + 20ms));
  bench.pass(10s);
  CHECK(bench.frames.size() == stood + 10);
}

TEST_CASE("a picture stands no longer than slate_limit, which takes the place of the grace", "[hub][still]") {
  Bench bench;
  bench.vhost->publish.grace = 0s;
  bench.vhost->publish.slate_limit = 5s;
  Stream::Slot& slot = bench.come();
  bench.film(slot);
  bench.stream->detach(slot, false, bench.now);
  bench.take();
  bench.pass(4750ms);
  CHECK(bench.stream->stands_still());
  CHECK(bench.take().empty());
  bench.pass(250ms);
  CHECK(bench.take() == "ended ");
  CHECK(bench.stream->state() == Stream::State::over);
  CHECK_FALSE(bench.stream->wants_tending());
  const std::size_t all = bench.frames.size();
  bench.pass(5s);
  CHECK(bench.frames.size() == all);
  // The next publication is a new one.
  Stream::Slot& next = bench.come();
  bench.film(next);
  CHECK(bench.take() == "began tracks ");
  bench.stream->detach(next, true, bench.now);
  CHECK(bench.take() == "ended ");  // it said so: nobody waits
}

TEST_CASE("a picture stands until the first frame of an input that says nothing at first", "[hub][still]") {
  Bench bench;
  Stream::Slot& first = bench.come();
  bench.film(first);
  bench.stream->detach(first, false, bench.now);
  bench.pass(2s);
  Stream::Slot& silent = bench.come();
  const std::size_t before = bench.times(TrackId::video, 0).size();
  bench.pass(3s);
  CHECK(bench.times(TrackId::video, 0).size() == before + 3);
  bench.stream->detach(silent, false, bench.now);
  bench.pass(3s);
  CHECK(bench.times(TrackId::video, 0).size() == before + 6);
  Stream::Slot& second = bench.come();
  bench.pass(1s);
  bench.stream->append(second, picture(40, false));  // no key frame: it has no place
  CHECK(bench.stream->stands_still());
  bench.film(second, 200);
  CHECK_FALSE(bench.stream->stands_still());
  const auto times = bench.times(TrackId::video, 0);
  CHECK(std::is_sorted(times.begin(), times.end()));
  CHECK(std::adjacent_find(times.begin(), times.end()) == times.end());
}

TEST_CASE("what cannot stand waits for its grace, and sends nothing", "[hub][still]") {
  const bool slate = GENERATE(false, true);
  Bench bench(slate);
  Stream::Slot& slot = bench.come();
  // The one that has slate on never brought a key frame.
  for (int i = 0; i < 10; ++i) bench.stream->append(slot, picture(40 * i, !slate && i == 0));
  bench.stream->detach(slot, false, bench.now);
  bench.take();
  const std::size_t all = bench.frames.size();
  bench.pass(14'750ms);
  CHECK(bench.take().empty());
  bench.pass(250ms);
  CHECK(bench.take() == "ended ");
  CHECK(bench.frames.size() == all);
}

TEST_CASE("silence is made for the codecs that have one, and pictures stand without it else", "[hub][still]") {
  Bench bench;
  Stream::Slot& slot = bench.come(tracks_with(media::Codec::mp3));
  bench.film(slot);
  bench.stream->detach(slot, false, bench.now);
  const std::size_t film = bench.frames.size();
  bench.pass(5s);
  CHECK(bench.times(TrackId::video, film).size() == 6);
  CHECK(bench.times(TrackId::audio, film).empty());
}

TEST_CASE("key frames of before a change of the tracks do not stand for it", "[hub][still]") {
  Bench bench;
  Stream::Slot& slot = bench.come();
  bench.film(slot);
  media::Tracks changed = tracks_with(media::Codec::aac, "1190");
  changed[0].generation = 1;
  bench.stream->set_tracks(slot, changed);
  bench.stream->detach(slot, false, bench.now);
  CHECK_FALSE(bench.stream->stands_still());
}

TEST_CASE("a reload without slate ends a picture that stands, and the grace counts", "[hub][still]") {
  Bench bench;
  Stream::Slot& slot = bench.come();
  bench.film(slot);
  bench.stream->detach(slot, false, bench.now);
  bench.pass(5s);
  bench.stream->set_vhost(std::make_shared<config::Vhost>());
  CHECK_FALSE(bench.stream->stands_still());
  const std::size_t all = bench.frames.size();
  bench.take();
  bench.pass(9'750ms);
  CHECK(bench.take().empty());
  bench.pass(250ms);
  CHECK(bench.take() == "ended ");
  CHECK(bench.frames.size() == all);
}

TEST_CASE("sound alone goes on as silence", "[hub][still]") {
  Bench bench;
  media::Tracks tracks = tracks_with(media::Codec::opus);
  tracks.erase(tracks.begin());
  Stream::Slot& slot = bench.come(tracks);
  for (int i = 0; i < 10; ++i) {
    auto frame = std::make_shared<media::Frame>(*test::sound(20 * i));
    frame->codec = media::Codec::opus;
    bench.stream->append(slot, std::move(frame));
  }
  bench.stream->detach(slot, false, bench.now);
  const std::size_t heard = bench.frames.size();
  bench.pass(2s);
  const auto times = bench.times(TrackId::audio, heard);
  REQUIRE(times.size() == 101);
  CHECK(times.front() == 200ms);
  CHECK(times.back() == 2200ms);
}

}  // namespace weir::test::still_test
