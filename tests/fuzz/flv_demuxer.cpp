// An FLV stream from a publisher, in two pieces, through demuxer and ingest to written tags. The first byte says where
// the cut is.
#include <cstdlib>
#include <map>

#include "base/clock_unwrap.h"
#include "format/flv/demuxer.h"
#include "format/flv/muxer.h"
#include "support/placed_ingest.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const base::Bytes in(data + 1, size - 1);
  const std::size_t cut = in.size() * data[0] / 256;
  flv::Demuxer demuxer({.largest_tag_bytes = 1 << 20});
  if (demuxer.input(in.first(cut))) (void)demuxer.input(in.subspan(cut));

  test::PlacedIngest ingest;
  base::MillisUnwrap clock;
  std::map<media::TrackId, flv::BodyWriter> writers;
  std::map<media::TrackId, base::Ticks> last;
  while (const auto tag = demuxer.poll()) {
    (void)ingest.input(tag->type, base::Millis(clock.unwrap(tag->timestamp_ms)), tag->body);
    if (ingest.yield.tracks_changed) {
      writers.clear();
      for (const auto& track : ingest.ingest.tracks()) {
        const flv::WireOptions options{.legacy_hevc_av1 = (data[0] & 1) != 0};
        writers.emplace(track.id, flv::BodyWriter(track, options));
      }
      (void)flv::track_tags(ingest.ingest.tracks(), base::Ticks(0));
    }
    for (const auto& frame : ingest.frames) {
      const auto& writer = writers.at(frame->track);
      base::Buffer room(flv::tag_bytes(writer, *frame));
      if (flv::write_tag({room.data(), room.size()}, writer, *frame) != room.size()) std::abort();
      const auto before = last.find(frame->track);
      if (before != last.end() && frame->dts <= before->second) std::abort();
      last[frame->track] = frame->dts;
    }
  }
  return 0;
}
