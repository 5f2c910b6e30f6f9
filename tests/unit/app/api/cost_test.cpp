#include <fmt/format.h>

#include <algorithm>

#include "net/worker.h"
#include "support/catch.h"
#include "unit/app/api/server_in_a_box.h"

namespace weir::test::cost_test {

using test::ServerInABox;

namespace {

// CPU time on the first worker for one request of that kind.
double microseconds_each(ServerInABox& box, const std::string& target, int rounds) {
  const auto cpu = [&] { return box.on(0, [] { return net::thread_cpu_time(); }); };
  const auto before = cpu();
  for (int i = 0; i < rounds; ++i) REQUIRE(test::status_of(box.get(target)) == 200);
  return std::chrono::duration<double, std::micro>(cpu() - before).count() / rounds;
}

}  // namespace

// In CPU time of the worker, as a ratio, the best of five: what else the machine does does not count.
TEST_CASE("a page costs what it returns, not what exists", "[cost]") {
  ServerInABox few, many;
  const auto fill = [](ServerInABox& box, int streams, int players) {
    for (int i = 0; i < streams; ++i) box.publish(0, box.request("live", "s" + std::to_string(i), "fmle-publish"));
    for (int i = 0; i < players; ++i) box.play(0, box.request("live", "s" + std::to_string(i % streams), "rtmp-play"));
  };
  fill(few, 20, 20);
  fill(many, 5000, 15'000);
  for (const char* target :
       {"/api/v1/versions", "/api/v1/clients/", "/api/v1/clients/?start=10", "/api/v1/streams/", "/api/v1/summaries"}) {
    const double small = microseconds_each(few, target, 20);
    double large = microseconds_each(many, target, 20);
    for (int i = 0; i < 4 && large >= 3 * small + 50; ++i) large = std::min(large, microseconds_each(many, target, 20));
    INFO(fmt::format("{}: {:.0f} us of CPU with 40 clients, {:.0f} us with 20,000", target, small, large));
    CHECK(large < 3 * small + 50);
  }
}

}  // namespace weir::test::cost_test
