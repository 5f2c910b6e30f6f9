#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "format/flv/body.h"
#include "format/flv/tag.h"
#include "media/colour.h"
#include "media/frame.h"
#include "media/track.h"

namespace weir::flv {

// What one message brought. Keep one and hand it to each input().
struct Yield {
  bool tracks_changed = false;         // look at Ingest::tracks() before the frames are appended
  base::ErrorCode unknown_parameters;  // why the parameters of a changed track could not be read; the track goes on
  base::ErrorCode left_out;            // why this message gave no frame, where that is no fault of its bytes
  std::vector<media::Frame> frames;
};

// Makes tracks and frames of the messages of a publisher: RTMP audio, video and data messages, or FLV tags. One for
// each publish; single-threaded. A frame's payload is a slice of the message it came in, a copy only where its bytes
// had to be mended (`mend.h`); its time is the publisher's own (media::Timeline repairs it).
//
// An error means that this message was dropped and counted; the caller may go on with the next one, and will unless
// there are too many.
class Ingest {
 public:
  struct Counts {
    std::uint64_t frames = 0;
    std::uint64_t before_header = 0;  // frames before the sequence header of their track
    std::uint64_t unsupported = 0;    // of a codec that is not known
    std::uint64_t malformed = 0;
    std::uint64_t ignored = 0;  // what has no meaning for a live stream: seek commands, end of sequence
  };
  // What still fits into a message of 24 bits with the longest head before it.
  static constexpr std::size_t largest_frame_bytes = 0xffffff - 16;
  static constexpr std::size_t largest_header_bytes = 64 * 1024;
  static constexpr std::size_t largest_metadata_bytes = 1024 * 1024;

  // `time` is the message's, unwrapped (base::ClockUnwrap). `out` is emptied first.
  base::Result<void> input(TagType type, base::Millis time, const base::SharedBytes& body, Yield& out);

  const media::Tracks& tracks() const { return tracks_; }
  const Counts& counts() const { return counts_; }

 private:
  struct Slot {
    media::Kind kind = media::Kind::video;
    std::uint8_t index = 0;  // as the multitrack message says
    media::Codec codec = media::Codec::none;
    media::TrackId id = media::TrackId::video;
    std::uint32_t generation = 0;
    std::uint64_t frame_format = 0;  // of codecs that say their parameters in each frame: what it was last
    bool ready = false;
    bool learnt = false;         // its parameters were found in its frames, there was no sequence header
    base::SharedBytes header{};  // the sequence header in force
    media::Colour colour{};      // of a colour packet
  };
  static constexpr std::size_t largest_slots = 16;

  base::Result<void> take_media(media::Kind kind, base::Millis time, const base::SharedBytes& body, Yield& out);
  base::Result<void> take_part(const MediaPart& part, media::Kind kind, base::Millis time,
                               const base::SharedBytes& body, Yield& out);
  base::Result<void> take_header(Slot& slot, const MediaPart& part, Yield& out);
  base::Result<void> take_colour(Slot& slot, const MediaPart& part, Yield& out);
  base::Result<void> take_frame(Slot& slot, const MediaPart& part, base::Millis time, const base::SharedBytes& body,
                                Yield& out);
  base::Result<void> learn_from_frame(Slot& slot, const MediaPart& part, Yield& out);
  void learn_header(Slot& slot, const MediaPart& part, Yield& out);
  void set_header(Slot& slot, media::Codec codec, base::Bytes header, Yield& out);
  void take_adts(Slot& slot, std::span<const base::Bytes> units, base::Millis time, const base::SharedBytes& body,
                 Yield& out);
  base::Result<void> take_script(base::Millis time, const base::SharedBytes& body, Yield& out);
  base::Result<void> take_metadata(base::Bytes message, Yield& out);
  base::Result<Slot*> slot_of(media::Kind kind, std::uint8_t index);
  const media::CodecParameters* parameters_of(const Slot& slot) const;
  void set_parameters(Slot& slot, media::CodecParameters parameters, Yield& out);
  void emit(const Slot& slot, media::Frame frame, base::Ticks time, Yield& out);

  // owned
  media::Tracks tracks_;
  std::vector<Slot> slots_;
  // state
  Parts parts_;
  Counts counts_;
};

}  // namespace weir::flv
