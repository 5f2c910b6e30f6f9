#include "net/names.h"

#include "net/worker_pool.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::names_test {

using namespace std::chrono_literals;
using net::Names;
using net::NameTable;

namespace {

const NameTable::Time start{1h};

NameTable::Addresses address(int last) { return {*net::udp_address("192.0.2." + std::to_string(last), 0)}; }

// As if the name server answered at once.
void know(NameTable& table, const std::string& host, NameTable::Addresses addresses, NameTable::Time now) {
  (void)table.find(host, now);
  REQUIRE(table.next(now) == host);
  table.settle(std::move(addresses), now);
}

}  // namespace

TEST_CASE("a name is looked up once, and its answer is kept for a while", "[net][names]") {
  NameTable table;
  CHECK_FALSE(table.next(start));
  CHECK_FALSE(table.find("a", start));
  CHECK(table.next(start) == "a");
  CHECK_FALSE(table.find("a", start));
  CHECK_FALSE(table.next(start + 1h));  // it is under way
  table.settle(address(1), start + 1s);
  REQUIRE(table.find("a", start + 1s));
  CHECK(*table.find("a", start + 60s) == address(1));
  CHECK_FALSE(table.next(start + 60s));
  CHECK(*table.find("a", start + 61s) == address(1));  // meanwhile the old one
  CHECK(table.next(start + 61s) == "a");
  table.settle(address(2), start + 62s);
  CHECK(*table.find("a", start + 62s) == address(2));
}

TEST_CASE("that a name has no address is kept, too", "[net][names]") {
  NameTable table;
  know(table, "none", {}, start);
  REQUIRE(table.find("none", start + 59s));
  CHECK(table.find("none", start + 59s)->empty());
  CHECK_FALSE(table.next(start + 59s));
  CHECK_FALSE(table.find("none", start + 60s));
  CHECK(table.next(start + 60s) == "none");
}

TEST_CASE("what was known is told until a name server answers again, for an hour", "[net][names]") {
  NameTable table;
  know(table, "a", address(1), start);
  (void)table.find("a", start + 61s);
  CHECK(table.next(start + 61s) == "a");
  table.settle({}, start + 66s);
  CHECK(*table.find("a", start + 66s) == address(1));
  CHECK_FALSE(table.next(start + 66s));
  CHECK(*table.find("a", start + 3599s) == address(1));
  CHECK_FALSE(table.find("a", start + 3600s));
}

TEST_CASE("one name is looked up at a time, and not many a second", "[net][names]") {
  NameTable table;
  (void)table.find("slow", start);
  CHECK(table.next(start) == "slow");
  CHECK_FALSE(table.find("other", start));
  CHECK_FALSE(table.next(start + 10s));
  table.settle({}, start + 10s);
  CHECK_FALSE(table.find("other", start + 10s));
  CHECK(table.next(start + 10s) == "other");
  table.settle({}, start + 10s);
  (void)table.find("third", start + 10s);
  CHECK_FALSE(table.next(start + 10s));
  CHECK(table.next(start + 10s + NameTable::between) == "third");
}

TEST_CASE("few names are kept, and made-up ones push out no good one", "[net][names]") {
  NameTable table;
  auto now = start;
  know(table, "good", address(1), now);
  for (int i = 0; i < 100; ++i) {
    now += NameTable::between;
    know(table, "made-up-" + std::to_string(i), {}, now);
  }
  REQUIRE(table.find("good", now));
  CHECK(*table.find("good", now) == address(1));
  (void)table.find("made-up-0", now);
  CHECK(table.next(now + NameTable::between) == "made-up-0");  // it was forgotten
}

TEST_CASE("of names with addresses those that are asked for stay", "[net][names]") {
  NameTable table;
  auto now = start;
  know(table, "good", address(1), now);
  for (int i = 0; i < 100; ++i) {
    now += NameTable::between;
    know(table, "other-" + std::to_string(i), address(2), now);
    REQUIRE(table.find("good", now));
  }
}

TEST_CASE("who asks for a name waits for a while, and a look-up that hangs holds nobody longer", "[net][names]") {
  const auto logger = log::Logger::make_silent();
  net::WorkerPool pool(1, logger.get());
  net::Worker& worker = pool[0];
  std::vector<std::string> asked;
  Names::Answer answer;
  std::unique_ptr<Names> names;
  std::atomic<int> done{0}, numeric{0}, hung{0}, told{0};
  pool.start();
  worker.post([&] {
    names = std::make_unique<Names>(worker, [&](const std::string& host, Names::Answer then) {
      asked.push_back(host);
      answer = std::move(then);
    });
    worker.spawn("numeric", [&](net::Life&) -> net::Task<void> {
      numeric = static_cast<int>((co_await names->find("192.0.2.7", 20s)).size());
      ++done;
    });
    worker.spawn("told", [&](net::Life&) -> net::Task<void> {
      told = static_cast<int>((co_await names->find("slow", 60s)).size());
      ++done;
    });
    worker.spawn("hung", [&](net::Life&) -> net::Task<void> {
      hung = 1 + static_cast<int>((co_await names->find("other", 1ms)).size());
      ++done;
    });
  });
  CHECK(test::soon([&] { return numeric == 1 && hung == 1; }));
  worker.post([&] { answer(address(1)); });
  CHECK(test::soon([&] { return done == 3; }));
  CHECK(told == 1);
  std::atomic<bool> ended{false};
  worker.post([&] {
    CHECK(asked == std::vector<std::string>{"slow"});
    CHECK(names->given_up() == 1);
    names = nullptr;
    answer({});  // a late one
    ended = true;
  });
  CHECK(test::soon([&] { return ended.load(); }));
  pool.stop();
}

TEST_CASE("the system knows localhost, and its answer may come too late for everybody", "[net][names]") {
  const auto logger = log::Logger::make_silent();
  net::WorkerPool pool(1, logger.get());
  net::Worker& worker = pool[0];
  std::unique_ptr<Names> names, left;
  std::atomic<int> found{0};
  std::atomic<bool> gone{false};
  pool.start();
  worker.post([&] {
    names = std::make_unique<Names>(worker);
    left = std::make_unique<Names>(worker);
    worker.spawn("one", [&](net::Life&) -> net::Task<void> {
      found = static_cast<int>((co_await names->find("localhost", 60s)).size());
    });
    worker.spawn("two", [&](net::Life&) -> net::Task<void> {
      (void)co_await left->find("localhost", 0ms);
      left = nullptr;
      gone = true;
    });
  });
  CHECK(test::soon([&] { return found > 0 && gone; }));
  worker.post([&] { names = nullptr; });
  pool.stop();
}

}  // namespace weir::test::names_test
