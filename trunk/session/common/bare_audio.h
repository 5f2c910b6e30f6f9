#pragma once

#include <memory>
#include <vector>

#include "format/ts/elementary.h"
#include "media/codec_id.h"
#include "session/common/media_sink.h"

namespace weir::session {

// Sound without a container: MP3 (and its older layers), or AAC in ADTS, perhaps behind ID3 tags. Its time is that of
// its samples, from zero on. Bounded by the pieces it is given and 64 KiB.
class BareAudio {
 public:
  static constexpr std::size_t head_bytes = 10;  // by which it can be told
  // Whether something that begins so may be bare sound.
  static bool is(base::Bytes head);

  // False: nothing in it was sound.
  bool input(base::Bytes piece);
  bool has_media() const { return !units_.empty(); }
  // What is ready, as the track that it is now. What set_tracks() says.
  base::Result<void> drain(MediaSink& sink);
  media::Codec codec() const { return codec_; }
  // How long the last unit lasts: what comes next belongs so long behind it.
  base::Ticks tail() const { return tail_; }

 private:
  bool begin();

  // owned
  base::Buffer head_;  // until the codec is known
  std::unique_ptr<ts::Elementary> elementary_;
  std::vector<ts::AccessUnit> units_;

  // state
  media::Codec codec_ = media::Codec::none;
  std::size_t to_skip_ = 0, looked_at_ = 0;  // of a tag; bytes in which sound was looked for
  std::shared_ptr<const media::CodecParameters> parameters_;
  std::uint32_t generation_ = 0;
  base::Ticks tail_{};
  bool any_ = false;
};

}  // namespace weir::session
