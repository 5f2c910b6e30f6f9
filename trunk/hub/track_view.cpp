#include "hub/track_view.h"

#include <algorithm>

namespace weir::hub {

const media::Track* main_sound(const media::Tracks& tracks) {
  const auto found =
      std::find_if(tracks.begin(), tracks.end(), [](const auto& track) { return track.id == media::TrackId::audio; });
  return found == tracks.end() ? nullptr : &*found;
}

media::Tracks TrackView::choose(const media::Tracks& tracks, const std::optional<media::Track>& derived,
                                const std::function<Fit(media::Codec)>& fit) {
  const media::Track* main = main_sound(tracks);
  derived_ = main && derived && fit(derived->parameters->codec) > fit(main->parameters->codec);
  if (!derived_) {
    owed_ = false;
    return tracks;
  }
  // Its generations are none of the original's: outputs tell by them that a decoder needs new parameters.
  constexpr std::uint32_t of_derived = 0x4000'0000;
  media::Tracks told = tracks;
  for (media::Track& track : told) {
    if (track.id == media::TrackId::audio) {
      track = {media::TrackId::audio, derived->generation + of_derived, derived->parameters};
    }
  }
  return told;
}

}  // namespace weir::hub
