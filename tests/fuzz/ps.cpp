#include <cstddef>
#include <cstdint>

#include "format/ps/demuxer.h"
#include "format/ps/muxer.h"

// A stream in packets whose size the first byte says, with times, markers and losses as the second has it; what comes
// out is written again, as to another platform.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  using namespace weir;
  const std::size_t piece = 1 + data[0] * 8U;
  const std::uint8_t how = data[1];
  base::Bytes left(data + 2, size - 2);
  ps::Demuxer demuxer({.largest_picture_bytes = 64 * 1024});
  std::size_t count = 0;
  while (!left.empty()) {
    const base::Bytes part = left.first(std::min(piece, left.size()));
    left = left.subspan(part.size());
    std::optional<base::Ticks> sent;
    if ((how & 1) != 0) sent = base::Ticks(static_cast<std::int64_t>(count / 4 * 3'600));
    demuxer.input(part, sent);
    ++count;
    if ((how & 2) != 0 || ((how & 4) != 0 && count % 4 == 0)) demuxer.mark();
    if ((how & 8) != 0 && count % 13 == 0) demuxer.lose();
  }
  demuxer.finish();
  ps::Muxer muxer;
  base::Buffer out;
  while (const auto unit = demuxer.poll()) {
    if (unit->tracks) muxer.set_tracks(*unit->tracks);
    out.clear();
    muxer.write(unit->frame, out);
  }
  while (demuxer.poll_left_out()) {
  }
  return 0;
}
