#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "format/amf0/value.h"
#include "proto/rtmp/message.h"

namespace weir::rtmp {

// What a client says of itself in connect.
struct ConnectRequest {
  std::string tc_url;  // "rtmp://host[:port]/app[?query]"; never empty
  std::string app;     // as the command object has it; may differ from the one in tc_url, or be missing
  std::string page_url;
  std::string swf_url;
  std::string flash_version;  // "FMLE/3.0 (compatible; ...)", "LNX 9,0,124,2"
  double object_encoding = 0;
  amf0::Value properties;           // the whole command object
  std::optional<amf0::Value> args;  // the second object, of edges and of clients with tokens
  std::optional<std::array<std::uint8_t, 4>> proxied_address;
};

// The order of a publisher's commands: fmle (OBS, ffmpeg, librtmp too) releaseStream, FCPublish, createStream, publish;
// haivision createStream, FCPublish, publish; flash createStream, publish.
enum class Dialect : std::uint8_t { fmle, flash, haivision };
enum class PublishKind : std::uint8_t { live, record, append };

// One audio, video or data message. Data messages begin at their AMF0 name, "onMetaData" or another: the
// "@setDataFrame" before it and the leading byte of AMF3 messages are gone.
struct MediaReceived {
  MessageType type{};
  std::int64_t time_ms = 0;
  base::SharedBytes payload;
};

struct ConnectRequested {
  std::unique_ptr<const ConnectRequest> request;
};
struct PublishRequested {
  std::string name;  // with its "?query"
  PublishKind kind = PublishKind::live;
  Dialect dialect = Dialect::flash;
};
struct PlayRequested {
  std::string name;
  double start = -2;     // 7.2.2.1: -2 live or recorded, -1 live only, else the place in a recording
  double duration = -1;  // -1: to the end. Seconds by the specification, many clients mean milliseconds
  bool reset = true;
};
struct Unpublished {};   // the connection stays, for another publish
struct StreamClosed {};  // by the player; the connection stays
struct Paused {
  bool paused = false;  // false: goes on
};
struct SeekRefused {
  double target_ms = 0;
};
struct BufferLengthSet {
  std::uint32_t length_ms = 0;
};
struct Acknowledged {
  std::uint32_t sequence = 0;  // bytes that the client has received, modulo 2^32
};
struct UnknownCommand {
  std::string name;
};

using ServerEvent = std::variant<MediaReceived, ConnectRequested, PublishRequested, PlayRequested, Unpublished,
                                 StreamClosed, Paused, SeekRefused, BufferLengthSet, Acknowledged, UnknownCommand>;

struct Connected {
  amf0::Value data;  // the "data" of the answer: version, srs_server, srs_id ...; undefined if there was none
};
struct Publishing {};  // NetStream.Publish.Start: media may be sent
struct Playing {};     // NetStream.Play.Start
// In place of MediaReceived when the client drains audio and video.
struct MediaDrained {
  MessageType type{};
  std::int64_t time_ms = 0;
  std::uint32_t size_bytes = 0;
  std::array<std::uint8_t, 16> head{};
};
// Any other onStatus, such as NetStream.Play.UnpublishNotify.
struct StatusReceived {
  std::string level, code, description;
};
// The server said no to connect, publish or play; nothing further comes.
struct Refused {
  std::string code, description;
};
// The server sends us elsewhere (302); nothing further comes.
struct Redirected {
  std::string tc_url;
  std::string url;  // with the stream; empty if the server gave none
};
struct Ended {};  // the stream that we play is over: StreamEOF or NetStream.Play.Stop

using ClientEvent = std::variant<MediaReceived, MediaDrained, Connected, Publishing, Playing, StatusReceived, Refused,
                                 Redirected, Ended>;

}  // namespace weir::rtmp
