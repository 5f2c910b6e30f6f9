#include "session/hls/courier.h"

#include "session/hls/shelf.h"
#include "support/catch.h"

namespace weir::test::courier_test {

using namespace weir::session::hls;

namespace {

ItemRef item(const std::string& place) {
  auto made = std::make_shared<Item>();
  made->place = place;
  return made;
}

std::shared_ptr<Update> update(const std::string& place, std::uint64_t sequence, bool live = true) {
  auto listing = std::make_shared<Listing>();
  listing->place = place;
  listing->live = live;
  listing->progress.next_sequence = sequence;
  auto made = std::make_shared<Update>();
  made->place = place;
  made->listing = listing;
  return made;
}

// The way to a worker that takes nothing until it is told to.
struct Way {
  std::vector<Courier::Parcel> parcels;
  Courier courier{[this](Courier::Parcel parcel) { parcels.push_back(std::move(parcel)); }};
  Shelf shelf;

  void arrive() {
    const auto parcel = parcels.front();
    parcels.erase(parcels.begin());
    for (const auto& one : parcel) shelf.apply(*one);
    courier.arrived();
  }
};

}  // namespace

TEST_CASE("what is told while a parcel is under way goes with the next one, the newest listing of each",
          "[hls][courier]") {
  Way way;
  way.courier.send(update("a", 1));
  REQUIRE(way.parcels.size() == 1);
  for (std::uint64_t i = 2; i < 1000; ++i) {
    way.courier.send(update("a", i));
    way.courier.send(update("b", i));
  }
  CHECK(way.parcels.size() == 1);
  CHECK(way.courier.waiting() == 2);
  way.arrive();
  REQUIRE(way.parcels.size() == 1);
  CHECK(way.parcels[0].size() == 2);
  way.arrive();
  CHECK(way.parcels.empty());
  CHECK(way.shelf.listing("a")->progress.next_sequence == 999);
  CHECK(way.shelf.listing("b")->progress.next_sequence == 999);
  way.courier.send(update("a", 1000));
  CHECK(way.parcels.size() == 1);  // nothing is under way: at once
}

TEST_CASE("items that come and go while the other worker is held up are not kept for it", "[hls][courier]") {
  Way way;
  auto first = update("a", 1);
  first->added = {item("s0")};
  way.courier.send(first);
  for (std::uint64_t i = 1; i < 1000; ++i) {
    auto next = update("a", i + 1);
    next->added = {item("s" + std::to_string(i))};
    if (i >= 3) next->removed = {"s" + std::to_string(i - 3)};
    way.courier.send(next);
  }
  way.arrive();
  const Update& merged = *way.parcels.at(0).at(0);
  CHECK(merged.added.size() == 3);
  CHECK(merged.removed == std::vector<std::string>{"s0"});
  way.arrive();
  CHECK(way.shelf.item_count() == 3);
  CHECK(way.shelf.item("s999"));
}

TEST_CASE("the last words of a publication do not wait", "[hls][courier]") {
  Way way;
  way.courier.send(update("a", 1));
  way.courier.send(update("a", 2));
  way.courier.send(update("a", 3, false));
  REQUIRE(way.parcels.size() == 2);
  way.arrive();
  way.arrive();
  CHECK_FALSE(way.shelf.listing("a")->live);
  auto gone = std::make_shared<Update>();
  gone->place = "a";
  gone->gone = true;
  way.courier.send(update("a", 4));
  way.courier.send(gone);
  way.arrive();
  way.arrive();
  CHECK_FALSE(way.shelf.listing("a"));
  CHECK(way.parcels.empty());
}

}  // namespace weir::test::courier_test
