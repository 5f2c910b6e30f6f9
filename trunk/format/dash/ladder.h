#pragma once

#include <string>
#include <vector>

#include "format/dash/mpd.h"

namespace weir::dash {

// A presentation of one quality, by itself.
struct Rung {
  std::string name;  // behind the ids of its representations; empty for the one that gives the presentation its times
  const Mpd* mpd = nullptr;
  std::string folder;  // before its addresses
};

// Several of one content as one presentation, its representations beside one another: `rungs` in the order in which
// they are told. `first` gives the times and the periods. What has segments at the same times of media as it (one
// encoder made both) is on its time to the tick; anything else is where its dates say, and begins a period where it
// joins. Sound of the same place in its presentation and the same codec shares a set, as videos do.
Mpd join(const std::vector<Rung>& rungs, std::size_t first);

// Gives each representation its set: videos of one family of codecs share one, and each sound has its own; of several
// presentations (`shared`) those of one place and family. Those of a set are next to one another then.
void order_by_set(std::vector<Representation>& all, bool shared);

}  // namespace weir::dash
