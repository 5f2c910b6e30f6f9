#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "media/codec_id.h"

namespace weir::session::webrtc {

// What a request's parameters leave of the codecs that would be agreed on: `video=none`, `audio=none`, or one codec by
// name (`video=vp9`, `audio=opus`); SRS's `codec=hevc` is the same as `video=hevc`. A name that is none of them changes
// nothing. `param` as in hub::Request.
//
// Where a stream has several tracks of a kind, `video=2` or `audio=3` is one of them, counted from 1.
void choose_codecs(std::string_view param, std::vector<media::Codec>& video, std::vector<media::Codec>& audio);

struct TrackChoice {
  unsigned video = 1, audio = 1;
};
// None: a number that is no track's, pack::most_choices at most.
std::optional<TrackChoice> choose_tracks(std::string_view param);

}  // namespace weir::session::webrtc
