#include "session/hls/coming.h"

#include "net/worker.h"
#include "support/catch.h"

namespace weir::test::coming_test {

using namespace std::chrono_literals;
using session::hls::Coming;
using session::hls::Hope;

namespace {

struct Bench {
  void settle() {
    worker.io().restart();
    worker.io().poll();
  }
  // Until there is news of it; what that was goes into `told`.
  void hope(const base::StreamKey& key) {
    worker.spawn("hope", [this, key](net::Life& life) -> net::Task<void> {
      Hope hope(coming, key, life.worker(), 60s);
      const bool came = co_await hope.wait();
      told += came ? "came " : hope.absence() == net::Errc::timed_out ? "cannot " : "nothing ";
    });
    settle();
  }
  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  net::Worker worker{base::WorkerIndex(0), logger.get()};
  Coming coming;
  std::string told;
};

const base::StreamKey cam{"v", "live", "cam"}, other{"v", "live", "other"};

}  // namespace

TEST_CASE("all who wait for a playlist hear when it is there, or why it will not be", "[hls]") {
  Bench bench;
  bench.hope(cam);
  bench.hope(cam);
  bench.hope(other);
  CHECK(bench.coming.size() == 2);
  bench.coming.came(cam);
  bench.settle();
  CHECK(bench.told == "came came ");
  CHECK(bench.coming.size() == 1);
  bench.coming.cannot_come(other, net::Errc::timed_out);
  bench.settle();
  CHECK(bench.told == "came came cannot ");
  CHECK(bench.coming.size() == 0);
  bench.coming.came(cam);
  bench.coming.cannot_come(cam, net::Errc::timed_out);
}

TEST_CASE("a request that is stopped waits for nothing", "[hls]") {
  Bench bench;
  bench.hope(cam);
  bench.worker.stop_sessions(net::Errc::stopped, false);
  bench.settle();
  CHECK(bench.told == "nothing ");
  CHECK(bench.coming.size() == 0);
}

}  // namespace weir::test::coming_test
