// Conversations as the clients hold them, each also with every refusal and cut off after every step.
#include "support/catch.h"
#include "unit/proto/rtmp/talk.h"

namespace weir::test::server_dialects_test {

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

struct Script {
  std::vector<ByteVector> steps;
  Lines events;
  Lines replies;  // behind those to connect
};

ByteVector join(const std::vector<ByteVector>& steps, std::size_t count) {
  ByteVector all;
  for (std::size_t i = 0; i < count; ++i) all = all + steps[i];
  return all;
}

Lines replies_to_connect() {
  return {"window 2500000", "bandwidth 2500000", "_result 1 NetConnection.Connect.Success", "onBWDone null"};
}

void run_script(const Script& script) {
  Lines replies = replies_to_connect();
  replies.insert(replies.end(), script.replies.begin(), script.replies.end());
  test::feed_every_way(
      join(script.steps, script.steps.size()), [] { return ServerRun{}; }, test::feed_server,
      [&](ServerRun& run) {
        INFO(run.server.diagnostic().sentence());
        REQUIRE(run.result);
        CHECK(run.events == script.events);
        CHECK(run.replies == replies);
      });
  // The peer leaves after each step: what was said until then is a beginning of the whole.
  for (std::size_t count = 0; count < script.steps.size(); ++count) {
    ServerRun run;
    run.feed(join(script.steps, count));
    REQUIRE(run.result);
    REQUIRE(run.events.size() <= script.events.size());
    CHECK(std::equal(run.events.begin(), run.events.end(), script.events.begin()));
  }
  // The session says no to the first, second, third request: no error but that of a client that goes on without
  // connect.
  for (int refused = 0; refused < 3; ++refused) {
    ServerRun run;
    run.refuse = refused;
    for (const auto& step : script.steps) run.feed(step);
    CHECK(run.result);
    if (refused == 0) CHECK(run.replies == Lines{"_error 1 NetConnection.Connect.Rejected"});
  }
  // A session that never answers is left alone, with no event beyond the request.
  ServerRun silent;
  silent.answers = false;
  for (const auto& step : script.steps) silent.feed(step);
  CHECK(silent.result);
  CHECK(silent.events == Lines{script.events.front()});
}

const ByteVector metadata = bytes("02000d 40736574446174614672616d65 02000a 6f6e4d65746144617461 05");

}  // namespace

TEST_CASE("OBS publishes with librtmp: createStream on chunk stream 3, publish on 4", "[rtmp]") {
  run_script(
      {{client_handshake(),
        // librtmp tells its chunk size before connect: 4096
        bytes("02 000000 000004 01 00000000 00001000"),
        command(3, 0, "connect", 1, {connect_object("rtmp://h:1935/live")}),
        // releaseStream and what follows with a header of type 1, as librtmp writes them
        bytes("43 000000 000023 14") +
            bytes("02000d 72656c6561736553747265616d 00 4000000000000000 05 020006 6d796e616d65"),
        bytes("43 000000 00001f 14") + bytes("020009 46435075626c697368 00 4008000000000000 05 020006 6d796e616d65"),
        bytes("43 000000 000019 14") + bytes("02000c 63726561746553747265616d 00 4010000000000000 05"),
        command(4, 1, "publish", 5, {null(), "myname", "live"}), test::message(MessageType::data, 4, 1, 0, metadata),
        test::message(MessageType::video, 4, 1, 40, repeat(0x17, 100)),
        test::message(MessageType::audio, 4, 1, 43, repeat(0xaf, 7)),
        command(3, 0, "FCUnpublish", 6, {null(), "myname"}), command(3, 0, "deleteStream", 7, {null(), 1.0})},
       {"connect rtmp://h:1935/live", "publish myname live fmle", "data 0 14 bytes", "video 40 100 bytes",
        "audio 43 7 bytes", "unpublished"},
       {"_result 2 undefined", "_result 3 undefined", "_result 4 1", "onFCPublish NetStream.Publish.Start",
        "onStatus NetStream.Publish.Start", "onFCUnpublish NetStream.Unpublish.Success", "_result 6 undefined",
        "onStatus NetStream.Unpublish.Success"}});
}

TEST_CASE("ffmpeg publishes: everything on chunk stream 3 and 4, name with parameters", "[rtmp]") {
  run_script(
      {{client_handshake(), command(3, 0, "connect", 1, {connect_object("rtmp://h/live")}),
        command(3, 0, "releaseStream", 2, {null(), "s?token=1"}), command(3, 0, "FCPublish", 3, {null(), "s?token=1"}),
        command(3, 0, "createStream", 4, {null()}), command(4, 1, "publish", 5, {null(), "s?token=1", "live"}),
        test::message(MessageType::video, 6, 1, 0, repeat(0x17, 300)),
        command(3, 0, "FCUnpublish", 6, {null(), "s?token=1"}), command(3, 0, "deleteStream", 7, {null(), 1.0})},
       {"connect rtmp://h/live", "publish s?token=1 live fmle", "video 0 300 bytes", "unpublished"},
       {"_result 2 undefined", "_result 3 undefined", "_result 4 1", "onFCPublish NetStream.Publish.Start",
        "onStatus NetStream.Publish.Start", "onFCUnpublish NetStream.Unpublish.Success", "_result 6 undefined",
        "onStatus NetStream.Unpublish.Success"}});
}

