#include "hub/registry.h"

#include "base/random.h"
#include "hub/error.h"
#include "support/catch.h"
#include "support/memory_stream.h"

namespace weir::test::registry_test {

using hub::Record;
using hub::Registry;

namespace {

struct Session final : net::Kickable {
  void kick(base::ErrorCode why) override { reason = why; }
  base::ErrorCode kick_reason() const override { return reason; }
  base::ErrorCode reason;
};

}  // namespace

TEST_CASE("no two sessions have one id: the second is refused, the first stays", "[hub]") {
  Registry registry;
  const auto id = base::random_session_id();
  {
    const auto first = registry.enter({.id = id, .publishing = true});
    REQUIRE(first.has_value());
    const auto second = registry.enter({.id = id});
    CHECK(second.error() == hub::Errc::id_taken);
    REQUIRE(registry.find(id));
    CHECK(registry.find(id)->publishing);
    CHECK(registry.entered() == 1);
  }
  CHECK(registry.find(id) == nullptr);
  CHECK(registry.enter({.id = id}).has_value());
}

TEST_CASE("a session without a connection counts for itself, and can be kicked", "[hub]") {
  Registry registry;
  Session session;
  const auto id = base::random_session_id();
  auto ticket = *registry.enter({.id = id, .session = &session});
  ticket.record().counted.sent_bytes += 700;
  CHECK(registry.find(id)->sent_bytes() == 700);
  CHECK(registry.kick(id, net::Errc::stalled));
  CHECK(ticket.record().kick_reason() == net::Errc::stalled);
  CHECK_FALSE(registry.kick(base::random_session_id(), net::Errc::stalled));
}

TEST_CASE("of a session with a connection the connection's bytes are listed", "[hub]") {
  Registry registry;
  test::MemoryStream stream;
  auto ticket = *registry.enter({.id = base::random_session_id(), .link = &stream});
  const iovec part{const_cast<char*>("12345"), 5};
  REQUIRE(stream.try_write({&part, 1}).has_value());
  CHECK(ticket.record().sent_bytes() == 5);
}

}  // namespace weir::test::registry_test
