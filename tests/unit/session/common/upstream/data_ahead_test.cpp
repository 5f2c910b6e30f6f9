#include "session/common/upstream/data_ahead.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::data_ahead_test {

using flv::TagType;
using session::upstream::DataAhead;

namespace {

base::SharedBytes body(std::size_t size) { return base::SharedBytes::copy_of(test::repeat(7, size)); }

}  // namespace

TEST_CASE("data before the first sound or picture waits for it", "[upstream]") {
  DataAhead ahead;
  CHECK(ahead.keep(TagType::script, base::Millis(0), body(10)));
  CHECK_FALSE(ahead.keep(TagType::audio, base::Millis(1), body(10)));
  CHECK_FALSE(ahead.keep(TagType::video, base::Millis(1), body(10)));
  CHECK(ahead.keep(TagType::script, base::Millis(2), body(20)));
  const auto kept = ahead.take();
  REQUIRE(kept.size() == 2);
  CHECK(kept[1].body.size() == 20);
  CHECK(kept[1].time == base::Millis(2));
  CHECK(ahead.take().empty());
}

TEST_CASE("a server that sends nothing but data fills no memory", "[upstream]") {
  DataAhead many, big;
  for (int i = 0; i < 1000; ++i) {
    CHECK(many.keep(TagType::script, base::Millis(i), body(1)));
    CHECK(big.keep(TagType::script, base::Millis(i), body(40'000)));
  }
  CHECK(many.take().size() == DataAhead::most);
  CHECK(big.take().size() == 1);
}

}  // namespace weir::test::data_ahead_test
