#include "proto/rtp/nack_list.h"
#include "proto/rtp/reorder.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::loss_test {

using namespace std::chrono_literals;

namespace {

const base::Instant start{1h};

base::SharedBytes datagram(std::uint16_t sequence) {
  test::ByteVector out(13);
  rtp::write_head(out, {false, false, 96, sequence, 0, 1});
  return base::SharedBytes::copy_of(out);
}

void feed(rtp::Reorder& reorder, std::uint16_t sequence, base::Instant now) {
  const auto bytes = datagram(sequence);
  reorder.input(*rtp::parse(bytes), bytes, now);
}

std::vector<int> drain(rtp::Reorder& reorder, base::Instant now, std::chrono::milliseconds wait) {
  std::vector<int> out;
  while (const auto next = reorder.next(now, wait)) {
    out.push_back(next->after_gap ? -int{next->packet.sequence} : int{next->packet.sequence});
  }
  return out;
}

}  // namespace

TEST_CASE("packets come out in order, and a gap is waited for and no longer", "[rtp]") {
  rtp::Reorder reorder;
  feed(reorder, 65535, start);
  feed(reorder, 1, start);
  CHECK(drain(reorder, start, 60ms) == std::vector<int>{65535});
  CHECK(reorder.deadline(60ms) == start + 60ms);
  feed(reorder, 0, start + 10ms);
  CHECK(drain(reorder, start + 10ms, 60ms) == std::vector<int>{0, 1});
  CHECK_FALSE(reorder.deadline(60ms).has_value());
  feed(reorder, 4, start + 20ms);
  CHECK(drain(reorder, start + 70ms, 60ms).empty());
  CHECK(drain(reorder, start + 80ms, 60ms) == std::vector<int>{-4});
  CHECK(reorder.lost() == 2);
  feed(reorder, 3, start + 90ms);
  feed(reorder, 5, start + 90ms);
  feed(reorder, 5, start + 90ms);
  CHECK(drain(reorder, start + 90ms, 60ms) == std::vector<int>{5});
  CHECK(reorder.late() == 1);
  CHECK(reorder.duplicates() == 1);
}

TEST_CASE("what waits behind a gap is bounded", "[rtp]") {
  rtp::Reorder reorder;
  feed(reorder, 0, start);
  CHECK(drain(reorder, start, 10s).size() == 1);
  for (std::uint16_t i = 2; i < 2 + rtp::Reorder::most_held + 1; ++i) feed(reorder, i, start);
  CHECK(drain(reorder, start, 10s).size() == rtp::Reorder::most_held + 1);
}

TEST_CASE("a missing packet is asked for, again after the round trip, and given up", "[rtp]") {
  rtp::NackList list;
  list.note(10, start);
  list.note(12, start);
  CHECK(list.due(start, 50ms).empty());  // it may only be late
  CHECK(list.due(start + 10ms, 50ms) == std::vector<std::uint16_t>{11});
  CHECK(list.due(start + 40ms, 50ms).empty());
  CHECK(list.due(start + 60ms, 50ms) == std::vector<std::uint16_t>{11});
  CHECK(list.due(start + 130ms, 50ms).empty());
  CHECK(list.due(start + 135ms, 50ms) == std::vector<std::uint16_t>{11});
  list.note(11, start + 140ms);
  CHECK(list.missing() == 0);
  CHECK(list.recovered() == 1);
  CHECK_FALSE(list.take_lost());

  list.note(14, start + 200ms);
  list.note(15, start + 200ms);  // two later ones: it is lost, not late
  CHECK(list.due(start + 200ms, 50ms) == std::vector<std::uint16_t>{13});
  for (auto now = start + 200ms; now < start + 2s; now += 10ms) (void)list.due(now, 50ms);
  CHECK(list.missing() == 0);
  CHECK(list.take_lost());
  CHECK_FALSE(list.take_lost());
}

TEST_CASE("a jump of the numbers asks for a key frame and not for thousands of packets", "[rtp]") {
  rtp::NackList list;
  list.note(0, start);
  CHECK(list.note(5000, start));
  CHECK(list.missing() == 0);
  CHECK(list.take_lost());
}

}  // namespace weir::test::loss_test
