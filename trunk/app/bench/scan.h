#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace weir::bench {

// A message that has just been received in full. Nothing of its payload is kept but the ends.
struct Seen {
  std::uint8_t type = 0;  // RTMP message type or FLV tag type: 8 audio, 9 video, ...
  std::uint32_t time_ms = 0;
  std::uint32_t size = 0;
  base::Bytes head;  // first 5 bytes at most; valid during the call
  base::Bytes tail;  // last 16 bytes at most; valid during the call
};

class Watcher {
 public:
  virtual void seen(const Seen& message) = 0;

 protected:
  ~Watcher() = default;
};

// Follows one message through its pieces, keeping the two ends.
class Ends {
 public:
  void begin(std::uint32_t size) {
    size_ = size;
    at_ = 0;
  }
  void take(base::Bytes piece);
  bool complete() const { return at_ == size_; }
  std::uint32_t left() const { return size_ - at_; }
  std::uint32_t size() const { return size_; }
  base::Bytes head() const { return {head_.data(), size_ < head_.size() ? size_ : head_.size()}; }
  base::Bytes tail() const { return {tail_.data(), size_ < tail_.size() ? size_ : tail_.size()}; }

 private:
  std::uint32_t size_ = 0, at_ = 0;
  std::array<std::uint8_t, 5> head_{};
  std::array<std::uint8_t, 16> tail_{};
};

// Finds the message boundaries of an RTMP chunk stream (after the handshake) without keeping payloads: what a load
// client can afford for thousands of players. Follows Set Chunk Size and Abort by itself.
class ChunkScan {
 public:
  base::Result<void> feed(base::Bytes in, Watcher& watcher);

 private:
  static constexpr std::uint32_t message_limit = 16 << 20;
  static constexpr std::size_t stream_limit = 64;
  static constexpr std::size_t header_limit = 3 + 11 + 4;

  struct Stream {
    std::uint32_t id = 0;
    std::uint8_t type = 0;
    bool extended = false;
    bool known = false;  // a full header has been seen
    std::uint32_t time_ms = 0, delta_ms = 0, size = 0;
    bool open = false;  // inside a message
    Ends ends;
  };

  // Bytes used by the header at the front of `in`, which then has been applied; 0 if it is not whole yet.
  base::Result<std::size_t> header(base::Bytes in);
  Stream* find(std::uint32_t id);
  void finish(Stream& stream, Watcher& watcher);

  // state
  std::vector<Stream> streams_;
  std::uint32_t chunk_size_ = 128;
  std::size_t current_ = 0;       // index into streams_
  std::uint32_t chunk_left_ = 0;  // payload of the current chunk still to come
  std::array<std::uint8_t, header_limit> partial_{};
  std::size_t partial_size_ = 0;
};

// The same for an HTTP response that carries FLV: response head, chunked body if there is one, FLV header, tags.
class FlvScan {
 public:
  base::Result<void> feed(base::Bytes in, Watcher& watcher);
  bool ended() const { return ended_; }

 private:
  enum class Part : std::uint8_t { head, body, piece_size, piece_end };
  base::Result<std::size_t> head(base::Bytes in);
  base::Result<std::size_t> piece_line(base::Bytes in);
  base::Result<void> body(base::Bytes in, Watcher& watcher);

  // state
  Part part_ = Part::head;
  bool chunked_ = false, ended_ = false;
  std::uint64_t piece_left_ = 0;
  std::vector<char> line_;
  std::uint32_t skip_ = 0;  // PreviousTagSize and the FLV header's excess
  bool started_ = false;    // the FLV header has been seen
  bool in_tag_ = false;
  std::uint8_t type_ = 0;
  std::uint32_t time_ms_ = 0;
  Ends ends_;
  std::array<std::uint8_t, 11> partial_{};
  std::size_t partial_size_ = 0;
};

}  // namespace weir::bench
