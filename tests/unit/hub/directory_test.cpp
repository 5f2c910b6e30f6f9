#include "hub/directory.h"

#include "base/random.h"
#include "support/catch.h"

namespace weir::test::directory_test {

using namespace std::chrono_literals;
using base::WorkerIndex;
using hub::Directory;

namespace {

const base::StreamKey key{"__defaultVhost__", "live", "cam"};
constexpr hub::Want want{WorkerIndex{1}, hub::FormatId{3}};

}  // namespace

TEST_CASE("the worker of the first publisher is the home, and stays so for the next", "[hub]") {
  Directory directory;
  const auto first = base::random_session_id(), second = base::random_session_id();
  CHECK(directory.claim(key, WorkerIndex{1}, first)->home == WorkerIndex{1});
  CHECK(directory.claim(key, WorkerIndex{0}, second).error() == hub::Errc::busy);
  directory.release(key, first);
  CHECK(directory.live(key));
  CHECK(directory.claim(key, WorkerIndex{0}, second)->home == WorkerIndex{1});
  CHECK(directory.owner(key)->worker == WorkerIndex{0});
  CHECK(directory.want(key, want) == WorkerIndex{1});
}

TEST_CASE("a home may not forget a stream that a publisher is on its way to", "[hub]") {
  Directory directory;
  const auto first = base::random_session_id(), second = base::random_session_id();
  (void)directory.claim(key, WorkerIndex{1}, first);
  directory.release(key, first);
  REQUIRE(directory.claim(key, WorkerIndex{0}, second).has_value());
  directory.over(key);
  CHECK(directory.live(key));
  CHECK_FALSE(directory.retire(key, 4s));
  directory.release(key, second);
  CHECK(directory.retire(key, 4s));
  CHECK(directory.size() == 0);
}

TEST_CASE("readers who stay are remembered, and where the stream ended", "[hub]") {
  Directory directory;
  const auto first = base::random_session_id();
  CHECK_FALSE(directory.want(key, want));
  CHECK(directory.claim(key, WorkerIndex{0}, first)->resume_at == base::Ticks{});
  CHECK(directory.wants(key) == std::vector{want});
  directory.release(key, first);
  directory.over(key);
  CHECK_FALSE(directory.live(key));
  CHECK(directory.home(key) == WorkerIndex{0});
  CHECK(directory.retire(key, 4s));
  CHECK_FALSE(directory.home(key));
  CHECK(directory.claim(key, WorkerIndex{1}, first)->resume_at == 4s);
  directory.release(key, first);
  CHECK(directory.unwant(key, want).home == WorkerIndex{1});
  CHECK(directory.retire(key, 5s));
  CHECK(directory.size() == 0);
}

TEST_CASE("where inputs may stand by there are few of them", "[hub]") {
  Directory directory;
  std::size_t left = Directory::most_inputs;
  for (const std::size_t most : {Directory::most_publishers, Directory::most_inputs}) {
    while (directory.claim(key, WorkerIndex{0}, base::random_session_id(), most).has_value()) --left;
    CHECK(directory.claim(key, WorkerIndex{0}, base::random_session_id(), most).error() == hub::Errc::busy);
  }
  CHECK(left == 0);
}

}  // namespace weir::test::directory_test
