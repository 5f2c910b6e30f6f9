#include "format/ts/packet_finder.h"

namespace weir::ts {

// Sets the stride and returns where a packet begins; or returns how much is certainly not the begin of one.
std::size_t PacketFinder::find(base::Bytes in, bool last) {
  for (std::size_t at = 0; at < in.size(); ++at) {
    if (in[at] != sync_byte) continue;
    const std::size_t left = in.size() - at;
    if (left < look_ahead && !last) return at;
    if (left < packet_bytes) return in.size();
    for (const std::size_t stride : strides) {
      std::size_t beat = 1;
      while (beat < beats && beat * stride < left && in[at + beat * stride] == sync_byte) ++beat;
      if (beat == beats || (last && beat * stride >= left)) {
        stride_ = stride;
        return at;
      }
    }
  }
  return in.size();
}

}  // namespace weir::ts
