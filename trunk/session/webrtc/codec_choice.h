#pragma once

#include <string_view>
#include <vector>

#include "media/codec_id.h"

namespace weir::session::webrtc {

// What a request's parameters leave of the codecs that would be agreed on: `video=none`, `audio=none`, or one codec by
// name (`video=vp9`, `audio=opus`); SRS's `codec=hevc` is the same as `video=hevc`. A name that is none of them changes
// nothing. `param` as in hub::Request.
void choose_codecs(std::string_view param, std::vector<media::Codec>& video, std::vector<media::Codec>& audio);

}  // namespace weir::session::webrtc
