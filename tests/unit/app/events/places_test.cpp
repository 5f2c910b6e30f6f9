#include "app/events/places.h"

#include <vector>

#include "support/catch.h"

namespace weir::test::places_test {

using events::Places;

namespace {

struct Room {
  Places places;
  std::vector<std::string> told;  // who was told to go
  bool displaced = false;

  std::unique_ptr<Places::Place> take(const std::string& address, std::uint32_t all = 4, std::uint32_t of_address = 4) {
    return places.take(address, {all, of_address}, [this, address] { told.push_back(address); }, displaced);
  }
};

}  // namespace

TEST_CASE("one address never takes all places", "[events]") {
  Room room;
  std::vector<std::unique_ptr<Places::Place>> flood;
  for (int i = 0; i < 4; ++i) flood.push_back(room.take("flood"));
  CHECK(room.take("flood") == nullptr);
  auto console = room.take("operator");
  REQUIRE(console);
  CHECK(room.displaced);
  CHECK(room.told == std::vector<std::string>{"flood"});
  CHECK(room.places.taken() == 4);
  CHECK(room.take("flood") == nullptr);  // three of its own beside one of another is enough
  CHECK(room.take("third") != nullptr);
  CHECK(room.told.size() == 2);
  flood.erase(flood.begin());       // it had been told to go: its place is another's
  CHECK(room.places.taken() == 3);  // the third has left
  flood.clear();
  CHECK(room.places.taken() == 1);
}

TEST_CASE("an address has its share, and every address one place as long as there are any", "[events]") {
  Room room;
  auto first = room.take("a", 4, 2), second = room.take("a", 4, 2);
  CHECK(first);
  CHECK(second);
  CHECK(room.take("a", 4, 2) == nullptr);
  std::vector<std::unique_ptr<Places::Place>> others;
  for (const char* address : {"b", "c", "d"}) others.push_back(room.take(address));
  CHECK(room.told == std::vector<std::string>{"a"});
  for (const auto& one : others) CHECK(one);
  CHECK(room.take("e") == nullptr);  // each has one
  others.clear();
  CHECK(room.take("a", 1, 1) == nullptr);
  CHECK(room.take("z", 0, 1) == nullptr);
  first.reset();
  second.reset();
  CHECK(room.places.taken() == 0);
}

TEST_CASE("a limit that was lowered lets nobody in, and tells nobody to go", "[events]") {
  Room room;
  std::vector<std::unique_ptr<Places::Place>> many;
  for (int i = 0; i < 4; ++i) many.push_back(room.take("a"));
  CHECK(room.take("b", 2, 2) == nullptr);
  CHECK(room.told.empty());
  many.resize(1);
  CHECK(room.take("b", 2, 2));
}

}  // namespace weir::test::places_test
