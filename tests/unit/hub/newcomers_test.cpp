#include "hub/cadence.h"
#include "hub/error.h"
#include "hub/feed.h"
#include "hub/pump.h"
#include "hub/source.h"
#include "net/worker.h"
#include "support/catch.h"
#include "support/memory_stream.h"
#include "unit/hub/text_packager.h"

namespace weir::test::newcomers_test {

using hub::Pump;
using hub::Wire;
using test::MemoryStream;

namespace {

Wire message(const std::string& text, int millis, bool entry = false) {
  Wire wire;
  wire.bytes = base::SharedBytes::copy_of(base::as_bytes(text));
  wire.dts = std::chrono::milliseconds(millis);
  wire.entry = entry;
  return wire;
}

// Everything on the test's own thread: the worker's loop is polled and not started.
struct Bench {
  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  net::Worker worker{base::WorkerIndex{0}, logger.get()};
  hub::Cadence cadence{worker};
  std::shared_ptr<config::Vhost> vhost = std::make_shared<config::Vhost>();
  hub::Feed feed{cadence, vhost, log::Context{logger.get(), {}, {}}};

  void add(const Wire& wire) { feed.accept({&wire, 1}); }
  void settle() {
    while (worker.io().poll() > 0) {
    }
    worker.io().restart();
  }
};

}  // namespace

TEST_CASE("an entry with a lead starts newcomers so many messages before", "[hub]") {
  Bench bench;
  bench.feed.begin({});
  for (int i = 0; i < 6; ++i) {
    Wire wire = message(std::to_string(i), i * 20, true);
    wire.lead = static_cast<std::uint32_t>(std::min(i, 2));
    bench.add(wire);
  }
  MemoryStream stream;
  Pump pump(bench.feed, stream, [] {});
  pump.start();
  CHECK(stream.taken == "345");
  bench.add(message("6", 120));
  bench.settle();
  CHECK(stream.taken == "3456");
}

TEST_CASE("a lead reaches no further back than the log does", "[hub]") {
  hub::Log<int> log({}, {});
  log.append(0, 1, {}, false);
  log.append(1, 1, {}, true, 9);
  CHECK(log.entry_point() == 0U);
}

TEST_CASE("readers of a format that carries none of the stream fail, and those of a later publication do not",
          "[hub]") {
  Bench bench;
  bench.feed.begin({});
  MemoryStream stream;
  Pump pump(bench.feed, stream, [] {});
  pump.start();
  bench.feed.set_barren();
  CHECK(bench.feed.barren());
  CHECK(pump.state() == Pump::State::failed);
  CHECK(pump.error() == hub::Errc::not_carried);
  bench.feed.begin({});
  CHECK_FALSE(bench.feed.barren());
}

TEST_CASE("who comes while a stream waits for its publisher gets what was last, until another begins", "[hub]") {
  Bench bench;
  const hub::Formats formats = test::TextPackager::formats();
  const hub::Want want{base::WorkerIndex{0}, test::text_format};
  hub::Source source(bench.vhost, formats, {});
  const auto seen_by_newcomer = [&] {
    hub::Feed feed(bench.cadence, bench.vhost, log::Context{bench.logger.get(), {}, {}});
    MemoryStream stream;
    Pump pump(feed, stream, [] {});
    pump.start();
    source.add_outlet(want, &feed);  // the first of its format: it is packaged for him
    bench.settle();
    source.remove_outlet(want);
    return std::string(stream.taken);
  };
  source.set_tracks(test::picture_and_sound());
  source.append(test::picture(0, true));
  source.append(test::picture(40));
  source.pause();
  CHECK(seen_by_newcomer() == "v0k0 v40.0 ");
  source.set_tracks(test::picture_and_sound());
  CHECK(seen_by_newcomer().empty());
  source.append(test::picture(80, true));
  CHECK(seen_by_newcomer() == "v80k0 ");
}

}  // namespace weir::test::newcomers_test
