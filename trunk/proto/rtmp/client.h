#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "format/amf0/value.h"
#include "proto/rtmp/acknowledgement.h"
#include "proto/rtmp/chunk_reader.h"
#include "proto/rtmp/chunk_writer.h"
#include "proto/rtmp/command.h"
#include "proto/rtmp/event_queue.h"
#include "proto/rtmp/events.h"
#include "proto/rtmp/handshake.h"

namespace weir::rtmp {

enum class Role : std::uint8_t { publish, play };

struct ClientOptions {
  Role role = Role::play;
  std::string tc_url;  // "rtmp://host[:port]/app"
  std::string app;     // empty: taken from tc_url
  std::string stream;  // with its "?query"
  std::string flash_version = "FMLE/3.0 (compatible; Weir)";
  std::string page_url;
  std::string swf_url;
  std::optional<amf0::Value> args;  // the second object of connect
  ClientHandshake::Form handshake = ClientHandshake::Form::plain;
  std::uint32_t chunk_size = 60'000;  // of what we send
  std::uint32_t window_bytes = 2'500'000;
  std::uint32_t buffer_ms = 3000;  // told to the server when we play
  std::uint32_t message_bytes = 8 * 1024 * 1024;
  bool drain = false;  // audio and video come as MediaDrained, without payload
};

// The client's half of one RTMP connection: connects, then publishes or plays one stream. No socket, no clock. The
// first output is there before any input.
//
//   send(client.take_output());
//   TRY_VOID(client.input(bytes));
//   while (auto event = client.poll()) ...;
//
// A publisher calls send() after Publishing and close() when it is done.
class Client {
 public:
  explicit Client(ClientOptions options);

  base::Result<void> input(base::Bytes in);
  std::optional<ClientEvent> poll() { return events_.pop(); }
  const base::Buffer& output() const { return output_; }
  base::Buffer take_output() { return std::exchange(output_, {}); }
  // Behind what `out` holds; for those who send for long, as no memory is asked for anew each time.
  void take_output(base::Buffer& out) {
    if (out.empty()) return std::swap(out, output_);
    out.append(output_);
    output_.clear();
  }
  const Diagnostic& diagnostic() const { return diagnostic_; }

  // One audio, video or data message, appended to the output. Data goes out with "@setDataFrame" in front when it is
  // metadata, as encoders do.
  void send(MessageType type, std::uint32_t time_ms, base::Bytes payload);
  // FCUnpublish or closeStream, then deleteStream: the end of our stream, in good order.
  void close();

  // While draining: bytes that may be dropped at the socket unread, and that they were (ChunkReader::skippable).
  std::size_t skippable() const { return started() ? reader_.skippable() : 0; }
  void skip(std::size_t count);

  bool publishing() const { return phase_ == Phase::publishing; }
  bool playing() const { return phase_ == Phase::playing; }
  std::uint64_t bytes_received() const { return acknowledgement_.received(); }

 private:
  enum class Phase : std::uint8_t { handshake, connecting, creating, starting, publishing, playing, closed };

  bool started() const { return phase_ != Phase::handshake; }
  void send_connect();
  void send_start();
  void send_command(const Command& command, std::uint32_t stream_id);
  base::Result<void> handle(Message&& message);
  base::Result<void> handle_media(Message&& message);
  base::Result<void> handle_user_control(base::Bytes payload);
  base::Result<void> handle_command(const Message& message);
  base::Result<void> handle_result(const Command& command);
  void handle_error(const Command& command);
  void handle_status(const Command& command);
  void refuse(const amf0::Value& status);

  // given
  ClientOptions options_;

  // owned
  std::unique_ptr<ClientHandshake> handshake_;  // until it is done
  ChunkReader reader_;
  ChunkWriter writer_;
  EventQueue<ClientEvent> events_;
  base::Buffer output_;

  // state
  Phase phase_ = Phase::handshake;
  AcknowledgementWindow acknowledgement_;
  std::uint32_t stream_id_ = media_stream_id;  // as the server created it
  double transaction_ = 0;                     // the last that we used
  double create_transaction_ = 0;
  Diagnostic diagnostic_;
};

}  // namespace weir::rtmp
