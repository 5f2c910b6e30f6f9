#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "media/codec_id.h"
#include "proto/rtp/error.h"
#include "proto/rtp/reorder.h"

namespace weir::rtp {

// Joins the payloads of one frame, in order, into what media::Frame carries. One for each codec and source; lives on
// the session's worker.
class Unpacker {
 public:
  virtual ~Unpacker() = default;
  // The next payload of the frame. Errc::bad_payload: the frame is broken.
  virtual base::Result<void> input(base::Bytes payload) = 0;
  struct Frame {
    base::Buffer bytes;
    bool key = false;
    bool picture = true;  // false: parameter sets and the like alone (H.264, HEVC)
  };
  // The frame, and begins a new one. Errc::bad_payload if its end is missing.
  virtual base::Result<Frame> take() = 0;
};

// H.264 (RFC 6184: single NAL units, STAP-A, FU-A), HEVC (RFC 7798), AV1, VP8 (RFC 7741), VP9 (RFC 9628), Opus (RFC
// 7587) and G.711 (RFC 3551); null for others. Frames of more than `most_bytes` are broken.
inline constexpr std::size_t most_frame_bytes = 16 * 1024 * 1024;
std::unique_ptr<Unpacker> make_unpacker(media::Codec codec);

// Packets of one source in order, made into frames: a frame ends with the marker bit or where the timestamp changes.
// After a gap the frames up to the next key frame are dropped (video), or the broken one alone (audio).
class Assembler {
 public:
  Assembler(media::Codec codec, std::unique_ptr<Unpacker> unpacker);

  struct Frame {
    base::Buffer bytes;
    std::uint32_t timestamp = 0;
    bool key = false;
    bool picture = true;      // else it is given even while a key frame is needed
    base::Instant arrived{};  // of its last packet
  };
  // At most one frame ends with a packet that ends by its marker; the one before it may end with it too, so ask take()
  // until it gives none.
  void input(const Reorder::Ordered& packet);
  std::optional<Frame> take();
  // Frames cannot be decoded until the next key frame; the publisher should be asked for one.
  bool needs_key() const { return needs_key_; }
  void require_key() { needs_key_ = !audio_; }
  std::uint64_t broken() const { return broken_; }
  std::uint64_t dropped() const { return dropped_; }  // whole frames behind a broken one

 private:
  void end_frame(base::Instant arrived);
  void spoil();

  // given
  bool audio_;

  // owned
  std::unique_ptr<Unpacker> unpacker_;

  // state
  std::optional<std::uint32_t> timestamp_;
  bool spoiled_ = false, needs_key_;
  std::optional<Frame> first_, second_;
  std::uint64_t broken_ = 0, dropped_ = 0;
};

}  // namespace weir::rtp
