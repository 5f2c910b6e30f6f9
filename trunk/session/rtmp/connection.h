#pragma once

#include <memory>
#include <optional>

#include "net/byte_stream.h"
#include "net/life.h"
#include "net/task.h"
#include "proto/rtmp/server.h"
#include "session/rtmp/session.h"

namespace weir::session::rtmp {

// The parts of an RTMP session that its phases hand on: conversation, publishing, playing. Lives in the session's
// frame.
struct Connection {
  net::Life& life;
  Shared& shared;
  net::ByteStream& stream;
  ::weir::rtmp::Server server;
  std::unique_ptr<const ::weir::rtmp::ConnectRequest> connect;  // once it was accepted
  // While commands go to and fro: a client with Nagle's algorithm (ffmpeg, librtmp) holds its next command back until
  // the last was acknowledged, 40 ms each otherwise.
  bool acknowledges_at_once = true;
  bool connect_judged = false;
  hub::MemoryAccount unfinished{shared.hub.memory(), hub::Cache::messages};

  // The next event, reading as much as it takes.
  net::Task<base::Result<::weir::rtmp::ServerEvent>> next_event();
  // Everything that the machine wants sent.
  net::Task<base::Result<void>> flush();
  // One non-blocking read, handed to the machine. Left::nothing if that was all there is for now: another read would
  // only be a system call that hears so. A protocol error is logged with what and where it was.
  enum class Left : std::uint8_t { nothing, perhaps_more };
  base::Result<Left> read_once();
  // Hands bytes to the machine; logs what was wrong with them.
  base::Result<void> take(base::Bytes bytes);
  base::Result<hub::Request> identify(std::string_view stream_name) const;
  // To "rtmp://host/app/stream?query".
  void redirect(const std::string& url);
};

// Publishes until the client stops (the connection then goes on) or an error.
net::Task<base::Result<void>> publish(Connection& connection, ::weir::rtmp::PublishRequested wish);
net::Task<base::Result<void>> play(Connection& connection, ::weir::rtmp::PlayRequested wish);

}  // namespace weir::session::rtmp
