#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "proto/rtp/framing.h"

// Packets on a byte stream, read in pieces whose size the first byte says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  if (size == 0) return 0;
  const std::size_t piece = data[0] + 1U;
  base::Bytes rest(data + 1, size - 1);
  rtp::FrameReader reader(2048);
  while (!rest.empty()) {
    const base::Bytes some = rest.first(std::min(piece, rest.size()));
    rest = rest.subspan(some.size());
    reader.input(some);
    for (;;) {
      const auto packet = reader.next();
      if (!packet) return 0;
      if (!*packet) break;
    }
    if (reader.rest().size() > 2048 + 2 + 256) __builtin_trap();
  }
  return 0;
}
