#pragma once

#include <cstdint>

#include "format/mp4/box.h"
#include "media/codec_id.h"

// The boxes that the heads of fragmented and of regular files share.
namespace weir::mp4 {

struct TrackHead {
  std::uint32_t id = 1;
  media::Kind kind = media::Kind::video;
  std::uint32_t timescale = 90'000;
  std::uint32_t width = 0, height = 0;
  std::uint64_t movie_duration = 0;  // in movie_timescale; 0 in a fragmented file
  std::uint64_t media_duration = 0;  // in timescale
};

inline constexpr std::uint32_t movie_timescale = 90'000;

void write_mvhd(base::ByteWriter& w, std::uint64_t duration, std::uint32_t next_track_id);  // 8.2.2
void write_tkhd(base::ByteWriter& w, const TrackHead& head);                                // 8.3.2
void write_mdhd(base::ByteWriter& w, const TrackHead& head);                                // 8.4.2
void write_hdlr(base::ByteWriter& w, media::Kind kind);                                     // 8.4.3
// vmhd or smhd, and dinf: what minf begins with (8.4.5, 8.7).
void write_media_head(base::ByteWriter& w, media::Kind kind);
void write_stsd(base::ByteWriter& w, base::Bytes sample_entry);  // 8.5.2

}  // namespace weir::mp4
