#include "proto/rtmp/server.h"

#include "proto/rtmp/chunk_writer.h"
#include "support/catch.h"
#include "unit/proto/rtmp/talk.h"

namespace weir::test::server_test {

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

using Lines = std::vector<std::string>;

ByteVector connect() { return client_handshake() + command(3, 0, "connect", 1, {connect_object("rtmp://h/live")}); }
ByteVector publish() { return command(3, 0, "createStream", 2, {null()}) + command(4, 1, "publish", 3, {null(), "s"}); }

ServerRun publishing() {
  ServerRun run;
  run.feed(connect() + publish());
  run.events.clear();
  run.replies.clear();
  return run;
}

}  // namespace

TEST_CASE("what connect tells is handed on", "[rtmp]") {
  amf0::Value object = connect_object(" rtmp://h/live?vhost=v ");
  object.set("pageUrl", "http://page").set("swfUrl", "http://swf").set("objectEncoding", 3.0);
  amf0::Value args = amf0::Value::object();
  args.set("token", "t");
  rtmp::Server server(rtmp::ServerOptions{.proxy_prefix = true});
  REQUIRE(server.input(bytes("f3 0004 c0000207") + client_handshake() + command(3, 0, "connect", 1, {object, args})));
  const auto event = server.poll();
  REQUIRE(event);
  const auto& request = *std::get<rtmp::ConnectRequested>(*event).request;
  CHECK(request.tc_url == "rtmp://h/live?vhost=v");
  CHECK(request.app == "live");
  CHECK(request.page_url == "http://page");
  CHECK(request.swf_url == "http://swf");
  CHECK(request.flash_version == "FMLE/3.0 (compatible; test)");
  CHECK(request.object_encoding == 3);
  REQUIRE(request.args);
  CHECK(request.args->text_at("token") == "t");
  CHECK(request.proxied_address == std::array<std::uint8_t, 4>{192, 0, 2, 7});
}

TEST_CASE("the answer to connect, byte by byte up to its command", "[rtmp]") {
  rtmp::Server server;
  REQUIRE(server.input(connect()));
  REQUIRE(server.poll());
  server.take_output();
  REQUIRE(server.accept_connect({"0.1.0", "https://weir.example", "192.0.2.1", "abcd1234", 42}));
  const base::Bytes out = server.output();
  const auto expected = bytes(
      "02 000000 000004 05 00000000 002625a0"     // 5.4.4 window 2500000
      "02 000000 000005 06 00000000 002625a0 02"  // 5.4.5 bandwidth, dynamic
      "02 000000 000004 01 00000000 0000ea60");   // 5.4.1 chunk size 60000
  REQUIRE(out.size() > expected.size());
  CHECK(test::hex(out.first(expected.size())) == test::hex(expected));

  rtmp::ChunkReader reader;
  base::Bytes in = out;
  std::string fault;
  std::optional<rtmp::Message> message;
  while (!message || message->type != MessageType::command) message = reader.next(in).value();
  const auto result = rtmp::parse_command(message->type, message->payload, fault).value();
  CHECK(result.object.text_at("fmsVer") == "FMS/3,5,3,888");
  CHECK(result.object.number_at("capabilities") == 127);
  CHECK(result.object.number_at("mode") == 1);
  // Enhanced RTMP v2, in both objects
  for (const amf0::Value* object : {&result.object, &result.argument(0)}) {
    CHECK(object->number_at("capsEx") == 15);
    const amf0::Value* list = object->find("fourCcList");
    REQUIRE(list);
    CHECK(list->type() == amf0::Type::strict_array);
    CHECK(list->elements().size() == 11);
    const amf0::Value *video = object->find("videoFourCcInfoMap"), *audio = object->find("audioFourCcInfoMap");
    REQUIRE((video && audio));
    for (const char* code : {"avc1", "hvc1", "av01", "vp08", "vp09"}) CHECK(video->number_at(code) == 4);
    for (const char* code : {"mp4a", ".mp3", "Opus", "fLaC", "ac-3", "ec-3"}) CHECK(audio->number_at(code) == 4);
  }
  const amf0::Value* data = result.argument(0).find("data");
  REQUIRE(data);
  CHECK(data->type() == amf0::Type::ecma_array);
  CHECK(data->text_at("srs_server") == "Weir/0.1.0");
  CHECK(data->text_at("srs_server_ip") == "192.0.2.1");
  CHECK(data->text_at("srs_id") == "abcd1234");
  CHECK(data->number_at("srs_pid") == 42);
}

TEST_CASE("a window of zero is not told", "[rtmp]") {
  ServerRun run;
  run.server = rtmp::Server(rtmp::ServerOptions{.window_bytes = 0});
  run.feed(connect());
  CHECK(run.replies.front() == "bandwidth 2500000");
}

TEST_CASE("nothing goes out before the session has answered", "[rtmp]") {
  ServerRun run;
  run.answers = false;
  run.feed(connect() + publish());
  CHECK(run.events == Lines{"connect rtmp://h/live"});
  CHECK(run.replies.empty());
  REQUIRE(run.server.accept_connect({}));
  run.feed({});
  CHECK(run.events == Lines{"connect rtmp://h/live", "publish s live flash"});
  CHECK(run.replies.back() == "_result 2 1");
  // media that a hasty publisher sent meanwhile is not lost
  run.feed(test::message(MessageType::video, 4, 1, 7, repeat(0x17, 5)));
  CHECK(run.events.size() == 2);
  REQUIRE(run.server.accept_publish());
  run.feed({});
  CHECK(run.events.back() == "video 7 5 bytes");
  CHECK(run.replies.back() == "onStatus NetStream.Publish.Start");
}

