#include "proto/rtmp/server.h"
#include "support/catch.h"
#include "unit/proto/rtmp/talk.h"

namespace weir::test::server_bad_test {

using rtmp::Errc;
using rtmp::MessageType;
using test::bytes;
using test::ByteVector;
using test::client_handshake;
using test::command;
using test::connect_object;
using test::null;
using test::repeat;
using test::ServerRun;
using test::operator+;

namespace {

ByteVector connect() { return client_handshake() + command(3, 0, "connect", 1, {connect_object("rtmp://h/live")}); }
ByteVector publish() { return connect() + command(4, 1, "publish", 3, {null(), "s"}); }

// Fails with that code however it is cut, and the diagnostic says where.
void fails(const ByteVector& wire, Errc code) {
  test::feed_every_way(
      wire, [] { return ServerRun{}; }, test::feed_server,
      [&](ServerRun& run) {
        REQUIRE_FALSE(run.result);
        INFO(run.server.diagnostic().sentence());
        CHECK(run.result.error() == code);
        CHECK_FALSE(run.server.diagnostic().text.empty());
        CHECK(run.server.diagnostic().offset <= wire.size());
      });
}

}  // namespace

TEST_CASE("another protocol on the port", "[rtmp]") {
  fails(bytes("474554202f20485454502f312e31"), Errc::bad_version);  // "GET / HTTP/1.1"
  fails(bytes("1603010200"), Errc::bad_version);                    // TLS
  fails(bytes("06"), Errc::bad_version);                            // RTMPE
}

TEST_CASE("a handshake that stops gives nothing and holds little", "[rtmp]") {
  for (const std::size_t size : {0u, 1u, 1000u, 1536u, 1537u, 3000u, 3072u}) {
    ServerRun run;
    const auto all = client_handshake();
    run.feed(base::Bytes(all).first(size));
    CHECK(run.result);
    CHECK(run.events.empty());
    CHECK_FALSE(run.server.handshake_done());
  }
}

TEST_CASE("commands before connect", "[rtmp]") {
  fails(client_handshake() + command(3, 0, "createStream", 2, {null()}), Errc::not_connected);
  fails(client_handshake() + command(4, 1, "publish", 2, {null(), "s"}), Errc::not_connected);
}

TEST_CASE("connect without tcUrl is answered before the connection ends", "[rtmp]") {
  const auto wire = client_handshake() + command(3, 0, "connect", 1, {amf0::Value::object()});
  fails(wire, Errc::missing_tc_url);
  fails(client_handshake() + command(3, 0, "connect", 1, {}), Errc::missing_tc_url);
  ServerRun run;
  run.feed(wire);
  CHECK(run.replies == std::vector<std::string>{"_error 1 NetConnection.Connect.Rejected"});
}

TEST_CASE("nobody but a publisher may send a long message", "[rtmp]") {
  fails(client_handshake() + bytes("03 000000 010001 14 00000000"), Errc::message_too_long);
  fails(connect() + bytes("04 000000 010001 09 01000000"), Errc::message_too_long);
  ServerRun run;
  run.feed(publish() + bytes("04 000000 010001 09 01000000"));
  CHECK(run.result);
  fails(publish() + bytes("04 000000 800001 09 01000000"), Errc::message_too_long);
}

TEST_CASE("commands that are not AMF0, nested too deep or with lengths that lie", "[rtmp]") {
  const auto wrapped = [](const ByteVector& payload) {
    return connect() + test::message(MessageType::command, 3, 0, 0, payload);
  };
  fails(wrapped({}), Errc::bad_command);
  fails(wrapped(bytes("00 4000000000000000")), Errc::bad_command);  // a number for a name
  fails(wrapped(bytes("02 ffff 61")), Errc::bad_command);           // a name longer than the message
  fails(wrapped(bytes("020001 61 020001 62")), Errc::bad_command);  // a text for a transaction
  fails(wrapped(bytes("020001 61 00 0000000000000000 0a ffffffff")), Errc::bad_command);  // 2^32 elements
  ByteVector deep = bytes("020001 61 00 0000000000000000");
  for (int i = 0; i < 100; ++i) deep = deep + bytes("03 0001 61");
  fails(wrapped(deep), Errc::bad_command);
  fails(wrapped(bytes("020001 61 00 0000000000000000 7f")), Errc::bad_command);  // no such marker
}

TEST_CASE("control messages to a server that are too short", "[rtmp]") {
  fails(connect() + bytes("02 000000 000003 05 00000000 000000"), Errc::bad_control_message);
  fails(connect() + bytes("02 000000 000001 03 00000000 00"), Errc::bad_control_message);
  fails(connect() + bytes("02 000000 000001 04 00000000 00"), Errc::bad_control_message);
  fails(connect() + bytes("02 000000 000004 04 00000000 0006 0000"), Errc::bad_control_message);
  fails(connect() + bytes("02 000000 000008 04 00000000 0003 000000000000"), Errc::bad_control_message);
}

TEST_CASE("faults of the chunk layer come through with their place", "[rtmp]") {
  fails(connect() + bytes("c9 00"), Errc::no_predecessor);
  fails(publish() + bytes("02 000000 000004 01 00000000 00000000"), Errc::bad_chunk_size);
  ServerRun run;
  const auto good = connect();
  run.feed(good + bytes("c9 00"));
  CHECK(run.server.diagnostic().offset == good.size());
}

TEST_CASE("an aggregate whose parts are longer than it", "[rtmp]") {
  fails(publish() + test::message(MessageType::aggregate, 4, 1, 0, bytes("09 000003 000000 00 000000 1701")),
        Errc::bad_aggregate);
  fails(publish() + test::message(MessageType::aggregate, 4, 1, 0, bytes("09 0000")), Errc::bad_aggregate);
}

TEST_CASE("commands without end and without a stream", "[rtmp]") {
  ServerRun run;
  run.feed(connect());
  for (int i = 0; i < 1000 && run.result; ++i) run.feed(command(3, 0, "createStream", 2, {null()}));
  REQUIRE_FALSE(run.result);
  CHECK(run.result.error() == Errc::command_flood);
}

TEST_CASE("empty media and data are dropped", "[rtmp]") {
  ServerRun run;
  run.feed(publish());
  run.events.clear();
  run.feed(test::message(MessageType::audio, 4, 1, 0, {}) + test::message(MessageType::data, 4, 1, 0, {}) +
           test::message(MessageType::data_amf3, 4, 1, 0, bytes("00")));
  CHECK(run.result);
  CHECK(run.events.empty());
}

TEST_CASE("arguments of other types than are due do no harm", "[rtmp]") {
  ServerRun run;
  run.feed(connect() + command(3, 0, "releaseStream", 2, {null(), 5.0}) + command(3, 0, "pause", 0, {null(), "x"}) +
           command(3, 0, "deleteStream", 0, {null(), null()}) + command(4, 1, "publish", 3, {null(), 1.0, 2.0}));
  CHECK(run.result);
  CHECK(run.events.back() == "publish  live fmle");
  run.feed(command(4, 1, "publish", 3, {null(), amf0::Value::boolean(false)}));
  CHECK(run.events.back() == "unpublished");
  const std::string endless(10'000, 'n');
  run.feed(command(8, 1, "play", 3, {null(), std::string_view(endless)}));
  CHECK(run.result);
  CHECK(run.events.back().size() < 3000);
}

}  // namespace weir::test::server_bad_test
