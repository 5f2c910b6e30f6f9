#pragma once

#include "session/common/upstream/attempt.h"
#include "session/common/upstream/chain.h"
#include "session/common/upstream/pace.h"
#include "session/pull/counted_file.h"

namespace weir::session::pull {

// Whether a file of these first bytes is MP4.
bool is_mp4(base::Bytes head);

// Plays it once. Tracks of codecs that are not known are left out. mp4::Errc, upstream::Errc::no_known_format when
// nothing is left.
net::Task<base::Result<void>> play_mp4(upstream::Attempt& attempt, CountedFile& file, upstream::Pace& pace,
                                       upstream::Chain& chain);

}  // namespace weir::session::pull
