#include "base/durations.h"

#include "support/catch.h"

namespace weir::test::durations_test {

using namespace std::chrono_literals;
using base::Durations;

TEST_CASE("durations are counted by upper bounds that are inclusive", "[base]") {
  Durations all;
  for (const auto took : {0us, 100us, 101us, 30'000'000us, 30'000'001us}) all.note(took);
  all.note(-1s);
  CHECK(all.counts.front() == 3);
  CHECK(all.counts[1] == 1);
  CHECK(all.counts[Durations::bounds_us.size() - 1] == 1);
  CHECK(all.counts.back() == 1);
  CHECK(all.total() == 6);
  CHECK(all.sum_us == 60'000'202);

  base::SharedDurations shared;
  shared.note(101us);
  all += shared.read();
  CHECK(all.counts[1] == 2);
  CHECK(all.sum_us == 60'000'303);
}

}  // namespace weir::test::durations_test
