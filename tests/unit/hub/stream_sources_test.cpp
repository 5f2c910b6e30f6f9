#include "base/random.h"
#include "hub/priority.h"
#include "hub/stream.h"
#include "support/catch.h"
#include "unit/hub/text_packager.h"

namespace weir::test::stream_sources_test {

// Inputs of a stream that has sources: who goes on with it, and when the better one comes back.

using namespace std::chrono_literals;
using hub::Stream;
using hub::StreamEvent;
using test::picture;

namespace {

struct Bench {
  std::shared_ptr<config::Vhost> vhost = std::make_shared<config::Vhost>();
  hub::Formats formats = test::TextPackager::formats();
  std::string told;
  std::unique_ptr<Stream> stream;
  Stream::Clock::time_point now = Stream::Clock::now();
  int ms = 0;

  explicit Bench(bool sources = true) {
    if (sources) vhost->sources.push_back({.scope = "live/cam", .urls = {"file:a.flv"}});
    stream = std::make_unique<Stream>(Stream::Given{.key = {"__defaultVhost__", "live", "cam"},
                                                    .vhost = vhost,
                                                    .formats = formats,
                                                    .notice = {},
                                                    .tell = [this](StreamEvent::Kind kind, Stream&) {
                                                      static constexpr std::array names{
                                                          "began ", "interrupted ", "resumed ", "switched ", "ended "};
                                                      told += names[static_cast<std::size_t>(kind)];
                                                    }});
  }
  Stream::Slot& come(int priority, hub::Origin origin = hub::Origin::pull, bool warm = false) {
    auto request = std::make_shared<hub::Request>();
    request->vhost = vhost;
    request->origin = origin;
    Stream::Slot& slot = stream->attach(
        {.id = base::random_session_id(), .request = std::move(request), .priority = priority, .warm = warm});
    stream->set_tracks(slot, test::picture_and_sound());
    return slot;
  }
  // Time goes on; those that are named bring a key frame each quarter of a second.
  void pass(std::chrono::milliseconds time, std::initializer_list<Stream::Slot*> slots) {
    for (auto gone = 0ms; gone < time; gone += 250ms) {
      for (Stream::Slot* slot : slots) stream->append(*slot, picture(ms, true));
      ms += 250;
      now += 250ms;
      stream->tend(now);
    }
  }
  bool plays(const Stream::Slot& slot) const { return stream->origin().id == slot.origin.id; }
  std::string take() { return std::exchange(told, {}); }
};

}  // namespace

TEST_CASE("the better source comes back after a hold that doubles with each relapse", "[hub][sources]") {
  Bench bench;
  Stream::Slot& slate = bench.come(0);
  bench.pass(1s, {&slate});
  Stream::Slot& main = bench.come(10);
  bench.pass(4s, {&slate, &main});
  CHECK(bench.plays(slate));
  bench.pass(2s, {&slate, &main});
  CHECK(bench.plays(main));
  for (const auto hold : {10s, 20s, 40s}) {
    bench.pass(3s, {&slate});  // it falls silent
    CHECK(bench.plays(slate));
    CHECK(bench.stream->hold() == hold);
    bench.pass(hold - 1s, {&slate, &main});
    CHECK(bench.plays(slate));
    bench.pass(2s, {&slate, &main});
    CHECK(bench.plays(main));
  }
  // It kept its word for long enough: what fails then is no relapse.
  bench.pass(90s, {&slate, &main});
  bench.pass(3s, {&slate});
  CHECK(bench.plays(slate));
  CHECK(bench.stream->hold() == 5s);
}

TEST_CASE("a warm source keeps nothing, and goes on with its next key frame", "[hub][sources]") {
  Bench bench;
  Stream::Slot& main = bench.come(10, hub::Origin::pull, true);
  Stream::Slot& spare = bench.come(0, hub::Origin::pull, true);
  CHECK_FALSE(spare.ready());
  bench.pass(1s, {&main, &spare});
  CHECK(spare.kept.empty());
  CHECK(spare.ready());
  // Its last frames before the other one is found silent are no key frames: they have no place.
  for (int i = 0; i < 12; ++i) {
    bench.stream->append(spare, picture(bench.ms += 250, false));
    bench.stream->tend(bench.now += 250ms);
  }
  CHECK(bench.plays(spare));
  CHECK(bench.stream->dropped_frames() > 0);
  CHECK_FALSE(spare.placed);
  bench.pass(250ms, {&spare});
  CHECK(spare.placed);
  // The better one comes back with a key frame, which is sent on.
  bench.pass(6s, {&spare, &main});
  CHECK(bench.plays(main));
  CHECK(main.placed);
}

TEST_CASE("the hold is bounded", "[hub][sources]") {
  Bench bench;
  Stream::Slot& slate = bench.come(0);
  Stream::Slot& main = bench.come(10);
  for (int i = 0; i < 10; ++i) {
    bench.pass(301s, {&slate, &main});
    bench.pass(3s, {&slate});
  }
  CHECK(bench.stream->hold() <= 5min);
}

TEST_CASE("a source that brings no key frame gives way, where that is asked for", "[hub][sources]") {
  for (const bool asked : {true, false}) {
    Bench bench;
    if (asked) bench.vhost->publish.input_key_timeout = 4s;
    Stream::Slot& best = bench.come(20);
    Stream::Slot& next = bench.come(10);
    bench.pass(2s, {&best, &next});
    CHECK(bench.plays(best));
    // Pictures, and none that is a key frame.
    for (int i = 0; i < 40; ++i) {
      bench.stream->append(best, picture(bench.ms, false));
      bench.pass(250ms, {&next});
    }
    CHECK(bench.plays(next) == asked);
    if (!asked) continue;
    CHECK(bench.stream->left_for() == Stream::Ill::keyless);
    CHECK(bench.stream->standing().best == 10);
    // It brings some again, for longer than the hold.
    bench.pass(6s, {&best, &next});
    CHECK(bench.plays(best));
    CHECK(bench.stream->left_for() == Stream::Ill::no);
  }
}

TEST_CASE("a source in which too much is wrong gives way, and comes back when it is well", "[hub][sources]") {
  Bench bench;
  bench.vhost->publish.input_errors = 10;
  Stream::Slot& best = bench.come(20);
  Stream::Slot& next = bench.come(10);
  Stream::count_errors(best, 10);
  bench.pass(5s, {&best, &next});
  CHECK(bench.plays(best));  // as many as may be
  Stream::count_errors(best, 1);
  bench.pass(1s, {&best, &next});
  CHECK(bench.plays(next));
  CHECK(bench.stream->left_for() == Stream::Ill::faulty);
  bench.pass(20s, {&best, &next});
  CHECK(bench.plays(next));  // they are not forgotten
  bench.pass(50s, {&best, &next});
  CHECK(bench.plays(best));
  // Where both are ill the one that is played stays.
  Stream::count_errors(best, 100);
  Stream::count_errors(next, 100);
  bench.pass(10s, {&best, &next});
  CHECK(bench.plays(best));
}

TEST_CASE("a publisher goes before a source of the same priority", "[hub][sources]") {
  Bench bench;
  Stream::Slot& slate = bench.come(0);
  bench.pass(1s, {&slate});
  Stream::Slot& publisher = bench.come(0, hub::Origin::client);
  bench.pass(6s, {&slate, &publisher});
  CHECK(bench.plays(publisher));
  Stream::Slot& other = bench.come(0, hub::Origin::client);
  bench.pass(10s, {&slate, &publisher, &other});
  CHECK(bench.plays(publisher));
}

TEST_CASE("an input that is pinned takes over at once, and gives way when it no longer is", "[hub][sources]") {
  Bench bench;
  Stream::Slot& main = bench.come(10);
  bench.pass(1s, {&main});
  Stream::Slot& backup = bench.come(5);
  bench.pass(1s, {&main, &backup});
  bench.stream->set_priority(backup, hub::pinned_priority, true);
  CHECK(bench.plays(backup));
  bench.pass(20s, {&main, &backup});
  CHECK(bench.plays(backup));
  bench.stream->set_priority(backup, 5, false);
  bench.pass(1s, {&main, &backup});
  CHECK(bench.plays(main));
}

TEST_CASE("how a stream stands is told: who is played, and the best that is alive", "[hub][sources]") {
  Bench bench;
  Stream::Slot& slate = bench.come(0);
  CHECK(bench.stream->standing().active == slate.origin.id);
  CHECK_FALSE(bench.stream->standing().best);
  bench.pass(1s, {&slate});
  Stream::Slot& main = bench.come(10);
  bench.pass(1s, {&slate, &main});
  CHECK(bench.stream->standing().priority == 0);
  CHECK(bench.stream->standing().best == 10);
  bench.pass(3s, {});
  CHECK(bench.stream->standing().silent);
  CHECK_FALSE(bench.stream->standing().best);
}

TEST_CASE("a stream that has sources is silent on its own, and waits for the next one though its input finished",
          "[hub][sources]") {
  Bench bench;
  bench.vhost->publish.grace = 0ms;
  Stream::Slot& only = bench.come(10);
  bench.pass(1s, {&only});
  CHECK(bench.stream->wants_tending());
  bench.pass(3s, {});
  CHECK(bench.stream->standing().silent);
  bench.take();
  bench.stream->detach(only, true, bench.now);
  CHECK(bench.take() == "interrupted ");
  bench.pass(1s, {});
  Stream::Slot& slate = bench.come(0);
  CHECK(bench.take() == "resumed ");
  bench.stream->detach(slate, true, bench.now);
  bench.pass(11s, {});
  CHECK(bench.take() == "interrupted ended ");
  Bench plain(false);
  Stream::Slot& one = plain.come(0);
  plain.pass(1s, {&one});
  plain.stream->detach(one, true, plain.now);
  CHECK(plain.take() == "began ended ");
}

}  // namespace weir::test::stream_sources_test
