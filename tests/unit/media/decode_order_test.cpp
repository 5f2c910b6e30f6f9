#include "media/decode_order.h"

#include <vector>

#include "support/catch.h"

namespace weir::test::decode_order_test {

using media::DecodeOrder;

namespace {

constexpr base::Ticks ms(std::int64_t millis) { return base::Millis(millis); }

std::vector<std::int64_t> dts_of(DecodeOrder& order, const std::vector<std::int64_t>& shown) {
  std::vector<std::int64_t> out;
  for (const std::int64_t millis : shown) out.push_back(base::to_millis(order.dts(ms(millis))));
  return out;
}

}  // namespace

TEST_CASE("frames that are shown as they are decoded are decoded when they are shown", "[decode_order]") {
  DecodeOrder order;
  CHECK(dts_of(order, {0, 40, 80, 500, 540}) == std::vector<std::int64_t>{0, 40, 80, 500, 540});
}

TEST_CASE("pictures in another order are decoded no later than they are shown", "[decode_order]") {
  DecodeOrder order;
  order.set_reorder(1);
  CHECK(dts_of(order, {0, 80, 40, 160, 120, 240, 200}) == std::vector<std::int64_t>{-33, 0, 40, 80, 120, 160, 200});
  DecodeOrder pyramid;
  pyramid.set_reorder(2);
  CHECK(dts_of(pyramid, {0, 160, 80, 40, 120, 320, 240, 200, 280}) ==
        std::vector<std::int64_t>{-66, -33, 0, 40, 80, 120, 160, 200, 240});
}

TEST_CASE("a stream that reorders without a word is noticed, and its times still grow", "[decode_order]") {
  DecodeOrder order;
  base::Ticks last = ms(-1000);
  std::vector<std::int64_t> shown = {0};
  for (std::int64_t group = 0; group < 20; ++group) {
    for (const std::int64_t at : {120, 40, 80}) shown.push_back(group * 120 + at);
  }
  std::size_t late = 0;
  for (const std::int64_t at : shown) {
    const base::Ticks dts = order.dts(ms(at));
    CHECK(dts > last);
    late += dts > ms(at);
    last = dts;
  }
  CHECK(order.reorder() == DecodeOrder::unsaid_reorder);
  CHECK(late <= 3);
}

TEST_CASE("more than any level allows is not believed", "[decode_order]") {
  DecodeOrder order;
  order.set_reorder(1000);
  CHECK(order.reorder() == DecodeOrder::most_reorder);
}

}  // namespace weir::test::decode_order_test
