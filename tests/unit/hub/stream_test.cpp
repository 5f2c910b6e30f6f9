#include "hub/stream.h"

#include "base/random.h"
#include "support/catch.h"
#include "unit/hub/text_packager.h"

namespace weir::test::stream_test {

using namespace std::chrono_literals;
using hub::Stream;
using hub::StreamEvent;
using test::picture;

namespace {

// A stream whose frames and tracks are written down, with events in between: "began T0 v0k0 ".
struct Bench final : hub::FrameSink {
  std::shared_ptr<config::Vhost> vhost = std::make_shared<config::Vhost>();
  hub::Formats formats = test::TextPackager::formats();
  std::string told;
  std::vector<base::Ticks> times;
  std::unique_ptr<Stream> stream;
  Stream::Clock::time_point now = Stream::Clock::now();

  Bench() { open({}); }
  void open(base::Ticks resume_at) {
    stream =
        std::make_unique<Stream>(Stream::Given{.key = {"__defaultVhost__", "live", "cam"},
                                               .vhost = vhost,
                                               .formats = formats,
                                               .notice = {},
                                               .resume_at = resume_at,
                                               .tell = [this](StreamEvent::Kind kind, Stream& of) { tell(kind, of); }});
  }
  void tell(StreamEvent::Kind kind, Stream& of) {
    static constexpr std::array names{"began ", "interrupted ", "resumed ", "switched ", "ended "};
    told += names[static_cast<std::size_t>(kind)];
    if (kind == StreamEvent::Kind::began) of.source()->add_sink(*this);
  }
  void on_tracks(const media::Tracks& tracks) override {
    std::uint32_t generation = 0;
    for (const media::Track& track : tracks) generation = std::max(generation, track.generation);
    told += fmt::format("T{} ", generation);
  }
  void on_frame(const media::FrameRef& frame, bool) override {
    const bool is_sound = media::kind_of(frame->codec) == media::Kind::audio;
    told += fmt::format("{}{}{}{} ", is_sound ? 'a' : 'v', base::to_millis(frame->dts), frame->key ? 'k' : '.',
                        frame->generation);
    times.push_back(frame->dts);
  }
  Stream::Slot& come(int priority = 0, bool keeps_clock = false) {
    auto request = std::make_shared<hub::Request>();
    request->vhost = vhost;
    return stream->attach({.id = base::random_session_id(),
                           .request = std::move(request),
                           .priority = priority,
                           .keeps_clock = keeps_clock});
  }
  Stream::Slot& come_with_tracks(int priority = 0) {
    Stream::Slot& slot = come(priority);
    stream->set_tracks(slot, test::picture_and_sound());
    return slot;
  }
  // A second of pictures from then on, with a key frame first.
  void send(Stream::Slot& slot, int from_ms, int count = 25) {
    for (int i = 0; i < count; ++i) stream->append(slot, picture(from_ms + 40 * i, i == 0));
  }
  void pass(std::chrono::milliseconds time) {
    now += time;
    stream->tend(now);
  }
  std::string take() { return std::exchange(told, {}); }
};

}  // namespace

TEST_CASE("the frames of a stream's first input are sent on as they are", "[hub]") {
  Bench bench;
  Stream::Slot& slot = bench.come_with_tracks();
  const media::FrameRef frame = picture(5, true);
  bench.stream->append(slot, frame);
  bench.stream->append(slot, test::sound(5));
  CHECK(bench.take() == "began T0 v5k0 a5.0 ");
  CHECK(bench.stream->source()->frames().at(0) == frame);
}

TEST_CASE("a publisher that is cut off and comes back goes on where it was, to the tick", "[hub]") {
  Bench bench;
  Stream::Slot& first = bench.come_with_tracks();
  bench.stream->append(first, picture(0, true));
  bench.stream->append(first, picture(40));
  bench.stream->append(first, test::sound(50));
  bench.stream->detach(first, false, bench.now);
  CHECK(bench.take() == "began T0 v0k0 v40.0 a50.0 interrupted ");
  CHECK(bench.stream->state() == Stream::State::interrupted);
  bench.pass(14s);
  CHECK(bench.take().empty());

  // The new encoder's clock is anywhere, and it begins in the middle of a group of pictures.
  Stream::Slot& second = bench.come_with_tracks();
  bench.stream->append(second, picture(7'000));
  bench.stream->append(second, picture(7'040, true));
  bench.stream->append(second, test::sound(7'050));
  bench.stream->append(second, picture(7'080));
  // 80 is where the picture behind 40 would be; one of sound lasts 20 until two are known.
  CHECK(bench.take() == "resumed T1 v80k1 a90.1 v120.1 ");
  CHECK(bench.stream->dropped_frames() == 1);
  CHECK(bench.stream->switches() == 1);
  bench.pass(60s);
  CHECK(bench.take().empty());
}

TEST_CASE("behind the grace a stream has ended, and what is published then begins anew behind it", "[hub]") {
  Bench bench;
  Stream::Slot& first = bench.come_with_tracks();
  bench.send(first, 0, 2);
  bench.stream->detach(first, false, bench.now);
  bench.take();
  bench.pass(15s);
  CHECK(bench.take() == "ended ");
  CHECK(bench.stream->state() == Stream::State::over);
  CHECK(bench.stream->source() == nullptr);
  CHECK_FALSE(bench.stream->wants_tending());
  bench.send(bench.come_with_tracks(), 0, 1);
  CHECK(bench.take() == "began T1 v80k1 ");
}

TEST_CASE("nobody waits for a publisher that said it had finished, or never sent anything", "[hub]") {
  Bench bench;
  Stream::Slot& silent = bench.come();
  bench.stream->detach(silent, false, bench.now);
  CHECK(bench.take() == "began ended ");
  Stream::Slot& done = bench.come_with_tracks();
  bench.send(done, 0, 1);
  bench.stream->detach(done, true, bench.now);
  CHECK(bench.take() == "began T0 v0k0 ended ");
}

TEST_CASE("with a grace of zero a stream ends with its publisher", "[hub]") {
  Bench bench;
  bench.vhost->publish.grace = 0s;
  Stream::Slot& slot = bench.come_with_tracks();
  bench.send(slot, 0, 1);
  bench.stream->detach(slot, false, bench.now);
  CHECK(bench.take() == "began T0 v0k0 ended ");
}

TEST_CASE("a stream that was somewhere else begins behind what its readers saw there", "[hub]") {
  Bench bench;
  bench.open(10s);
  bench.send(bench.come_with_tracks(), 0, 2);
  CHECK(bench.times == std::vector<base::Ticks>{10s, 10'040ms});
}

TEST_CASE("no track goes back in time when sound of the new publisher comes long before its picture", "[hub]") {
  Bench bench;
  Stream::Slot& first = bench.come_with_tracks();
  bench.send(first, 0);
  bench.stream->detach(first, false, bench.now);
  bench.take();
  Stream::Slot& second = bench.come_with_tracks();
  bench.stream->append(second, test::sound(3'000));
  bench.stream->append(second, picture(2'500, true));
  bench.stream->append(second, picture(2'540));
  CHECK(bench.take() == "resumed T1 a1000.1 v980k1 v1020.1 ");
}

TEST_CASE("sound that was ahead makes no hole between the pictures of two publishers", "[hub]") {
  Bench bench;
  Stream::Slot& first = bench.come_with_tracks();
  bench.send(first, 0);
  for (int at = 980; at <= 1'080; at += 20) bench.stream->append(first, test::sound(at));
  bench.stream->detach(first, false, bench.now);
  bench.take();
  Stream::Slot& second = bench.come_with_tracks();
  SECTION("pictures first") {
    bench.stream->append(second, picture(5'000, true));
    for (int at = 5'010; at <= 5'110; at += 20) bench.stream->append(second, test::sound(at));
    bench.stream->append(second, picture(5'040));
    // 960 was the last picture; what the second one's sound says until 1080 was said already.
    CHECK(bench.take() == "resumed T1 v1000k1 a1090.1 a1110.1 v1040.1 ");
  }
  SECTION("sound first") {
    bench.stream->append(second, test::sound(4'990));
    bench.stream->append(second, picture(5'000, true));
    bench.stream->append(second, test::sound(5'010));
    bench.stream->append(second, test::sound(5'110));
    CHECK(bench.take() == "resumed T1 a1100.1 v1000k1 a1110.1 ");
  }
  SECTION("a hole that was there stays") {
    bench.stream->append(second, test::sound(5'000));
    bench.stream->append(second, picture(5'400, true));
    CHECK(bench.take() == "resumed T1 a1100.1 v1500k1 ");
  }
}

TEST_CASE("a publisher with a clock of its own is sent on with it", "[hub]") {
  Bench bench;
  Stream::Slot& first = bench.come(0, true);
  bench.stream->append(first, picture(7'200'000, true));
  bench.stream->detach(first, false, bench.now);
  Stream::Slot& second = bench.come(0, true);
  bench.stream->append(second, picture(60'000, true));
  CHECK(bench.times == std::vector<base::Ticks>{7'200s, 60s});
}

TEST_CASE("an input that stands by takes over with its group of pictures when the first one is silent", "[hub]") {
  Bench bench;
  Stream::Slot& main = bench.come_with_tracks(10);
  Stream::Slot& backup = bench.come_with_tracks(5);
  bench.send(main, 0);
  bench.send(backup, 50'000, 3);
  bench.pass(0s);
  CHECK(bench.take().find("switched") == std::string::npos);
  for (int i = 0; i < 9; ++i) {
    bench.stream->append(backup, test::sound(50'100 + 20 * i));
    bench.pass(250ms);
  }
  CHECK(bench.take().starts_with("switched T1 v1000k1 v1040.1 v1080.1 a1100.1 a1120.1 "));
  CHECK(bench.stream->origin().priority == 5);

  // The first one sends again: not at once, but when it has done so for a while, and at a key frame.
  int at = 2'000;
  for (int i = 0; i < 4; ++i, at += 1'000) {
    bench.send(main, at);
    bench.stream->append(backup, test::sound(50'300 + i));
    bench.pass(1s);
  }
  CHECK(bench.take().find("switched") == std::string::npos);
  bench.pass(1s);
  bench.send(main, at);
  CHECK(bench.take().starts_with("switched T2 v"));
  CHECK(bench.stream->origin().priority == 10);
  CHECK(std::is_sorted(bench.times.begin(), bench.times.end()));
}

TEST_CASE("two inputs of one priority do not take turns while both send", "[hub]") {
  Bench bench;
  Stream::Slot& one = bench.come_with_tracks();
  Stream::Slot& other = bench.come_with_tracks();
  for (int i = 0; i < 20; ++i) {
    bench.send(one, i * 1'000);
    bench.send(other, i * 1'000);
    bench.pass(1s);
  }
  CHECK(bench.stream->switches() == 0);
  // And where both stop and go, no more often than the time a silence takes.
  for (int i = 0; i < 40; ++i) {
    bench.send(i % 2 == 0 ? one : other, 20'000 + i * 1'000);
    bench.pass(1s);
  }
  CHECK(bench.stream->switches() <= 20);
}

TEST_CASE("when the active input leaves the next one goes on at once, even if the first had finished", "[hub]") {
  Bench bench;
  Stream::Slot& main = bench.come_with_tracks(1);
  Stream::Slot& backup = bench.come_with_tracks();
  bench.send(main, 0, 1);
  bench.send(backup, 9'000, 2);
  bench.take();
  bench.stream->detach(main, true, bench.now);
  CHECK(bench.take() == "switched T1 v20k1 v60.1 ");
  bench.stream->detach(backup, false, bench.now);
  CHECK(bench.take() == "interrupted ");
}

TEST_CASE("an input that leaves while it stands by changes nothing", "[hub]") {
  Bench bench;
  Stream::Slot& main = bench.come_with_tracks();
  Stream::Slot& backup = bench.come_with_tracks();
  bench.send(main, 0, 1);
  bench.take();
  bench.stream->detach(backup, false, bench.now);
  CHECK(bench.take().empty());
  CHECK(bench.stream->state() == Stream::State::live);
}

TEST_CASE("what an input that stands by keeps is bounded", "[hub]") {
  Bench bench;
  bench.come_with_tracks();
  Stream::Slot& backup = bench.come_with_tracks();
  for (int i = 0; i < 10'000; ++i) bench.stream->append(backup, picture(i, i == 0));
  CHECK(backup.kept.empty());
}

}  // namespace weir::test::stream_test
