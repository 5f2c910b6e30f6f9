#include "format/hls/reload.h"

#include <limits>

#include "support/catch.h"

namespace weir::test::reload_test {

using namespace weir::hls;

TEST_CASE("the query of a reload is read", "[hls]") {
  const auto all = parse_reload("token=1&_HLS_msn=17&_HLS_part=3&_HLS_skip=YES");
  REQUIRE(all);
  CHECK(all->sequence == 17);
  CHECK(all->part == 3);
  CHECK(all->skip);
  CHECK_FALSE(all->skip_ranges);
  CHECK(parse_reload("_HLS_skip=v2")->skip);
  CHECK(parse_reload("_HLS_skip=v2")->skip_ranges);
  CHECK_FALSE(parse_reload("")->sequence);
  for (const char* bad : {"_HLS_part=1", "_HLS_msn=", "_HLS_msn=-1", "_HLS_msn=1x", "_HLS_msn=99999999999999999999999",
                          "_HLS_msn=1&_HLS_part=x", "_HLS_skip=NO"}) {
    INFO(bad);
    CHECK_FALSE(parse_reload(bad));
  }
}

TEST_CASE("a reload is answered, waits, or is refused as 6.2.5.2 says", "[hls]") {
  // segment 20 is open with two parts of 500 ms; 19 had eight
  const Progress progress{.next_sequence = 20, .open_parts = 2, .last_parts = 8, .part_target = base::Millis(500)};
  const auto answer = [&](const char* query) { return answer_to(*parse_reload(query), progress); };
  CHECK(answer("") == Answer::now);
  CHECK(answer("_HLS_msn=19") == Answer::now);
  CHECK(answer("_HLS_msn=20") == Answer::wait);
  CHECK(answer("_HLS_msn=21") == Answer::wait);
  CHECK(answer("_HLS_msn=22") == Answer::bad_request);
  CHECK(answer("_HLS_msn=18446744073709551615") == Answer::bad_request);
  CHECK(answer("_HLS_msn=20&_HLS_part=1") == Answer::now);
  CHECK(answer("_HLS_msn=20&_HLS_part=2") == Answer::wait);
  CHECK(answer("_HLS_msn=20&_HLS_part=7") == Answer::wait);  // within six parts: three seconds
  CHECK(answer("_HLS_msn=20&_HLS_part=8") == Answer::bad_request);
  CHECK(answer("_HLS_msn=19&_HLS_part=7") == Answer::now);
  CHECK(answer("_HLS_msn=19&_HLS_part=8") == Answer::now);  // the first part of 20, which is there
  const Progress none{.next_sequence = 20, .open_parts = 0, .last_parts = 8, .part_target = base::Millis(500)};
  CHECK(answer_to(*parse_reload("_HLS_msn=19&_HLS_part=8"), none) == Answer::wait);
  const Progress ended{.next_sequence = 20, .ended = true};
  CHECK(answer_to(*parse_reload("_HLS_msn=99"), ended) == Answer::now);
  const Progress last{.next_sequence = std::numeric_limits<std::uint64_t>::max()};
  CHECK(answer_to(*parse_reload("_HLS_msn=5"), last) == Answer::now);
  const Progress long_parts{.next_sequence = 5, .part_target = base::Millis(1000)};
  CHECK(answer_to(*parse_reload("_HLS_msn=5&_HLS_part=2"), long_parts) == Answer::wait);
  CHECK(answer_to(*parse_reload("_HLS_msn=5&_HLS_part=3"), long_parts) == Answer::bad_request);
}

}  // namespace weir::test::reload_test
