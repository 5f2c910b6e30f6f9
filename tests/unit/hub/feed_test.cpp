#include "hub/feed.h"

#include <future>

#include "hub/cadence.h"
#include "hub/pump.h"
#include "net/worker.h"
#include "support/catch.h"
#include "support/memory_stream.h"

namespace weir::test::feed_test {

using namespace std::chrono_literals;
using hub::Pump;
using hub::Wire;
using test::MemoryStream;

namespace {

Wire message(const std::string& text, int millis, bool entry = false, const std::string& setup = "") {
  Wire wire;
  wire.bytes = base::SharedBytes::copy_of(base::as_bytes(text));
  wire.setup = base::SharedBytes::copy_of(base::as_bytes(setup));
  wire.dts = std::chrono::milliseconds(millis);
  wire.kind = media::Kind::video;
  wire.entry = entry;
  return wire;
}

// Everything on the test's own thread: the worker's loop is polled and not started.
struct Bench {
  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  net::Worker worker{base::WorkerIndex{0}, logger.get()};
  hub::Cadence cadence{worker};
  std::shared_ptr<config::Vhost> vhost = std::make_shared<config::Vhost>();
  std::unique_ptr<hub::Feed> feed;

  explicit Bench(bool min_latency = true) {
    vhost->min_latency = min_latency;
    open();
  }
  void open() { feed = std::make_unique<hub::Feed>(cadence, vhost, log::Context{logger.get(), {}, {}}); }
  void add(const Wire& wire) { feed->accept({&wire, 1}); }
  void settle() {
    while (worker.io().poll() > 0) {
    }
    worker.io().restart();
  }
};

}  // namespace

TEST_CASE("a newcomer gets header, setup and the group of pictures, then what follows", "[hub]") {
  Bench bench;
  bench.feed->begin(base::SharedBytes::copy_of(base::as_bytes("H")));
  bench.add(message("old ", 0));
  bench.add(message("K1 ", 40, true, "S1 "));
  bench.add(message("p1 ", 80));
  MemoryStream stream;
  Pump pump(*bench.feed, stream, [] {});
  pump.start();
  CHECK(stream.taken == "HS1 K1 p1 ");
  CHECK(pump.state() == Pump::State::flowing);
  bench.add(message("p2 ", 120));
  bench.add(message("p3 ", 160));
  bench.settle();
  CHECK(stream.taken == "HS1 K1 p1 p2 p3 ");
  CHECK(stream.writes == 2);  // one turn sends what it has
}

TEST_CASE("what a session says before its player starts puts nobody into the feed's lists", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  MemoryStream stream;
  {
    Pump pump(*bench.feed, stream, [] {});
    pump.send(base::SharedBytes::copy_of(base::as_bytes("pong ")));
    stream.room = 0;
    pump.send(base::SharedBytes::copy_of(base::as_bytes("pong ")));
    stream.give_room(SIZE_MAX);
    CHECK(bench.feed->reader_count() == 0);
    pump.start();
    CHECK(bench.feed->reader_count() == 1);
    bench.add(message("K1 ", 0, true));
    bench.settle();
    CHECK(stream.taken == "pong pong K1 ");
    CHECK(bench.feed->reader_count() == 1);
  }
  CHECK(bench.feed->reader_count() == 0);
  bench.add(message("K2 ", 40, true));  // nobody is written to who is gone
  bench.settle();
}

TEST_CASE("without the GOP cache a newcomer waits for the next key frame", "[hub]") {
  Bench bench;
  bench.vhost->play.gop_cache = false;
  bench.feed->begin({});
  bench.add(message("K1 ", 0, true));
  MemoryStream stream;
  Pump pump(*bench.feed, stream, [] {});
  pump.start();
  bench.add(message("p1 ", 40));
  bench.settle();
  CHECK(stream.taken.empty());
  bench.add(message("K2 ", 80, true));
  bench.settle();
  CHECK(stream.taken == "K2 ");
}

TEST_CASE("a reader that cannot take all goes on where it was cut", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  MemoryStream slow, fast;
  Pump a(*bench.feed, slow, [] {}), b(*bench.feed, fast, [] {});
  a.start();
  b.start();
  bench.add(message("K123", 0, true));
  bench.settle();
  slow.room = 6;
  bench.add(message("abcd", 40));
  bench.add(message("efgh", 80));
  bench.settle();
  CHECK(fast.taken == "K123abcdefgh");
  CHECK(slow.taken == "K123abcdef");
  REQUIRE(slow.waited_for());
  bench.add(message("ijkl", 120));
  bench.settle();
  slow.give_room(SIZE_MAX);
  CHECK(slow.taken == "K123abcdefghijkl");
  bench.add(message("mnop", 160));
  bench.settle();
  CHECK(slow.taken == fast.taken);
}

TEST_CASE("a reader too far behind is set on the newest key frame, and it is counted", "[hub]") {
  Bench bench;
  bench.vhost->play.queue_length = 1s;
  bench.feed->begin({});
  MemoryStream stream;
  Pump pump(*bench.feed, stream, [] {});
  pump.start();
  bench.add(message("K1", 0, true, "S1"));
  bench.settle();
  stream.room = 0;
  bench.add(message("lost", 40));
  bench.settle();
  for (int second = 1; second < 5; ++second)
    bench.add(message("K" + std::to_string(second + 1), second * 1000, true, "S"));
  bench.settle();
  stream.give_room(SIZE_MAX);
  CHECK(stream.taken == "S1K1SK5");
  CHECK(pump.skips() == 1);
  CHECK(bench.feed->skips() == 1);
}

TEST_CASE("a message that was cut is finished before a skip", "[hub]") {
  Bench bench;
  bench.vhost->play.queue_length = 1s;
  bench.feed->begin({});
  MemoryStream stream;
  Pump pump(*bench.feed, stream, [] {});
  pump.start();
  bench.add(message("K1", 0, true));
  bench.settle();
  stream.room = 2;
  bench.add(message("abcd", 40));
  bench.add(message("gone", 80));
  bench.settle();
  bench.add(message("K2", 5000, true, "S"));
  bench.settle();
  stream.give_room(SIZE_MAX);
  CHECK(stream.taken == "K1abcdSK2");
}

TEST_CASE("messages of the session alone go between messages of the stream", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  MemoryStream stream;
  Pump pump(*bench.feed, stream, [] {});
  pump.start();
  bench.add(message("K1", 0, true));
  bench.settle();
  stream.room = 1;
  bench.add(message("abc", 40));
  bench.settle();
  pump.send(base::SharedBytes::copy_of(base::as_bytes("[pong]")));
  CHECK(stream.taken == "K1a");
  stream.give_room(SIZE_MAX);
  CHECK(stream.taken == "K1abc[pong]");
}

TEST_CASE("a peer that asks for answers and never reads them is given up", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  MemoryStream stream;
  stream.room = 0;
  Pump pump(*bench.feed, stream, [] {});
  pump.start();
  const auto answer = base::SharedBytes::copy_of(base::as_bytes(std::string(1000, 'x')));
  for (int i = 0; i < 1000; ++i) pump.send(answer);
  CHECK(pump.state() == Pump::State::failed);
  CHECK(pump.error() == net::Errc::too_large);
}

TEST_CASE("the end of a publication reaches readers after the last byte, and the next one goes on", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  MemoryStream stream;
  int told = 0;
  Pump pump(*bench.feed, stream, [&] { ++told; });
  pump.start();
  bench.add(message("K1", 0, true));
  bench.feed->end();
  bench.settle();
  CHECK(stream.taken == "K1");
  CHECK(pump.state() == Pump::State::ended);
  bench.feed->begin({});
  bench.add(message("p", 40));
  bench.settle();
  CHECK(stream.taken == "K1");
  bench.add(message("K2", 80, true, "S2"));
  bench.settle();
  CHECK(stream.taken == "K1S2K2");
  CHECK(pump.state() == Pump::State::flowing);
  CHECK(told >= 3);
}

TEST_CASE("a paused reader gets nothing and resumes on a key frame", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  MemoryStream stream;
  Pump pump(*bench.feed, stream, [] {});
  pump.start();
  bench.add(message("K1", 0, true));
  bench.settle();
  pump.pause();
  bench.add(message("p1", 40));
  bench.add(message("K2", 80, true, "S"));
  bench.settle();
  CHECK(stream.taken == "K1");
  pump.resume();
  bench.settle();
  CHECK(stream.taken == "K1SK2");
}

TEST_CASE("merged write holds data back, adaptive merge on an idle worker does not", "[hub]") {
  Bench bench(false);
  SECTION("merged") {
    bench.vhost->play.mw_adaptive = false;
    bench.vhost->play.mw_latency = 30ms;
  }
  SECTION("adaptive") { bench.vhost->play.mw_adaptive = true; }
  bench.feed->begin({});
  MemoryStream stream;
  Pump pump(*bench.feed, stream, [] {});
  pump.start();
  bench.add(message("K1", 0, true));
  bench.settle();
  if (bench.vhost->play.mw_adaptive) {
    CHECK(stream.taken == "K1");
  } else {
    CHECK(stream.taken.empty());
    bench.add(message("p1", 40));
    bench.worker.io().run_for(200ms);
    CHECK(stream.taken == "K1p1");
    CHECK(stream.writes == 1);
  }
}

TEST_CASE("a writer that makes no progress is ended after send_timeout", "[hub]") {
  Bench bench;
  bench.vhost->play.send_timeout = 5s;
  bench.feed->begin({});
  MemoryStream stream;
  Pump pump(*bench.feed, stream, [] {});
  pump.start();
  stream.room = 0;
  bench.add(message("K1", 0, true));
  bench.settle();
  bench.feed->check_stalled(std::chrono::steady_clock::now() + 4s);
  CHECK(pump.state() == Pump::State::flowing);
  bench.feed->check_stalled(std::chrono::steady_clock::now() + 6s);
  CHECK(pump.state() == Pump::State::failed);
  CHECK(pump.error() == net::Errc::stalled);
}

TEST_CASE("readers may leave in the middle of a round", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  std::vector<std::unique_ptr<MemoryStream>> streams;
  std::vector<std::unique_ptr<Pump>> pumps;
  for (int i = 0; i < 500; ++i) {
    streams.push_back(std::make_unique<MemoryStream>());
    pumps.push_back(std::make_unique<Pump>(*bench.feed, *streams.back(), [] {}));
    pumps.back()->start();
  }
  bench.add(message("K", 0, true));
  bench.settle();
  for (int i = 0; i < 20; ++i) {
    bench.add(message("p", 40 * (i + 1)));
    bench.worker.io().poll_one();  // a slice of the round
    streams[static_cast<std::size_t>(i) * 3]->broken = net::Errc::end_of_stream;
    pumps[static_cast<std::size_t>(i) * 7].reset();
    bench.worker.io().restart();
  }
  bench.settle();
  const std::string all = "K" + std::string(20, 'p');
  for (std::size_t i = 0; i < streams.size(); ++i) {
    if (pumps[i] && pumps[i]->state() == Pump::State::flowing) CHECK(streams[i]->taken == all);
  }
}

TEST_CASE("each round's time from the arrival of media to its players is counted, and when a player first had some",
          "[hub]") {
  Bench bench;
  bench.feed->begin({});
  MemoryStream stream;
  Pump pump(*bench.feed, stream, [] {});
  std::chrono::steady_clock::time_point first{};
  pump.note_first(first);
  pump.start();
  CHECK(first == std::chrono::steady_clock::time_point());
  const auto before = std::chrono::steady_clock::now();
  bench.add(message("K1 ", 0, true));
  bench.settle();
  CHECK(first >= before);
  const auto noted = first;
  for (int i = 1; i < 5; ++i) {
    bench.add(message("p ", 40 * i));
    bench.add(message("q ", 40 * i + 20));
    bench.settle();
  }
  const std::uint64_t rounds = bench.cadence.rounds();
  CHECK(rounds == 5);
  CHECK(bench.cadence.deliveries().total() == rounds);
  CHECK(bench.cadence.writing().total() == rounds);
  CHECK(bench.cadence.writing().sum_us <= bench.cadence.deliveries().sum_us);
  CHECK(first == noted);
}

}  // namespace weir::test::feed_test