TEST_CASE("what comes before the answer is bounded", "[rtmp]") {
  rtmp::Server server;
  REQUIRE(server.input(connect()));
  const auto piece = repeat(0, 64 * 1024);
  base::Result<void> result;
  for (int i = 0; i < 20 && result; ++i) result = server.input(piece);
  CHECK(result.error() == Errc::unanswered_flood);
}

TEST_CASE("receipt is acknowledged at half the client's window", "[rtmp]") {
  auto run = publishing();
  run.feed(bytes("02 000000 000004 05 00000000 00001000"));  // 4096
  CHECK(run.replies == Lines{"acknowledge " + std::to_string(run.server.bytes_received())});
  run.replies.clear();
  for (int i = 0; i < 20; ++i) run.feed(test::message(MessageType::audio, 4, 1, 0, repeat(1, 100)));
  CHECK(run.replies.size() == 1);  // 20 * 112 bytes
}

TEST_CASE("a ping is answered, its answer and other user events are not", "[rtmp]") {
  auto run = publishing();
  run.feed(bytes("02 000000 000006 04 00000000 0006 00abcdef"));
  run.feed(bytes("02 000000 000006 04 00000000 0007 00abcdef"));
  run.feed(bytes("02 000000 000003 04 00000000 001a 00"));
  CHECK(run.result);
  CHECK(run.replies == Lines{"user 7 " + std::to_string(0xabcdef)});
}

TEST_CASE("an aggregate message comes as its parts", "[rtmp]") {
  auto run = publishing();
  const auto tags = bytes(
      "09 000002 000064 00 000000 1701 0000000d"  // video at 100
      "08 000001 00006e 00 000000 af   0000000c"  // audio at 110
      "04 000002 000000 00 000000 0000 0000000d"  // none of ours
      "12 000003 000078 00 000000 020000");       // data at 120, without its size
  run.feed(test::message(MessageType::aggregate, 4, 1, 5000, tags));
  CHECK(run.events == Lines{"video 5000 2 bytes", "audio 5010 1 bytes", "data 5020 3 bytes"});
}

TEST_CASE("media frames are slices of the message and not copied again", "[rtmp]") {
  rtmp::Server server;
  ServerRun run = publishing();
  REQUIRE(run.server.input(test::message(MessageType::video, 4, 1, 7, repeat(0x17, 100))));
  const auto event = run.server.poll();
  REQUIRE(event);
  const auto& media = std::get<rtmp::MediaReceived>(*event);
  CHECK(media.type == MessageType::video);
  CHECK(media.time_ms == 7);
  CHECK(test::hex(media.payload) == test::hex(repeat(0x17, 100)));
  CHECK_FALSE(run.server.poll());
}

TEST_CASE("media of somebody who does not publish is dropped", "[rtmp]") {
  ServerRun run;
  run.feed(connect() + test::message(MessageType::video, 4, 1, 7, repeat(0x17, 100)));
  CHECK(run.events.size() == 1);
  CHECK(run.result);
}

TEST_CASE("a refused publish tells why and another name may follow", "[rtmp]") {
  ServerRun run;
  run.refuse = 1;
  run.feed(connect() + publish() + command(4, 1, "publish", 4, {null(), "t"}));
  CHECK(run.events == Lines{"connect rtmp://h/live", "publish s live flash", "publish t live flash"});
  REQUIRE(run.replies.size() >= 2);
  CHECK(run.replies[run.replies.size() - 2] == "onStatus NetStream.Publish.BadName");
  CHECK(run.replies.back() == "onStatus NetStream.Publish.Start");
}

TEST_CASE("a client is sent elsewhere", "[rtmp]") {
  ServerRun run;
  run.answers = false;
  run.feed(connect());
  run.server.redirect("rtmp://other/live", "rtmp://other/live/s");
  run.feed({});
  CHECK(run.replies == Lines{"_error 1 NetConnection.Connect.Rejected"});
  run.feed(publish());  // whatever it says now is not heard
  CHECK(run.events.size() == 1);
}

TEST_CASE("a player is told the end", "[rtmp]") {
  ServerRun run;
  run.feed(connect() + command(8, 1, "play", 3, {null(), "s"}));
  run.replies.clear();
  run.server.notify_stopped();
  run.feed(bytes("02 000000 000004 03 00000000 00001000"));
  CHECK(run.replies == Lines{"user 1 1", "onStatus NetStream.Play.Stop"});
  CHECK(run.events.back() == "acknowledged 4096");
}

TEST_CASE("an idle server is small", "[rtmp]") { CHECK(sizeof(rtmp::Server) <= 768); }

TEST_CASE("a client that can is asked to reconnect, and goes on meanwhile", "[rtmp]") {
  const auto asked = [](double caps) {
    ServerRun run;
    amf0::Value object = connect_object("rtmp://h/live");
    if (caps >= 0) object.set("capsEx", caps);
    run.feed(client_handshake() + command(3, 0, "connect", 1, {object}) + publish());
    run.events.clear();
    run.replies.clear();
    const bool did = run.server.request_reconnect("bye");
    run.feed(test::message(MessageType::video, 4, 1, 0, repeat(0x17, 5)));
    CHECK(run.events == Lines{"video 0 5 bytes"});
    CHECK(did == (run.replies == Lines{"onStatus NetConnection.Connect.ReconnectRequest"}));
    return did;
  };
  CHECK(asked(1));
  CHECK(asked(15));
  CHECK_FALSE(asked(-1));
  CHECK_FALSE(asked(14));
  CHECK_FALSE(asked(1e300));
}

}  // namespace weir::test::server_test
