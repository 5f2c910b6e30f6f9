#include "hub/cadence.h"
#include "hub/error.h"
#include "hub/feed.h"
#include "hub/pump.h"
#include "net/worker.h"
#include "support/catch.h"
#include "support/memory_stream.h"

using namespace weir;
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
