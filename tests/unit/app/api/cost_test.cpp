#include <fmt/format.h>

#include "net/worker.h"
#include "support/catch.h"
#include "unit/app/api/server_in_a_box.h"

using namespace weir;
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

// Not run by default: `unit_app "[cost]"` prints what requests cost over 5,000 streams and 20,000 clients.
TEST_CASE("a page costs what it returns, not what exists", "[.][cost]") {
  ServerInABox few, many;
  for (int i = 0; i < 20; ++i) few.play(0, few.request("live", "s" + std::to_string(i % 5), "rtmp-play"));
  for (int i = 0; i < 5000; ++i) many.publish(0, many.request("live", "s" + std::to_string(i), "fmle-publish"));
  for (int i = 0; i < 15000; ++i) many.play(0, many.request("live", "s" + std::to_string(i % 5000), "rtmp-play"));
  for (const char* target :
       {"/api/v1/versions", "/api/v1/clients/", "/api/v1/clients/?start=10", "/api/v1/streams/", "/api/v1/summaries"}) {
    const double small = microseconds_each(few, target, 300), large = microseconds_each(many, target, 300);
    WARN(fmt::format("{}: {:.0f} us of CPU with 20 clients, {:.0f} us with 20,000", target, small, large));
    CHECK(large < 3 * small + 50);
  }
  for (const char* target : {"/api/v1/clients/?start=19000", "/api/v1/clients/?count=1000",
                             "/api/v1/streams/?start=4000", "/api/v1/streams/?count=1000", "/metrics"}) {
    WARN(fmt::format("{}: {:.0f} us of CPU", target, microseconds_each(many, target, 20)));
  }
}
