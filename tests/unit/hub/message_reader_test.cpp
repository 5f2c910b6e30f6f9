#include "hub/message_reader.h"

#include "hub/cadence.h"
#include "hub/feed.h"
#include "hub/pump.h"
#include "net/worker.h"
#include "support/catch.h"
#include "support/memory_stream.h"

namespace weir::test::message_reader_test {

using namespace std::chrono_literals;
using hub::MessageReader;
using hub::Wire;
using State = hub::Reader::State;
using Took = MessageReader::Took;

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

// Writes down what it takes: "*" before a beginning, "|" where it was told to let go.
struct Taker final : MessageReader::Taker {
  std::string taken;
  std::size_t room = SIZE_MAX;
  std::size_t cost = 1;
  std::string later;  // is not begun on
  int changes = 0;

  Took take(const Wire& wire, bool begins) override {
    const std::string text(base::as_text(wire.bytes));
    if (!later.empty() && text == later) return Took::later;
    if (room == 0) return Took::full;
    --room;
    if (begins) taken += "*" + std::string(base::as_text(wire.setup));
    taken += text;
    return Took::all;
  }
  std::size_t flush() override {
    taken += "|";
    return cost;
  }
  void reader_changed() override { ++changes; }
};

struct Bench {
  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  net::Worker worker{base::WorkerIndex{0}, logger.get()};
  hub::Cadence cadence{worker};
  std::shared_ptr<config::Vhost> vhost = std::make_shared<config::Vhost>();
  std::unique_ptr<hub::Feed> feed;

  Bench() {
    vhost->min_latency = true;
    feed = std::make_unique<hub::Feed>(cadence, vhost, log::Context{logger.get(), {}, {}});
  }
  void add(const Wire& wire) { feed->accept({&wire, 1}); }
  void settle() {
    while (worker.io().poll() > 0) {
    }
    worker.io().restart();
  }
};

}  // namespace

TEST_CASE("messages are given one by one, from the entry point on", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  bench.add(message("old", 0));
  bench.add(message("K1", 40, true, "S1"));
  bench.add(message("p1", 80));
  Taker taker;
  MessageReader reader(*bench.feed, taker);
  reader.start();
  CHECK(taker.taken.empty());  // nothing from within start()
  CHECK(reader.state() == State::flowing);
  bench.settle();
  CHECK(taker.taken == "*S1K1p1|");
  bench.add(message("p2", 120));
  bench.add(message("K2", 160, true, "S2"));
  bench.settle();
  CHECK(taker.taken == "*S1K1p1|p2K2|");
  CHECK(reader.behind() == base::Ticks{});
}

TEST_CASE("who takes no more gets the same message again, and the feed keeps it", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  Taker taker;
  taker.room = 2;
  MessageReader reader(*bench.feed, taker);
  reader.start();
  bench.add(message("K1", 0, true));
  bench.add(message("p1", 40));
  bench.add(message("p2", 80));
  bench.settle();
  CHECK(taker.taken == "*K1p1|");
  bench.add(message("K2", 120, true));
  bench.settle();
  CHECK(taker.taken == "*K1p1|");
  CHECK(reader.behind() == 40ms);
  taker.room = SIZE_MAX;
  reader.ready();
  CHECK(taker.taken == "*K1p1|p2K2|");
  reader.ready();  // nobody said full
  CHECK(taker.taken == "*K1p1|p2K2|");
  bench.add(message("p3", 160));
  bench.settle();
  CHECK(taker.taken == "*K1p1|p2K2|p3|");
}

TEST_CASE("a reader of messages too far behind goes on from the newest entry", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  Taker taker;
  taker.room = 1;
  MessageReader reader(*bench.feed, taker, 500ms);
  reader.start();
  bench.add(message("K1", 0, true));
  bench.add(message("p1", 40));
  bench.settle();
  bench.add(message("K2", 1000, true, "S"));
  bench.add(message("p2", 1040));
  bench.settle();
  taker.room = SIZE_MAX;
  reader.ready();
  CHECK(taker.taken == "*K1|*SK2p2|");
  CHECK(reader.skips() == 1);
  CHECK(bench.feed->skips() == 1);
}

TEST_CASE("a reader of messages can be set on a newer entry, and refuse one", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  Taker taker;
  MessageReader reader(*bench.feed, taker);
  SECTION("newer") {
    taker.room = 1;
    reader.start();
    bench.add(message("K1", 0, true));
    bench.add(message("p1", 40));
    bench.settle();
    CHECK_FALSE(reader.skip_to_entry());
    bench.add(message("K2", 80, true));
    bench.settle();
    CHECK(reader.skip_to_entry());
    taker.room = SIZE_MAX;
    reader.ready();
    CHECK(taker.taken == "*K1|*K2|");
    CHECK_FALSE(reader.skip_to_entry());  // it is past that
  }
  SECTION("refused") {
    taker.later = "K1";
    bench.add(message("K1", 0, true));
    bench.add(message("p1", 40));
    reader.start();
    bench.settle();
    CHECK(reader.state() == State::waiting);
    bench.add(message("p2", 80));
    bench.settle();
    CHECK(taker.taken == "|");
    bench.add(message("K2", 120, true));
    bench.add(message("p3", 160));
    bench.settle();
    CHECK(taker.taken == "|*K2p3|");
  }
}

