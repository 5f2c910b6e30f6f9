#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/result.h"
#include "media/frame.h"

namespace weir::session::forward {

enum class SoundErrc : std::uint8_t {
  ok = 0,
  no_file,
  not_allowed,  // outside of the folder, or it cannot be read
  too_large,
  no_adts,  // nothing in it is AAC in ADTS
  damaged,  // what stands behind a frame is none
  changes,  // of rate, channels or kind
};

const char* describe(SoundErrc code);
inline constexpr base::EnumCategory<SoundErrc, &describe> sound_errc_category{"sound file"};
inline base::ErrorCode make_error_code(SoundErrc code) { return {static_cast<int>(code), sound_errc_category}; }

inline constexpr std::uint64_t largest_sound_file = 16 << 20;  // bytes

// The sound of a file of AAC in ADTS (ISO 14496-3, 1.A.2.2), perhaps between ID3 tags. Immutable: any thread.
struct SoundFile {
  std::shared_ptr<const media::CodecParameters> parameters;
  std::vector<base::SharedBytes> units;  // at least one; all in one piece of memory
  std::uint32_t samples = 0, rate = 0;   // of each unit; Hz
  std::size_t bytes = 0;                 // of memory
};

base::Result<SoundFile> parse_sound_file(const base::SharedBytes& file);
// The file of that name in the folder `root`, which no link leaves. Waits for the disk.
base::Result<SoundFile> read_sound_file(const std::string& root, const std::string& name);

// The units of a file, over and over, as the time of a stream goes on. They follow one another without a step, also
// from the last to the first. On one worker.
class SoundLoop {
 public:
  using Put = std::function<void(media::FrameRef)>;
  // The stream jumped by so much: the sound goes on there.
  static constexpr base::Ticks longest_gap = std::chrono::seconds(10);

  explicit SoundLoop(std::shared_ptr<const SoundFile> file) : file_(std::move(file)) {}

  // Gives those that begin until `now`.
  void go_on(base::Ticks now, const Put& put);
  media::Track track() const { return {media::TrackId::audio, 0, file_->parameters}; }

 private:
  base::Ticks due() const;

  std::shared_ptr<const SoundFile> file_;
  bool begun_ = false;
  base::Ticks begin_{};     // of the unit that the count began with
  std::int64_t count_ = 0;  // since then
  std::size_t next_ = 0;    // of the file's units
};

}  // namespace weir::session::forward

WEIR_ERROR_ENUM(weir::session::forward::SoundErrc)
