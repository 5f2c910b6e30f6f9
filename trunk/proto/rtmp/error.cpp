#include "proto/rtmp/error.h"

namespace weir::rtmp {

const char* describe(Errc code) {
  switch (code) {
    case Errc::bad_version:
      return "the first byte of the handshake is not RTMP version 3";
    case Errc::bad_proxy_prefix:
      return "the proxy prefix before the handshake is not 4 to 1024 bytes long";
    case Errc::no_predecessor:
      return "a chunk refers to the message before it on its chunk stream, and there is none";
    case Errc::header_inside_message:
      return "a full chunk header stands inside an unfinished message";
    case Errc::length_changed:
      return "the message length or type changes inside an unfinished message";
    case Errc::message_too_long:
      return "a message is longer than the limit";
    case Errc::too_many_chunk_streams:
      return "there are more chunk streams than the limit";
    case Errc::too_many_partial_messages:
      return "more messages are unfinished at once than the limit";
    case Errc::bad_chunk_size:
      return "the chunk size is under 128 or has its top bit set";
    case Errc::bad_control_message:
      return "a control message is too short for its fields";
    case Errc::bad_aggregate:
      return "a message inside an aggregate is longer than the aggregate";
    case Errc::bad_command:
      return "a command is not a name, a number and values in AMF0";
    case Errc::missing_tc_url:
      return "the connect command has no tcUrl";
    case Errc::not_connected:
      return "a command comes before connect";
    case Errc::command_flood:
      return "too many commands without a publish or play";
    case Errc::unanswered_flood:
      return "too much was sent before the answer to a request";
      return "a command uses a message stream that was not created";
    case Errc::unexpected_answer:
      return "the peer answers a call that was not made";
    case Errc::refused_by_peer:
      return "the peer refused the request";
  }
  return "unknown RTMP error";
}

std::string Diagnostic::sentence() const {
  if (text.empty()) return {};
  return "at byte " + std::to_string(offset) + ": " + text;
}

}  // namespace weir::rtmp
