#include "session/webrtc/tcp_link.h"

#include "support/bytes.h"
#include "support/catch.h"
#include "support/memory_stream.h"

namespace weir::test::tcp_link_test {

using session::webrtc::TcpLink;
using test::bytes;

namespace {

std::string taken(const test::MemoryStream& stream) { return test::hex(base::as_bytes(stream.taken)); }

}  // namespace

TEST_CASE("packets leave behind their lengths, the last one shorter", "[webrtc]") {
  test::MemoryStream stream;
  TcpLink link(stream, {});
  link.send(bytes("010203 040506 07"), 3);
  CHECK(taken(stream) ==
        "0003010203"
        "0003040506"
        "000107");
  CHECK(stream.writes == 1);
  CHECK(link.sent() == 3);
}

TEST_CASE("what the peer does not take at once waits in order", "[webrtc]") {
  test::MemoryStream stream;
  stream.room = 3;
  TcpLink link(stream, {});
  link.send(bytes("010203"), 3);
  REQUIRE(stream.waited_for());
  link.send(bytes("0405"), 2);
  CHECK(taken(stream) == "000301");
  stream.give_room(SIZE_MAX);
  CHECK(taken(stream) ==
        "0003010203"
        "00020405");
  CHECK_FALSE(stream.waited_for());
  link.send(bytes("06"), 1);
  CHECK(taken(stream).ends_with("000106"));
}

TEST_CASE("a peer that takes nothing loses packets, and no memory grows", "[webrtc]") {
  test::MemoryStream stream;
  stream.room = 0;
  TcpLink link(stream, {});
  const test::ByteVector packet(1200, 7);
  for (int i = 0; i < 1000; ++i) link.send(packet, packet.size());
  CHECK(link.sent() <= TcpLink::most_queued / 1200);
  CHECK(link.sent() + link.drops() == 1000);
  stream.give_room(SIZE_MAX);
  CHECK(stream.taken.size() == link.sent() * 1202);  // whole packets alone
  link.send(packet, packet.size());
  CHECK(stream.taken.size() == link.sent() * 1202);
}

TEST_CASE("a connection that fails says so and takes nothing more", "[webrtc]") {
  test::MemoryStream stream;
  TcpLink link(stream, {});
  stream.broken = make_error_code(boost::system::errc::connection_reset);
  link.send(bytes("01"), 1);
  CHECK(link.failed());
  stream.broken = {};
  link.send(bytes("02"), 1);
  CHECK(stream.taken.empty());
}

}  // namespace weir::test::tcp_link_test
