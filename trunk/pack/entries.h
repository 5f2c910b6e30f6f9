#pragma once

#include <optional>

#include "media/frame.h"
#include "media/track.h"

namespace weir::pack {

// Where newcomers may start in a format that makes each start expensive, or that does not carry every track: on key
// frames of the first video track that it carries, else, and while that is silent or never had one, on audio, both some
// time apart.
class Entries {
 public:
  // `carries(id)` for what the format carries.
  template <class Carries>
  void set_tracks(const media::Tracks& tracks, Carries carries) {
    lead_.reset();
    sound_.reset();
    for (const media::Track& track : tracks) {
      if (!carries(track.id)) continue;
      const auto kind = media::kind_of(track.parameters->codec);
      if (kind == media::Kind::audio && !sound_) sound_ = track.id;
      if (!lead_ || (kind == media::Kind::video && !is_video_)) {
        lead_ = track.id;
        is_video_ = kind == media::Kind::video;
      }
    }
  }
  bool any_track() const { return lead_.has_value(); }

  // Whether a newcomer may start on this frame; the next one no sooner than a little later. `of_stream`: the stream
  // says so, which has seen more of it than we: on sound only where no video comes.
  bool begins(const media::Frame& frame, bool of_stream) {
    const bool leads = frame.track == lead_;
    if (leads || !heard_) heard_ = frame.dts;
    if (!first_) first_ = frame.dts;
    if (leads && is_video_ && !frame.key) return false;
    if (leads) any_key_ = true;
    if (!leads && (frame.track != sound_ || (!of_stream && lead_comes(frame.dts)))) return false;
    const base::Ticks distance = is_video_ && leads ? video_distance : audio_distance;
    if (last_ && frame.dts - *last_ < distance && frame.dts >= *last_) return false;
    last_ = frame.dts;
    return true;
  }

 private:
  static constexpr base::Ticks video_distance = std::chrono::milliseconds(250);  // where every frame is a key frame
  static constexpr base::Ticks audio_distance = std::chrono::seconds(1);
  static constexpr base::Ticks silence = std::chrono::seconds(3);        // of the video; then on audio
  static constexpr base::Ticks key_patience = std::chrono::seconds(10);  // for its first key frame, likewise

  bool lead_comes(base::Ticks now) const {
    return now - *heard_ < silence && (any_key_ || now - *first_ < key_patience);
  }

  std::optional<media::TrackId> lead_, sound_;
  std::optional<base::Ticks> first_, heard_;  // of all; of the lead, last
  bool any_key_ = false;
  bool is_video_ = false;
  std::optional<base::Ticks> last_;
};

}  // namespace weir::pack
