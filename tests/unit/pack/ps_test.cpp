#include "pack/ps.h"

#include "format/ps/demuxer.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::ps_test {

TEST_CASE("each frame is one wire, and whoever begins at an entry is told of the streams", "[pack][gb28181]") {
  const test::MediaFile file = test::read_ts(test::test_file("ts/h264_aac.ts"));
  const auto packager = pack::make_ps(config::Vhost());
  std::vector<hub::Wire> wires;
  packager->set_tracks(file.tracks, wires);
  CHECK(packager->carries_media());
  CHECK(wires.empty());
  for (const auto& frame : file.frames) {
    const std::size_t before = wires.size();
    packager->package(*frame, frame->key && frame->track == media::TrackId::video, wires);
    REQUIRE(wires.size() == before + 1);
    CHECK(wires.back().dts == frame->dts);
    const auto bytes = wires.back().bytes.bytes();
    REQUIRE(bytes.size() > 18);
    CHECK(bytes[3] == 0xba);
    if (wires.back().entry) CHECK(bytes[17] == 0xbb);
  }
  REQUIRE(wires.size() == file.frames.size());
  CHECK(std::any_of(wires.begin(), wires.end(), [](const hub::Wire& wire) { return wire.entry; }));
}

TEST_CASE("sound that a program stream has no place for is made into what it has", "[pack][gb28181]") {
  const auto packager = pack::make_ps(config::Vhost());
  CHECK(packager->fit(media::Codec::opus) == hub::Fit::none);
  CHECK(packager->fit(media::Codec::pcma) == hub::Fit::good);
  CHECK(packager->fit(media::Codec::aac) == hub::Fit::good);
}

}  // namespace weir::test::ps_test
