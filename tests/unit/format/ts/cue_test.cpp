#include "format/scte35/section.h"
#include "format/ts/demuxer.h"
#include "format/ts/muxer.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::cue_test {

namespace {

const std::string out_of_network =  // SCTE 35 14.2: a break of 60.3 s at 0x07369c02e
    "fc302f000000000000fffff014054800008f7feffe7369c02efe0052ccf500000000000a0008435545490000013562dba30a";

media::Track cue_track() {
  return {.id = media::TrackId::data,
          .parameters =
              std::make_shared<const media::CodecParameters>(media::CodecParameters{.codec = media::Codec::scte35})};
}

// A stream of a second with one cue, 400 ms in, about a moment four seconds later.
base::Buffer stream_with_cue(bool announced) {
  const auto file = test::read_flv("flv/h264_aac.flv");
  media::Tracks tracks = file.tracks;
  if (announced) tracks.push_back(cue_track());
  ts::Muxer muxer;
  muxer.set_tracks(tracks);
  base::Buffer out;
  bool told = false;
  for (const auto& frame : file.frames) {
    if (!told && frame->dts >= std::chrono::milliseconds(400)) {
      muxer.append_cue(std::chrono::milliseconds(4'400), test::bytes(out_of_network), out);
      told = true;
    }
    muxer.append(*frame, out);
  }
  muxer.append_flush(out);
  return out;
}

}  // namespace

TEST_CASE("a break goes through a transport stream, its moment with the clock of the stream", "[ts][scte35]") {
  for (const bool announced : {true, false}) {
    const base::Buffer wire = stream_with_cue(announced);
    for (const std::size_t piece : {wire.size(), std::size_t{1}, std::size_t{188}, std::size_t{1000}}) {
      INFO(announced << " " << piece);
      ts::Demuxer demuxer;
      std::vector<media::FrameRef> cues, others;
      const auto take = [&] {
        while (auto unit = demuxer.poll()) {
          (unit->frame->codec == media::Codec::scte35 ? cues : others).push_back(unit->frame);
        }
      };
      for (std::size_t at = 0; at < wire.size(); at += piece) {
        demuxer.input(wire.bytes().subspan(at, std::min(piece, wire.size() - at)));
        take();
      }
      demuxer.finish();
      take();
      REQUIRE(cues.size() == 1);
      CHECK(demuxer.tracks().size() == 3);
      // The muxer adds a second to all times.
      const base::Ticks first = others.front()->dts, moment = cues.front()->dts + cues.front()->composition;
      CHECK(moment == base::Ticks(5'400 * 90));
      CHECK(cues.front()->dts - first < std::chrono::milliseconds(700));
      const auto said = scte35::parse(cues.front()->payload);
      REQUIRE(said);
      CHECK(said->event == 0x4800008f);
      CHECK(said->duration == base::Ticks(0x52ccf5));
      for (const auto& counts : demuxer.counts()) CHECK(counts.malformed == 0);
    }
  }
}

}  // namespace weir::test::cue_test
