#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_writer.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/gather.h"
#include "base/result.h"
#include "codec/light.h"
#include "format/id3/event.h"
#include "format/mp4/lane.h"
#include "format/mp4/rates.h"
#include "media/frame.h"
#include "media/track.h"

namespace weir::mp4 {

// Makes a fragmented file of frames: one initialisation segment, then media segments or chunks of any length (ISO
// 14496-12 8.8, and 23000-19 where there is one track). Holds references to the frames of a small fragment; of a large
// one what is most is copied as it comes to where it will leave, so that nobody waits for the end of it. Times are
// absolute, so that fragments of separate tracks, and of a stream joined late, stay together. One for each set of
// tracks: after a change make another. Single-threaded.
//
//   Fragmenter fragmenter(tracks);
//   for each frame: if (a fragment should end before it) out = fragmenter.cut(&frame);  fragmenter.add(frame);
//   fragmenter.init();   // AC-3 needs its first frame; all others have it from the start
class Fragmenter {
 public:
  static constexpr std::size_t largest_tracks = 16;
  static constexpr std::size_t largest_samples = 200'000;  // of one fragment, all tracks together
  static constexpr std::size_t largest_bytes = 512 * 1024 * 1024;

  // Tracks that cannot be carried are left out.
  explicit Fragmenter(const media::Tracks& tracks);

  bool carries(media::TrackId id) const;
  bool has_tracks() const { return !tracks_.empty(); }
  // ftyp and moov. Fails if a codec's configuration is missing: for AC-3 until its first frame was added. Tells the
  // rates of what was cut before; a reader that has it from the begin knows none.
  base::Result<base::SharedBytes> init() const;

  // False for a frame of another track, without bytes, or beyond the limits.
  bool add(const media::Frame& frame);
  // False before the first frame of a video of high dynamic range, which says how bright it is. init() tells what is
  // known; what was cut does not wait any longer.
  bool described() const;

  // A box before the next fragment that is cut (emsg version 1: ISO 23009-1 5.10.3.3), for timed metadata in ID3.
  void add_event(const id3::Event& event);

  bool empty() const { return samples_ == 0; }
  std::size_t samples() const { return samples_; }
  std::size_t bytes() const { return bytes_ + events_.size(); }  // of media, and of events
  // True if the fragment begins with a key frame on its first video track, or has no video.
  bool independent() const;
  // From the first to the last dts of what is held, and where the next frame is expected.
  base::Ticks begin() const { return begin_; }
  base::Ticks end() const;

  // The fragment as moof and mdat, with styp before it if asked, and forgets its frames. `next`, the frame that will
  // begin the following one, tells the duration of the last sample exactly. Empty bytes if nothing is held.
  base::SharedBytes cut(const media::Frame* next = nullptr, bool segment_type = true) {
    return cut(Cut{.next = next, .segment_type = segment_type});
  }
  struct Cut {
    const media::Frame* next = nullptr;
    bool segment_type = true;
    // Tracks of video but that of `next` keep their last frame for the next fragment: how long it lasts is not known,
    // and a guess that is too short is a hole.
    bool hold = false;
    std::optional<base::Ticks> at = {};  // else it lasts until here, if this is set
    // When what is at this moment of the stream came in, for a box before the fragment that says so (prft: 14496-12
    // 8.16.5), in milliseconds of Unix.
    struct Reference {
      base::Ticks at{};
      std::int64_t unix_ms = 0;
    };
    std::optional<Reference> reference = {};
  };
  base::SharedBytes cut(const Cut& rule);
  // A fragment of no samples at this time.
  base::SharedBytes nothing(base::Ticks at, bool segment_type);

  // Of the fragment that was cut last, one track: first dts, and the end of its last sample. Empty if it had none.
  struct Span {
    std::int64_t begin = 0, end = 0;
  };
  Span span(media::TrackId id) const;
  // Of the same: its bytes up to the end of the first sample, if that is a key frame of the first track and video; else
  // 0.
  std::size_t picture_bytes() const { return picture_bytes_; }

  // Of the same: what the cut itself had to copy of its media.
  std::size_t copied_late() const { return copied_late_; }

  static constexpr std::size_t small_bytes = 256 * 1024;

  std::uint32_t timescale(media::TrackId id) const;  // 0 for an unknown track

 private:
  struct Track {
    media::Track given;
    std::uint32_t id = 1;
    Lane lane;
    base::SharedBytes first_frame;  // kept for codecs that are described by it
    bool bright = false;            // `light` is to be found in the first frame
    codec::Light light;
    std::vector<Sample> samples;
    std::vector<base::SharedBytes> payloads;  // those that `ahead_` does not have
    base::Ticks end{};
    Span span;
    RateMeter rates = {};  // of what was cut
  };

  const Track* find(media::TrackId id) const;
  void write_moof(base::Buffer& out);
  void keep_payload(Track& track, base::SharedBytes payload);
  base::SharedBytes take_last_payload(Track& track);
  bool is_ahead(const Track& track) const { return ahead_.size() > 0 && &track == &tracks_[bulk_]; }
  base::SharedBytes with_head(base::Bytes head);
  base::SharedBytes write(const Cut& rule);
  void write_reference(base::ByteWriter& w, const Cut::Reference& reference) const;
  void write_segment_type(base::ByteWriter& w) const;

  std::vector<Track> tracks_;
  std::size_t bulk_ = 0;       // the first of video, as a rule the most of it
  base::Gather ahead_;         // of a large fragment: room for its head, and the media of that track
  std::size_t room_ = 0;       // how much of it is for the head
  std::size_t last_head_ = 0;  // what the one before took
  base::Buffer events_;        // boxes that are not written yet
  std::uint32_t next_event_ = 0;
  std::uint32_t sequence_ = 0;
  std::size_t samples_ = 0;
  std::size_t bytes_ = 0, picture_bytes_ = 0, copied_late_ = 0;
  base::Ticks begin_{};
};

}  // namespace weir::mp4
