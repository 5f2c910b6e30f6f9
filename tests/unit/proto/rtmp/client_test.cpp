#include "proto/rtmp/client.h"

#include "support/catch.h"
#include "unit/proto/rtmp/talk.h"

namespace weir::test::client_test {

using rtmp::Client;
using rtmp::ClientOptions;
using rtmp::Errc;
using rtmp::MessageType;
using rtmp::Role;
using test::bytes;
using test::ByteVector;
using test::command;
using test::null;
using test::repeat;
using test::operator+;

namespace {

using Lines = std::vector<std::string>;

ClientOptions player() { return {.tc_url = "rtmp://h:1935/live", .stream = "s?k=v"}; }
ClientOptions publisher() { return {.role = Role::publish, .tc_url = "rtmp://h:1935/live", .stream = "s?k=v"}; }

std::string line_of(const rtmp::ClientEvent& event) {
  static constexpr const char* names[] = {"media",  "drained", "connected",  "publishing", "playing",
                                          "status", "refused", "redirected", "ended"};
  std::string line = names[event.index()];
  if (const auto* refused = std::get_if<rtmp::Refused>(&event)) line += " " + refused->code;
  if (const auto* status = std::get_if<rtmp::StatusReceived>(&event)) line += " " + status->code;
  if (const auto* redirected = std::get_if<rtmp::Redirected>(&event)) line += " " + redirected->url;
  return line;
}

struct ClientRun {
  explicit ClientRun(ClientOptions options) : client(std::move(options)) {}
  Client client;
  Lines events = {};
  base::Result<void> result = {};
  void feed(base::Bytes in) {
    if (!result) return;
    result = client.input(in);
    while (const auto event = client.poll()) events.push_back(line_of(*event));
  }
};

ByteVector status(std::string_view level, std::string_view code, std::string_view name = "onStatus",
                  double transaction = 0) {
  return command(3, 1, name, transaction, {null(), rtmp::status_object(level, code, "words")});
}
// As a server says it: S0, S1, S2 and the answers to connect and createStream.
ByteVector greeting() { return bytes("03") + repeat(1, 1536) + repeat(2, 1536); }
ByteVector connected() { return greeting() + status("status", "NetConnection.Connect.Success", "_result", 1); }
ByteVector created(double transaction, double stream = 1) {
  return command(3, 0, "_result", transaction, {null(), stream});
}

void check_every_way(const ClientOptions& options, const ByteVector& wire, const Lines& events) {
  test::feed_every_way(
      wire, [&] { return ClientRun(options); }, [](ClientRun& run, base::Bytes in) { run.feed(in); },
      [&](ClientRun& run) {
        INFO(run.client.diagnostic().sentence());
        CHECK(run.result);
        CHECK(run.events == events);
      });
}

}  // namespace

TEST_CASE("a player connects, creates its stream, plays, and hears the end", "[rtmp]") {
  check_every_way(
      player(),
      connected() + command(3, 0, "onBWDone", 0, {null()}) + created(2) +
          bytes("02 000000 000006 04 00000000 0000 00000001") + status("status", "NetStream.Play.Reset") +
          status("status", "NetStream.Play.Start") + test::message(MessageType::data, 5, 1, 0, bytes("020000")) +
          test::message(MessageType::video, 6, 1, 0, repeat(0x17, 200)) +
          status("status", "NetStream.Play.UnpublishNotify") + bytes("02 000000 000006 04 00000000 0001 00000001"),
      {"connected", "playing", "media", "media", "status NetStream.Play.UnpublishNotify", "ended"});
}

TEST_CASE("media before the server's word that it plays is taken for that word", "[rtmp]") {
  check_every_way(player(), connected() + created(2) + test::message(MessageType::video, 6, 1, 0, repeat(0x17, 20)),
                  {"connected", "playing", "media"});
}

TEST_CASE("a publisher goes through FMLE's commands; refusals of the first two do not matter", "[rtmp]") {
  check_every_way(publisher(),
                  connected() + command(3, 0, "_error", 2, {null(), null()}) +
                      command(3, 0, "_error", 3, {null(), null()}) + created(4) +
                      command(3, 0, "onFCPublish", 0, {null(), null()}) + status("status", "NetStream.Publish.Start"),
                  {"connected", "publishing"});
}

TEST_CASE("what a client is refused at each step", "[rtmp]") {
  check_every_way(player(), greeting() + status("error", "NetConnection.Connect.Rejected", "_error", 1),
                  {"refused NetConnection.Connect.Rejected"});
  check_every_way(player(), connected() + status("error", "NetConnection.Call.Failed", "_error", 2),
                  {"connected", "refused NetConnection.Call.Failed"});
  check_every_way(player(), connected() + created(2) + status("error", "NetStream.Play.StreamNotFound"),
                  {"connected", "refused NetStream.Play.StreamNotFound"});
  check_every_way(publisher(), connected() + created(4) + status("error", "NetStream.Publish.BadName") + connected(),
                  {"connected", "refused NetStream.Publish.BadName"});
  check_every_way(player(), greeting() + command(3, 0, "close", 0, {null()}), {"refused NetConnection.Connect.Closed"});
}

TEST_CASE("a client is sent elsewhere by connect or by play", "[rtmp]") {
  amf0::Value target = amf0::Value::object();
  target.set("code", 302.0).set("redirect", "rtmp://o/live").set("redirect2", "rtmp://o/live/s");
  amf0::Value object = rtmp::status_object("error", "NetConnection.Connect.Rejected", "RTMP 302 Redirect");
  object.set("ex", target);
  check_every_way(player(), greeting() + command(3, 0, "_error", 1, {null(), object}), {"redirected rtmp://o/live/s"});
  check_every_way(player(), connected() + created(2) + command(3, 1, "onStatus", 0, {null(), object}),
                  {"connected", "redirected rtmp://o/live/s"});
}

TEST_CASE("what a server may not answer", "[rtmp]") {
  const auto fails = [](const ByteVector& wire, Errc code) {
    ClientRun run(player());
    run.feed(wire);
    REQUIRE_FALSE(run.result);
    CHECK(run.result.error() == code);
    CHECK_FALSE(run.client.diagnostic().text.empty());
  };
  fails(bytes("48545450"), Errc::bad_version);
  fails(connected() + created(2, -1), Errc::bad_command);
  fails(connected() + created(2, 1e300), Errc::bad_command);
  fails(connected() + command(3, 0, "_result", 2, {null(), "x"}), Errc::bad_command);
  fails(connected() + bytes("02 000000 000002 05 00000000 0000"), Errc::bad_control_message);
  fails(connected() + bytes("02 000000 000001 04 00000000 00"), Errc::bad_control_message);
  fails(connected() + bytes("05 000000 ffffff 09 01000000"), Errc::message_too_long);
  fails(connected() + bytes("c9"), Errc::no_predecessor);
  fails(connected() + created(2) + test::message(MessageType::aggregate, 4, 1, 0, bytes("09 ffffff 000000 00 000000")),
        Errc::bad_aggregate);
}

TEST_CASE("a draining player counts media and reads metadata", "[rtmp]") {
  auto options = player();
  options.drain = true;
  ClientRun run(options);
  run.feed(connected() + created(2) + status("status", "NetStream.Play.Start") +
           test::message(MessageType::data, 5, 1, 0, bytes("020000")));
  CHECK(run.events == Lines{"connected", "playing", "media"});
  REQUIRE(run.client.input(test::message(MessageType::video, 6, 1, 40, bytes("1701000000") + repeat(7, 300))));
  const auto event = run.client.poll();
  REQUIRE(event);
  const auto& drained = std::get<rtmp::MediaDrained>(*event);
  CHECK(drained.type == MessageType::video);
  CHECK(drained.time_ms == 40);
  CHECK(drained.size_bytes == 305);
  CHECK(test::hex(base::Bytes(drained.head).first(6)) == "170100000007");
}

TEST_CASE("pings are answered and receipt is acknowledged", "[rtmp]") {
  ClientRun run(player());
  run.feed(connected());
  run.client.take_output();
  run.feed(bytes("02 000000 000006 04 00000000 0006 00000bb8"));
  CHECK(test::hex(run.client.take_output()) ==
        "0200000000000604"
        "00000000"
        "000700000bb8");
  run.feed(bytes("02 000000 000004 05 00000000 00000400"));
  CHECK(test::hex(run.client.take_output().bytes().first(12)) == "020000000000040300000000");
}

}  // namespace weir::test::client_test
