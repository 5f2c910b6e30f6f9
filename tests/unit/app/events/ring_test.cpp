#include "app/events/ring.h"

#include "app/events/listener.h"
#include "support/catch.h"

namespace weir::test::ring_test {

using events::event_text;
using events::Figures;
using events::Listener;
using events::Ring;

namespace {

base::SharedBytes text_of(std::size_t size) { return base::SharedBytes::copy_of(base::Buffer(size).bytes()); }

struct Seat {
  boost::asio::io_context io;
  Figures figures;
  std::atomic<std::uint32_t> of_worker{0};
  std::shared_ptr<Listener> listener;
  Seat() { listener = std::make_shared<Listener>(io, figures, of_worker); }
};

}  // namespace

TEST_CASE("the text of an event: id, name, data, and an empty line", "[events]") {
  CHECK(base::as_text(event_text("a-1", "publish", "{}")) == "id: a-1\nevent: publish\ndata: {}\n\n");
  CHECK(base::as_text(event_text("", "stats", "{\"a\":1}")) == "event: stats\ndata: {\"a\":1}\n\n");
}

TEST_CASE("who comes back gets what is kept, and hears how many are not", "[events]") {
  Ring ring;
  CHECK(ring.next() == 1);
  CHECK(ring.after(0).events.empty());
  for (int i = 1; i <= 600; ++i) ring.add(event_text("", "x", std::to_string(i)));
  CHECK(ring.next() == 601);
  const Ring::Missed few = ring.after(598);
  CHECK(few.lost == 0);
  REQUIRE(few.events.size() == 2);
  CHECK(base::as_text(few.events[0]) == "event: x\ndata: 599\n\n");
  CHECK(ring.after(600).events.empty());
  CHECK(ring.after(9999).events.empty());
  const Ring::Missed all = ring.after(0);
  CHECK(all.lost == 600 - Ring::most_events);
  CHECK(all.events.size() == Ring::most_events);
}

TEST_CASE("what is kept is bounded in bytes too", "[events]") {
  Ring ring;
  for (int i = 0; i < 100; ++i) ring.add(text_of(Ring::most_bytes / 10));
  CHECK(ring.after(0).events.size() == 10);
  CHECK(ring.after(0).lost == 90);
}

TEST_CASE("a listener that does not read is cut off, once, and counted", "[events]") {
  Seat seat;
  CHECK(seat.of_worker == 1);
  int cuts = 0;
  seat.listener->on_overflow = [&] { ++cuts; };
  for (std::size_t i = 0; i < Listener::most_events; ++i) REQUIRE(seat.listener->push(text_of(10)));
  CHECK_FALSE(seat.listener->overflowed());
  CHECK_FALSE(seat.listener->push(text_of(10)));
  CHECK_FALSE(seat.listener->push(text_of(10)));
  CHECK(seat.listener->overflowed());
  CHECK(seat.listener->waiting() == 0);  // nothing is held for it any longer
  CHECK(cuts == 1);
  CHECK(seat.figures.slow == 1);
  seat.listener.reset();
  CHECK(seat.of_worker == 0);
  CHECK(seat.figures.listeners == 0);
}

TEST_CASE("a listener holds no more than half a megabyte", "[events]") {
  Seat seat;
  for (int i = 0; i < 8; ++i) REQUIRE(seat.listener->push(text_of(Listener::most_bytes / 8)));
  CHECK(seat.listener->take().size() == 8);
  for (int i = 0; i < 8; ++i) REQUIRE(seat.listener->push(text_of(Listener::most_bytes / 8)));
  CHECK_FALSE(seat.listener->push(text_of(1)));
}

TEST_CASE("a listener may be gone when it has been cut off", "[events]") {
  Seat seat;
  seat.listener->on_overflow = [&] { seat.listener->on_overflow = nullptr; };
  const auto held = seat.listener;
  for (std::size_t i = 0; i < Listener::most_events; ++i) REQUIRE(held->push(text_of(1)));
  CHECK_FALSE(held->push(text_of(1)));
}

}  // namespace weir::test::ring_test
