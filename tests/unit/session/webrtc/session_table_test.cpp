#include "session/webrtc/session_table.h"

#include "session/webrtc/error.h"
#include "session/webrtc/send_batch.h"
#include "support/catch.h"

namespace weir::test::session_table_test {

using session::webrtc::Errc;
using session::webrtc::SendBatch;
using session::webrtc::SessionTable;

TEST_CASE("a session is found by its user fragment and its secret until it goes", "[webrtc]") {
  SessionTable table;
  const SessionTable::Place place{base::WorkerIndex{1}, table.next_number()};
  {
    auto entry = table.enter("ufrag", "secret", place);
    REQUIRE(entry.has_value());
    CHECK(table.by_ufrag("ufrag")->number == place.number);
    CHECK(table.by_secret("secret")->worker == base::WorkerIndex{1});
    CHECK_FALSE(table.by_ufrag("other").has_value());
    CHECK(table.enter("ufrag", "another", place).error() == Errc::ufrag_taken);
    auto restarted = table.enter("second", "", place);
    REQUIRE(restarted.has_value());
    CHECK_FALSE(table.by_secret("").has_value());
    CHECK(table.size() == 2);
  }
  CHECK(table.size() == 0);
  CHECK_FALSE(table.by_secret("secret").has_value());
}

TEST_CASE("offers that no peer has come for yet are bounded, of one address and of all", "[webrtc]") {
  SessionTable table({.pending = 5, .pending_of_address = 3, .sessions = 1});
  std::vector<SessionTable::Pending> held;
  for (int i = 0; i < 3; ++i) held.push_back(table.wait("192.0.2.1").value());
  CHECK(table.wait("192.0.2.1").error() == Errc::too_many);
  held.push_back(table.wait("2001:db8::1").value());
  held.push_back(table.wait("2001:db8::2").value());
  CHECK(table.wait("198.51.100.1").error() == Errc::too_many);
  held.front().release();
  held.front().release();  // once is enough
  CHECK(table.pending() == 4);
  CHECK(table.wait("192.0.2.1").has_value());
  held.clear();
  CHECK(table.pending() == 0);

  auto only = table.enter("a", "b", {});
  CHECK(table.enter("c", "d", {}).error() == Errc::too_many);
}

TEST_CASE("packets of one turn leave in runs of equal size, the last of which may be shorter", "[webrtc]") {
  struct Owner final : SendBatch::Owner {
    void leave(base::Bytes packets, std::size_t segment) override { runs.emplace_back(packets.size(), segment); }
    std::vector<std::pair<std::size_t, std::size_t>> runs;
  };
  SendBatch batch;
  Owner one, two;
  for (const std::size_t size : {1000U, 1000U, 300U, 300U, 1000U}) {
    batch.room(one, size);
    batch.put(size);
  }
  CHECK(one.runs.empty());
  batch.room(two, 10);  // another's turn: what stands there goes first
  using Runs = std::vector<std::pair<std::size_t, std::size_t>>;
  CHECK(one.runs == Runs{{2300, 1000}, {300, 300}, {1000, 1000}});
  batch.put(10);
  batch.forget(two);
  batch.flush();
  CHECK(two.runs.empty());

  one.runs.clear();
  for (int i = 0; i < 100; ++i) {
    batch.room(one, 1200);
    batch.put(1200);
  }
  batch.flush();
  std::size_t sum = 0;
  for (const auto& [size, segment] : one.runs) sum += size;
  CHECK(sum == 120'000);
}

}  // namespace weir::test::session_table_test
