#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "sound/pcm.h"

namespace weir::sound {

// Made for one track; not for two threads at once. The sound of a packet begins at the packet's time.
class AudioDecoder {
 public:
  virtual ~AudioDecoder() = default;
  // Replaces `out`; perhaps by nothing, with the first packets. Errc::bad_packet: the next one may be good.
  virtual base::Result<void> decode(base::Bytes packet, Pcm& out) = 0;
  // What a lost packet of `count` samples may have sounded like, at the rate and with the channels of `out`, which the
  // last decode() left. Silence, unless the codec knows better.
  virtual void conceal(std::size_t count, Pcm& out) { out.samples.assign(count * out.channels, 0.0F); }
};

// What is asked of an encoder.
struct EncoderFormat {
  std::uint32_t rate = 48'000;  // Hz
  std::uint8_t channels = 2;    // 1 or 2
  int bitrate_bps = 48'000;
};

// Packets come in order, one for each frame; the k-th one's sound begins k * frame_samples() - lookahead() samples
// behind the first sample that was given.
class AudioEncoder {
 public:
  virtual ~AudioEncoder() = default;
  virtual std::size_t frame_samples() const = 0;
  virtual std::size_t lookahead() const = 0;
  // frame_samples() of each channel, in turns. Appends the packets that are ready: none, most often one.
  virtual base::Result<void> encode(std::span<const float> samples, std::vector<base::SharedBytes>& out) = 0;
};

}  // namespace weir::sound