TEST_CASE("FMLE publishes, records, and publishes again on the same connection", "[rtmp]") {
  run_script(
      {{client_handshake(), command(3, 0, "connect", 1, {connect_object("rtmp://h/live")}),
        command(3, 0, "releaseStream", 2, {null(), "s"}), command(3, 0, "FCPublish", 3, {null(), "s"}),
        command(3, 0, "createStream", 4, {null()}), command(4, 1, "publish", 5, {null(), "s", "record"}),
        command(3, 0, "FCUnpublish", 6, {null(), "s"}), command(3, 0, "deleteStream", 0, {null(), 1.0}),
        command(3, 0, "releaseStream", 7, {null(), "t"}), command(3, 0, "FCPublish", 8, {null(), "t"}),
        command(3, 0, "createStream", 9, {null()}),
        // without a name in publish the one of releaseStream counts
        command(4, 1, "publish", 10, {null(), "", "append"}),
        test::message(MessageType::audio, 4, 1, 9, repeat(0xaf, 5))},
       {"connect rtmp://h/live", "publish s record fmle", "unpublished", "publish t append fmle", "audio 9 5 bytes"},
       {"_result 2 undefined", "_result 3 undefined", "_result 4 1", "onFCPublish NetStream.Publish.Start",
        "onStatus NetStream.Publish.Start", "onFCUnpublish NetStream.Unpublish.Success", "_result 6 undefined",
        "onStatus NetStream.Unpublish.Success", "_result 7 undefined", "_result 8 undefined", "_result 9 1",
        "onFCPublish NetStream.Publish.Start", "onStatus NetStream.Publish.Start"}});
}

TEST_CASE("Flash publishes: AMF3 envelopes, no names before publish", "[rtmp]") {
  const auto envelope = [](ByteVector payload) { return bytes("00") + payload; };
  const auto create = bytes("02000c 63726561746553747265616d 00 4000000000000000 05");
  const auto publish = bytes("020007 7075626c697368 00 0000000000000000 05 020001 73 020004 6c697665");
  run_script({{client_handshake(), command(3, 0, "connect", 1, {connect_object("rtmp://h/live")}),
               test::message(MessageType::command_amf3, 3, 0, 0, envelope(create)),
               test::message(MessageType::command_amf3, 8, 1, 0, envelope(publish)),
               test::message(MessageType::data_amf3, 8, 1, 5, envelope(metadata)),
               test::message(MessageType::video, 8, 1, 6, repeat(0x17, 3)), command(8, 1, "closeStream", 0, {null()})},
              {"connect rtmp://h/live", "publish s live flash", "data 5 14 bytes", "video 6 3 bytes", "unpublished"},
              {"_result 2 1", "onStatus NetStream.Publish.Start", "onStatus NetStream.Unpublish.Success"}});
}

TEST_CASE("Haivision publishes: _checkbw is answered, FCPublish comes behind createStream", "[rtmp]") {
  run_script({{client_handshake(), command(3, 0, "connect", 1, {connect_object("rtmp://h/live")}),
               command(3, 0, "_checkbw", 2, {null()}), command(3, 0, "createStream", 3, {null()}),
               command(3, 0, "createStream", 4, {null()}), command(3, 0, "FCPublish", 5, {null(), "s"}),
               command(4, 1, "publish", 6, {null(), "s", "live"}),
               test::message(MessageType::video, 4, 1, 0, repeat(0x17, 3))},
              {"connect rtmp://h/live", "unknown _checkbw", "publish s live haivision", "video 0 3 bytes"},
              {"_result 2 null", "_result 3 1", "_result 4 1", "_result 5 undefined",
               "onFCPublish NetStream.Publish.Start", "onStatus NetStream.Publish.Start"}});
}

TEST_CASE("ffplay and VLC play: buffer length, pause, seek, close", "[rtmp]") {
  run_script(
      {{client_handshake(), bytes("02 000000 000004 05 00000000 002625a0"),
        command(3, 0, "connect", 1, {connect_object("rtmp://h/live")}), command(3, 0, "createStream", 2, {null()}),
        command(8, 0, "getStreamLength", 3, {null(), "s"}), command(8, 1, "play", 4, {null(), "s", -2000.0}),
        bytes("02 000001 00000a 04 00000000 0003 00000001 00000bb8"),  // 7.1.7 SetBufferLength 3000 ms
        command(8, 1, "pause", 0, {null(), amf0::Value::boolean(true), 100.0}),
        command(8, 1, "pause", 0, {null(), amf0::Value::boolean(false), 100.0}),
        command(8, 1, "seek", 0, {null(), 5000.0}), command(3, 0, "closeStream", 0, {null()}),
        command(8, 1, "play", 5, {null(), "t"})},
       {"connect rtmp://h/live", "unknown getStreamLength", "play s -2000 -1 true", "buffer 3000", "pause", "unpause",
        "seek 5000", "closed", "play t -2 -1 true"},
       {"_result 2 1", "_result 3 null", "user 0 1", "onStatus NetStream.Play.Reset", "onStatus NetStream.Play.Start",
        "data |RtmpSampleAccess", "onStatus NetStream.Pause.Notify", "user 1 1", "onStatus NetStream.Unpause.Notify",
        "user 0 1", "onStatus NetStream.Seek.Failed", "user 0 1", "onStatus NetStream.Play.Reset",
        "onStatus NetStream.Play.Start", "data |RtmpSampleAccess"}});
}

TEST_CASE("a player that subscribes first, and all of whose stream is in tcUrl", "[rtmp]") {
  run_script({{client_handshake(), command(3, 0, "connect", 1, {connect_object("rtmp://h/live/s")}),
               command(3, 0, "FCSubscribe", 2, {null(), "s"}), command(3, 0, "createStream", 3, {null()}),
               command(8, 1, "play", 0, {null()})},
              {"connect rtmp://h/live/s", "play  -2 -1 true"},
              {"_result 2 undefined", "onFCSubscribe NetStream.Play.Start", "_result 3 1", "user 0 1",
               "onStatus NetStream.Play.Reset", "onStatus NetStream.Play.Start", "data |RtmpSampleAccess"}});
}

}  // namespace weir::test::server_dialects_test
