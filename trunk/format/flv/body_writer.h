#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "format/flv/tag.h"
#include "media/frame.h"
#include "media/track.h"

namespace weir::flv {

struct WireOptions {
  // HEVC as codec id 12 and AV1 as 13 with the header of AVC, for players of Chinese networks that know no Enhanced
  // RTMP.
  bool legacy_hevc_av1 = false;
  // Puts the track into an Enhanced RTMP multitrack message (OneTrack) under this index.
  std::optional<std::uint8_t> multitrack_index{};
};

// How the messages of one track begin on the wire: the bytes before the payload in a video or audio body. Legacy header
// for H.264, AAC, MP3, G.711 and Speex, FourCC for the others. Made once for each generation of a track; a value.
//
//   const flv::BodyWriter writer(track);
//   const std::size_t head = writer.head_bytes(frame);      // body = head + frame.payload
//   writer.write_head(room, frame);
class BodyWriter {
 public:
  static constexpr std::size_t largest_head = 16;

  explicit BodyWriter(const media::Track& track, WireOptions options = {});

  // Codecs without a place in FLV and RTMP are given no writer.
  static bool can_carry(media::Codec codec);

  TagType type() const { return type_; }
  std::size_t head_bytes(const media::Frame& frame) const;
  std::size_t body_bytes(const media::Frame& frame) const { return head_bytes(frame) + frame.payload.size(); }
  // Writes head_bytes(frame) bytes to the start of `out` and returns their number.
  std::size_t write_head(base::MutableBytes out, const media::Frame& frame) const;

  // The whole body of the sequence header message; empty if the codec has none. For the data track, its metadata
  // message.
  base::Buffer sequence_header() const;
  // The body of the message that ends the sequence; empty if the codec has none.
  base::Buffer sequence_end() const;

 private:
  enum class Style : std::uint8_t {
    none,
    script,
    legacy_video,
    legacy_aac,
    legacy_audio,
    enhanced_video,
    enhanced_audio
  };

  std::size_t write_enhanced(std::uint8_t* out, std::uint8_t first, std::uint8_t packet_type) const;
  bool carries_composition() const;

  // given
  media::Track track_;
  WireOptions options_;
  // state
  Style style_ = Style::none;
  TagType type_ = TagType::script;
  std::uint8_t first_byte_ = 0;  // the codec id, or the whole legacy audio header
  std::uint32_t fourcc_ = 0;
};

}  // namespace weir::flv
