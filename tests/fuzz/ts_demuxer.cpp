#include <cstddef>
#include <cstdint>

#include "format/ts/constant_rate.h"
#include "format/ts/demuxer.h"
#include "format/ts/muxer.h"

// A stream in two pieces, cut where the first byte says; what comes out is written again, as a server would.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const weir::base::Bytes wire(data + 1, size - 1);
  const std::size_t cut = wire.size() * data[0] / 256;
  weir::ts::Demuxer demuxer({.largest_pes_bytes = 64 * 1024, .largest_streams = 4, .passes = true});
  demuxer.input(wire.first(cut));
  demuxer.input(wire.subspan(cut));
  for (const auto& piece : demuxer.passage().pieces()) {
    const std::size_t tables = 1 + std::size_t{piece.bytes.data()[0]} * weir::ts::packet_bytes;
    if (tables > piece.bytes.size() || (piece.bytes.size() - 1) % weir::ts::packet_bytes != 0) __builtin_trap();
  }
  demuxer.finish();
  weir::ts::ConstantRate rate({.bits_per_second = 1'000'000});
  weir::base::Buffer even;
  weir::base::Instant now{};
  for (const auto& piece : demuxer.passage().pieces()) {
    rate.input(piece.bytes.bytes().subspan(1), now);
    now += std::chrono::milliseconds(data[0]);
    rate.output(now, 7, even);
  }
  if (even.size() % (7 * weir::ts::packet_bytes) != 0) __builtin_trap();
  weir::ts::Muxer muxer;
  weir::base::Buffer out;
  while (const auto unit = demuxer.poll()) {
    if (unit->tracks) muxer.set_tracks(*unit->tracks);
    out.clear();
    muxer.append(*unit->frame, out);
    if (unit->frame->codec == weir::media::Codec::ts_data) muxer.append_data(*unit->frame, out);
  }
  muxer.append_flush(out);
  return 0;
}
