#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "config/transcode.h"
#include "hub/stream.h"
#include "net/life.h"

namespace weir::snapshot {

// The newest key frame of a stream as a film of one picture, fragmented MP4: all its codecs have a place in that, and
// it is read front to back. On the stream's worker. Errc::no_stream, no_video, no_key.
base::Result<base::SharedBytes> still_of(const hub::Stream* stream);

// Has the program make a JPEG of it, in at most ten seconds and 16 MB. Errc::no_picture, and `why` says how it ended;
// what the system says of a program that cannot be run; net::Errc::stopped.
net::Task<base::Result<base::SharedBytes>> jpeg_of(net::Life& life, const config::Snapshot& settings,
                                                   base::SharedBytes film, std::string& why);

// The words of the program.
std::vector<std::string> words_of(const config::Snapshot& settings);

}  // namespace weir::snapshot
