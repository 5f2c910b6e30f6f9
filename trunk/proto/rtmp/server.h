#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "proto/rtmp/acknowledgement.h"
#include "proto/rtmp/chunk_reader.h"
#include "proto/rtmp/command.h"
#include "proto/rtmp/event_queue.h"
#include "proto/rtmp/events.h"
#include "proto/rtmp/handshake.h"
#include "proto/rtmp/replies.h"

namespace weir::rtmp {

struct ServerOptions {
  std::uint32_t chunk_size = 60'000;       // of what we send
  std::uint32_t window_bytes = 2'500'000;  // after how much the client shall acknowledge; 0: not told
  std::uint32_t peer_bandwidth = 2'500'000;
  std::uint32_t acknowledge_bytes = 0;            // our own window; 0: the one that the client asks for
  std::uint32_t message_bytes = 8 * 1024 * 1024;  // the longest message of a publisher
  bool proxy_prefix = false;                      // ServerHandshake
};

// The server's half of one RTMP connection, without socket or clock. Lives in its session's coroutine.
//
//   TRY_VOID(server.input(bytes));
//   while (auto event = server.poll()) ...;   // answers requests with accept_...() or reject_...()
//   send(server.take_output());
//
// After ConnectRequested, PublishRequested and PlayRequested nothing more is read until the answer: what comes
// meanwhile is kept, bounded. The answer reads it, so it can fail as input() can. After an error there may be output
// that is worth sending before the connection is closed. Output is always whole messages: media that the session sends
// itself, in chunks of ServerOptions::chunk_size on message stream 1, goes between two outputs.
class Server {
 public:
  explicit Server(ServerOptions options = {});

  base::Result<void> input(base::Bytes in);
  std::optional<ServerEvent> poll() { return events_.pop(); }
  const base::Buffer& output() const { return output_; }
  base::Buffer take_output() { return std::exchange(output_, {}); }
  const Diagnostic& diagnostic() const { return diagnostic_; }

  // What the virtual host asks for, before accept_connect().
  void set_limits(std::uint32_t chunk_size, std::uint32_t window_bytes, std::uint32_t acknowledge_bytes) {
    options_.chunk_size = chunk_size;
    options_.window_bytes = window_bytes;
    options_.acknowledge_bytes = acknowledge_bytes;
    if (acknowledge_bytes > 0) acknowledgement_.set_window(acknowledge_bytes);
  }
  base::Result<void> accept_connect(const ServerInfo& info);
  // Refusals are answered and leave the connection to be closed by the session, once the output is sent.
  void reject_connect(std::string_view description);
  // NetStream.Publish.Start; from here media comes.
  base::Result<void> accept_publish();
  // With NetStream.Publish.BadName, NetStream.Publish.Denied or another code. A further publish may follow.
  base::Result<void> reject_publish(std::string_view code, std::string_view description);
  base::Result<void> accept_play();
  // With NetStream.Play.StreamNotFound, NetStream.Play.Failed or another code.
  base::Result<void> reject_play(std::string_view code, std::string_view description);
  // Sends the client elsewhere, as the answer to connect, publish or play; `url` is tc_url with the stream.
  void redirect(std::string_view tc_url, std::string_view url);

  // Tells a player that the stream is over (StreamEOF, NetStream.Play.Stop).
  void notify_stopped();
  // Any other onStatus of the stream; level is "status", "warning" or "error".
  void send_status(std::string_view level, std::string_view code, std::string_view description);

  // Asks the client to connect anew, before this server goes: false for a client that does not know how (capsEx). It
  // goes on here until it does.
  bool request_reconnect(std::string_view description);

  // What the client said of itself in capsEx.
  std::uint32_t client_caps() const { return caps_ex_; }
  bool publishing() const { return phase_ == Phase::publishing; }
  bool playing() const { return phase_ == Phase::playing; }
  bool handshake_done() const { return !handshake_; }
  // Memory that the client's unfinished messages take.
  std::size_t unfinished_bytes() const { return reader_.unfinished_bytes(); }
  std::uint64_t bytes_received() const { return acknowledgement_.received(); }

 private:
  enum class Phase : std::uint8_t { handshake, connect, ready, publishing, playing, refused };
  enum class Waiting : std::uint8_t { nothing, connect, publish, play };

  base::Result<void> consume(base::Bytes in);
  base::Result<void> resume();
  base::Result<void> handle(Message&& message);
  void handle_media(MessageType type, std::int64_t time_ms, base::SharedBytes payload);
  base::Result<void> handle_aggregate(const Message& message);
  base::Result<void> handle_user_control(base::Bytes payload);
  base::Result<void> handle_command(const Message& message);
  base::Result<void> handle_connect(const Command& command);
  void handle_stream_command(const Command& command);
  void handle_publish(const Command& command);
  void handle_play(const Command& command);
  void handle_pause(const Command& command);
  void name_publication(const Command& command);
  void end_stream();
  ReplyWriter replies() { return {output_, chunk_size_}; }
  base::ErrorCode fail(Errc code, std::string text);

  // given
  ServerOptions options_;

  // owned
  std::unique_ptr<ServerHandshake> handshake_;  // until it is done
  ChunkReader reader_;
  EventQueue<ServerEvent> events_;
  base::Buffer output_;
  base::Buffer backlog_;  // what came while an answer was awaited

  // state
  Phase phase_ = Phase::handshake;
  Waiting waiting_ = Waiting::nothing;
  std::uint32_t chunk_size_ = default_chunk_size;  // of our output, as the client was told last
  AcknowledgementWindow acknowledgement_;
  unsigned idle_commands_ = 0;  // since the last publish or play
  bool stream_created_ = false;
  bool named_before_create_ = false;  // releaseStream or FCPublish
  bool named_after_create_ = false;
  std::string publication_name_;  // the one given by them
  Dialect dialect_ = Dialect::flash;
  double transaction_ = 0;  // of the request that waits
  std::optional<std::array<std::uint8_t, 4>> proxied_address_;
  double object_encoding_ = 0;
  std::uint32_t caps_ex_ = 0;  // of the client
  Diagnostic diagnostic_;
};

}  // namespace weir::rtmp
