#pragma once

#include <cstdint>

#include "hub/packager.h"

namespace weir::pack {

// Which tracks a program reads, beside data.
enum class Only : std::uint8_t { all, video, audio };

// What a program reads on its standard input. What stands in http_remux is for players: of FLV the header says which
// kinds may come, whatever that is. With one kind alone newcomers start where that can be begun with, and a transport
// stream is made anew of its frames; of all tracks it may be the packets as they came (make_ts).
hub::PackagerFactory make_piped_flv(Only only);
hub::PackagerFactory make_piped_ts(Only only);

}  // namespace weir::pack
