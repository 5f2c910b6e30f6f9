#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "proto/rtmp/command.h"

namespace weir::rtmp {

// What the answer to connect says of us. Edges and tools of SRS read it as srs_server, srs_id and so on.
struct ServerInfo {
  std::string version;  // "0.1.0"
  std::string url;
  std::string ip;  // the address that the client reached
  std::string id;  // of the session
  std::int64_t pid = 0;
};

// Enhanced RTMP v2, "CapsExMask": what a side knows beyond the legacy protocol.
namespace caps_ex {
inline constexpr std::uint32_t reconnect = 1, multitrack = 2, mod_ex = 4, timestamp_nano_offset = 8;
}

// The answers of a server, each one whole message, appended in chunks of `chunk_size`.
class ReplyWriter {
 public:
  ReplyWriter(base::Buffer& out, std::uint32_t chunk_size) : out_(out), chunk_size_(chunk_size) {}

  void connect_result(double transaction, double object_encoding, const ServerInfo& info);
  // Asks the client to connect anew, to go on there: onStatus of the connection (Enhanced RTMP v2, "Reconnect
  // Request").
  void reconnect_request(std::string_view description);
  void connect_redirect(double transaction, std::string_view tc_url, std::string_view url);
  void stream_redirect(std::string_view tc_url, std::string_view url);
  void bandwidth_done();
  // _result with a null object and that answer.
  void result(double transaction, amf0::Value answer);
  void error(double transaction, std::string_view code, std::string_view description);
  void status(std::string_view level, std::string_view code, std::string_view description);
  // onFCPublish, onFCUnpublish, onFCSubscribe
  void publication_status(std::string_view name, std::string_view code, std::string_view description);
  void sample_access();

 private:
  void send(const Command& command, std::uint32_t chunk_stream, std::uint32_t stream_id);

  base::Buffer& out_;
  std::uint32_t chunk_size_;
};

}  // namespace weir::rtmp
