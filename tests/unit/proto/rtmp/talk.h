#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format/amf0/value.h"
#include "proto/rtmp/chunk_reader.h"
#include "proto/rtmp/message.h"
#include "proto/rtmp/server.h"
#include "support/bytes.h"

namespace weir::test {

// C0, C1 and C2 in the plain form.
ByteVector client_handshake();
// A command as a client writes it: one message with a header of type 0, in chunks of 128 bytes.
ByteVector command(std::uint32_t chunk_stream, std::uint32_t stream_id, std::string_view name, double transaction,
                   std::vector<amf0::Value> values);
ByteVector message(rtmp::MessageType type, std::uint32_t chunk_stream, std::uint32_t stream_id, std::uint32_t time_ms,
                   const ByteVector& payload);
amf0::Value connect_object(std::string_view tc_url);
inline amf0::Value null() { return amf0::Value::null(); }

// One line for each message that a peer wrote: "_result 1 NetConnection.Connect.Success", "chunk size 60000", ...
std::string line_of(const rtmp::Message& message);
// One line for each event: "connect rtmp://h/live", "publish s live fmle", "video 40 3 bytes", ...
std::string line_of(const rtmp::ServerEvent& event);

// A server with a session that says yes to everything, or no to the request of that number, and what both said.
struct ServerRun {
  rtmp::Server server;
  int refuse = -1;
  bool answers = true;  // false: requests are left waiting
  std::vector<std::string> events = {};
  std::vector<std::string> replies = {};
  base::Result<void> result = {};

  void feed(base::Bytes in);
  void take_replies();

 private:
  base::Result<void> answer(const rtmp::ServerEvent& event);
  rtmp::ChunkReader reader_;
  std::size_t handshake_left_ = 3073;
  int requests_ = 0;
};
inline void feed_server(ServerRun& run, base::Bytes in) { run.feed(in); }

}  // namespace weir::test