TEST_CASE("a publication's last messages are taken before its end is told, and the next goes on", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  Taker taker;
  taker.room = 1;
  MessageReader reader(*bench.feed, taker);
  reader.start();
  bench.add(message("K1", 0, true));
  bench.add(message("p1", 40));
  bench.settle();
  bench.feed->end();
  bench.settle();
  CHECK(reader.state() == State::flowing);
  taker.room = SIZE_MAX;
  reader.ready();
  CHECK(taker.taken == "*K1|p1|");
  CHECK(reader.state() == State::ended);
  bench.feed->begin({});
  bench.add(message("p", 80));
  bench.add(message("K2", 120, true));
  bench.settle();
  CHECK(taker.taken == "*K1|p1|*K2|");
  CHECK(taker.changes == 3);  // began, ended, began
}

TEST_CASE("a long group of pictures is handed over in several rounds, whatever the log forgets", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  std::string all = "*";
  const auto add = [&](const std::string& text, int at, bool entry) {
    bench.add(message(text, at, entry));
    all += text;
  };
  for (int i = 0; i < 100; ++i) add("p" + std::to_string(i), i, i == 0);
  Taker taker;
  MessageReader reader(*bench.feed, taker);
  reader.start();
  bench.worker.io().poll_one();
  CHECK(std::count(taker.taken.begin(), taker.taken.end(), 'p') == static_cast<int>(MessageReader::most_wires));
  // A newer entry makes the log forget what nobody needs; this reader is not at its head.
  add("K", 200, true);
  bench.settle();
  std::erase(taker.taken, '|');
  CHECK(taker.taken == all);
  bench.add(message("q", 240));
  bench.settle();
  CHECK(bench.feed->log().tail() >= 100);
}

TEST_CASE("readers of messages and byte streams share a round by what they cost", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  constexpr std::size_t count = 300;
  std::vector<std::unique_ptr<Taker>> takers;
  std::vector<std::unique_ptr<MessageReader>> readers;
  test::MemoryStream stream;
  hub::Pump pump(*bench.feed, stream, [] {});
  pump.start();
  for (std::size_t i = 0; i < count; ++i) {
    takers.push_back(std::make_unique<Taker>());
    takers.back()->cost = 20;
    readers.push_back(std::make_unique<MessageReader>(*bench.feed, *takers.back()));
    readers.back()->start();
  }
  bench.add(message("K", 0, true));
  bench.settle();
  bench.add(message("p", 40));
  bench.worker.io().poll_one();
  const auto served =
      std::count_if(takers.begin(), takers.end(), [](const auto& one) { return one->taken == "*K|p|"; });
  CHECK(served > 0);
  CHECK(served <= 8);  // 128 sends are a slice
  // Some leave in the middle of a round.
  for (std::size_t i = 0; i < count; i += 3) readers[i].reset();
  bench.settle();
  for (std::size_t i = 0; i < count; ++i) {
    if (readers[i]) CHECK(takers[i]->taken == "*K|p|");
  }
  CHECK(stream.taken == "Kp");
}

TEST_CASE("history stays for a while although all have taken it", "[hub]") {
  Bench bench;
  bench.feed->begin({});
  Taker taker;
  MessageReader reader(*bench.feed, taker);
  bench.feed->keep_history(1s);
  reader.start();
  for (int second = 0; second < 10; ++second) {
    for (int i = 0; i < 25; ++i) bench.add(message("f", second * 1000 + 40 * i, i == 0));
    bench.settle();
  }
  const auto& log = bench.feed->log();
  bench.add(message("f", 10'000, true));
  bench.settle();
  bench.add(message("f", 10'040));
  CHECK(log.head() - log.tail() >= 25);
  CHECK(log.head() - log.tail() <= 28);
  CHECK(log.time_from(log.tail()) <= 1s);
}

TEST_CASE("a feed that has no such media fails its readers of messages", "[hub]") {
  Bench bench;
  Taker taker;
  MessageReader reader(*bench.feed, taker);
  reader.start();
  bench.feed->begin({});
  bench.feed->set_barren();
  CHECK(reader.state() == State::failed);
  CHECK(taker.changes == 1);
  CHECK(bench.feed->reader_count() == 0);
}

}  // namespace weir::test::message_reader_test
