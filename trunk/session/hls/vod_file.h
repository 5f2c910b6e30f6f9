#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/http/file.h"

namespace weir::session::hls {

enum class VodErrc : std::uint8_t {
  ok = 0,
  not_a_film,  // neither MP4 nor FLV, or without a track that can be carried
  no_index,    // FLV without a list of its key frames, and too large to look for them
  damaged,     // what the index says is not there
  too_large,   // a segment
};
const char* describe(VodErrc code);
WEIR_ERROR_CATEGORY(VodErrc, "vod")

enum class VodFormat : std::uint8_t { fmp4, ts };

// A recorded file as segments, each from a key frame to another: what is known without its media.
// Immutable, any thread; what takes a file waits for the disk.
class VodFile {
 public:
  static constexpr base::Ticks target = std::chrono::seconds(6);  // a segment ends at the first key frame behind it
  static constexpr std::uint64_t largest_segment_bytes = 48 * 1024 * 1024;

  struct Segment {
    base::Ticks start{}, duration{};
    std::uint64_t bytes = 0;  // of media, about
  };

  virtual ~VodFile() = default;
  const std::vector<Segment>& segments() const { return segments_; }
  // What players get on best with: MPEG-TS for what all of them take in it, else fragmented MP4. Each segment is to be
  // had as both where MPEG-TS carries the tracks.
  VodFormat format() const { return format_; }
  const base::SharedBytes& init() const { return init_; }  // of fragmented MP4
  bool independent() const { return independent_; }        // each segment begins with a key frame
  base::Ticks longest() const;
  // Of memory.
  virtual std::size_t bytes() const = 0;
  // The media segment with that number, from 0.
  virtual base::Result<base::SharedBytes> segment(const http::File& file, std::size_t number,
                                                  VodFormat format) const = 0;

 protected:
  std::vector<Segment> segments_;
  base::SharedBytes init_;
  VodFormat format_ = VodFormat::fmp4;
  bool independent_ = true;
};

// Reads a file's tables, and no more of it; of an FLV without such, all of it if it is small. VodErrc, mp4::Errc, ...
base::Result<std::shared_ptr<const VodFile>> open_vod(const http::File& file);
base::Result<std::shared_ptr<const VodFile>> open_vod_mp4(const http::File& file);
base::Result<std::shared_ptr<const VodFile>> open_vod_flv(const http::File& file);

}  // namespace weir::session::hls

WEIR_ERROR_ENUM(weir::session::hls::VodErrc)
