#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/slab.h"
#include "proto/rtmp/error.h"
#include "proto/rtmp/message.h"
#include "proto/rtmp/wire_time.h"

namespace weir::rtmp {

struct ChunkLimits {
  std::uint32_t message_bytes = 8 * 1024 * 1024;   // of one message
  std::uint32_t partial_bytes = 16 * 1024 * 1024;  // announced length of all unfinished messages together
  std::uint32_t partial_messages = 64;
  std::uint32_t chunk_streams = 128;
};

// Joins chunks into messages (Adobe RTMP 1.0, 5.3). Takes the bytes of a connection from behind the handshake, however
// they are cut, and holds of them only what belongs to unfinished messages. Applies Set Chunk Size and Abort itself.
//
//   while (in is not empty) { TRY(auto message, reader.next(in)); if (message) use(*message); }
//
// After an error the reader is not to be used again; diagnostic() says where and what.
class ChunkReader {
 public:
  ChunkReader() = default;
  explicit ChunkReader(ChunkLimits limits) : limits_(limits) {}

  // Takes bytes off the front of `in` until a message is whole or `in` is empty.
  base::Result<std::optional<Message>> next(base::Bytes& in);

  // A reader of a player that only counts: audio and video keep their first bytes (Message::head) and no payload.
  void set_drain(bool drain) { drain_ = drain; }
  // How many bytes may be dropped unread at the socket, since they are payload that is drained: skip(n) tells that they
  // were. Never the last byte of a message, so that next() gets to hand it out.
  std::size_t skippable() const;
  void skip(std::size_t count);

  // The limit of one message; what is already unfinished is not looked at.
  void set_message_limit(std::uint32_t bytes) { limits_.message_bytes = bytes; }
  // For the byte offsets in diagnostics: how much of the connection came before the first chunk.
  void set_offset(std::uint64_t offset) { offset_ = offset; }
  std::uint64_t offset() const { return offset_; }
  std::uint32_t chunk_size() const { return chunk_size_; }
  // Payload of unfinished messages that has come so far: memory that this peer takes.
  std::size_t unfinished_bytes() const;
  const Diagnostic& diagnostic() const { return diagnostic_; }

 private:
  struct Stream {
    std::uint32_t id = 0;
    std::uint32_t stream_id = 0;
    std::uint32_t length = 0;
    std::uint32_t received = 0;
    std::uint32_t time_field = 0;  // absolute or difference, as the last header had it
    MessageType type{};
    bool known = false;     // a header was seen
    bool absolute = false;  // time_field was in a header of type 0
    bool extended = false;  // that header had an extended timestamp
    bool partial = false;
    bool drained = false;
    std::int64_t time_ms = 0;
    base::SharedBytes payload;  // of the message under way, being filled
    std::array<std::uint8_t, 16> head{};
  };
  struct Header {
    std::uint8_t format = 0;
    bool extended = false;
    std::uint32_t chunk_stream = 0;
    std::uint32_t time_field = 0;
    std::uint32_t length = 0;
    MessageType type{};
    std::uint32_t stream_id = 0;
    std::uint8_t basic_size = 0;  // of the basic header, 5.3.1.1
    std::uint8_t size = 0;        // of all of it
    std::uint64_t at = 0;         // where in the connection it begins
  };
  enum class Repeat { yes, no, unknown };

  // None: `in` ends before the header does.
  std::optional<Header> parse_header(base::Bytes in) const;
  Repeat repeats_extended_time(const Stream& stream, base::Bytes in) const;
  // Not in_chunk_ afterwards: `in` ends before the header does.
  base::Result<void> take_header(base::Bytes& in);
  base::Result<void> complete_header(base::Bytes& in);
  base::Result<void> begin_chunk(const Header& header);
  base::Result<void> begin_message(Stream& stream, const Header& header);
  void release(Stream& stream);
  void make_room(Stream& stream);
  void take_payload(base::Bytes& in);
  base::Result<std::optional<Message>> finish_message();
  base::Result<void> apply_control(MessageType type, base::Bytes payload);
  const Stream* find(std::uint32_t id) const;
  base::Result<std::uint32_t> place_of(const Header& header);
  base::ErrorCode fail(Errc code, std::uint64_t offset, std::string text);

  // given
  ChunkLimits limits_;
  bool drain_ = false;

  // state
  base::Slab slab_{8 * 1024, 64 * 1024};  // media, packed: one allocation for many messages
  std::vector<Stream> streams_;           // few, so that a search beats a table
  std::uint32_t current_ = 0;             // index of the stream whose chunk is being read, or was last
  std::uint32_t chunk_left_ = 0;
  std::uint32_t chunk_size_ = default_chunk_size;
  std::uint32_t partial_bytes_ = 0;
  std::uint32_t partial_messages_ = 0;
  bool in_chunk_ = false;
  std::uint8_t held_size_ = 0;
  std::array<std::uint8_t, 18> held_{};  // the start of a header that `in` cut off: 3 + 11 + 4 bytes at most
  std::uint64_t offset_ = 0;
  WireClock clock_;
  Diagnostic diagnostic_;
};

}  // namespace weir::rtmp
