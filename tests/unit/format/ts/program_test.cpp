#include "format/ts/demuxer.h"
#include "support/catch.h"
#include "support/media_files.h"
#include "support/two_programs.h"

namespace weir::test::program_test {

using media::Codec;
using media::TrackId;

namespace {

test::MediaFile read(base::Bytes file, std::uint16_t program) {
  ts::Demuxer demuxer(ts::Demuxer::Options{.program = program});
  demuxer.input(file);
  demuxer.finish();
  return test::drain(demuxer);
}

}  // namespace

TEST_CASE("of several programs the one that is asked for is played, else the first", "[ts]") {
  const auto first = test::test_file("ts/h264_aac.ts"), second = test::test_file("ts/hevc_opus.ts");
  const auto both = test::two_programs(first, second);
  for (std::uint16_t program = 0; program < 3; ++program) {
    INFO(program);
    const auto got = read(both, program), wanted = test::read_ts(program == 2 ? second : first);
    REQUIRE(got.tracks.size() == 2);
    CHECK(got.tracks[0].parameters->codec == (program == 2 ? Codec::hevc : Codec::h264));
    CHECK(got.count(TrackId::video) == wanted.count(TrackId::video));
    CHECK(got.count(TrackId::audio) == wanted.count(TrackId::audio));
  }
}

TEST_CASE("descriptors that come and go in the map begin no track anew", "[ts]") {
  const auto plain = test::test_file("ts/h264_aac.ts");
  auto wire = plain;
  std::uint8_t maps = 0;
  for (std::size_t at = 0; at + ts::packet_bytes <= wire.size(); at += ts::packet_bytes) {
    const auto packet = ts::parse_packet(base::Bytes(wire).subspan(at, ts::packet_bytes));
    if (!packet || packet->pid != 0x1000 || !packet->unit_start) continue;
    const base::Bytes section = packet->payload.subspan(1);
    auto pmt = *ts::parse_pmt(section.first(3 + (static_cast<std::size_t>(section[1] & 0x0f) << 8 | section[2])));
    pmt.version = maps & 0x1f;
    if (maps++ % 2 != 0) pmt.streams.back().descriptors = {0x0a, 4, 'e', 'n', 'g', 0};  // the language
    const base::Buffer written = ts::write_pmt(pmt);
    std::fill_n(wire.begin() + static_cast<long>(at + 5), 183, std::uint8_t{0xff});
    std::copy_n(written.data(), written.size(), wire.begin() + static_cast<long>(at + 5));
  }
  REQUIRE(maps > 2);
  const auto changes = [](base::Bytes bytes) {
    ts::Demuxer demuxer;
    demuxer.input(bytes);
    demuxer.finish();
    std::size_t frames = 0, told = 0;
    while (const auto unit = demuxer.poll()) {
      ++frames;
      told += unit->tracks ? 1 : 0;
    }
    return std::pair(frames, told);
  };
  CHECK(changes(wire) == changes(plain));
}

TEST_CASE("a program that is not there is not played, and the others are told of", "[ts]") {
  ts::Demuxer demuxer(ts::Demuxer::Options{.program = 7});
  demuxer.input(test::two_programs(test::test_file("ts/h264_aac.ts"), test::test_file("ts/hevc_opus.ts")));
  demuxer.finish();
  CHECK_FALSE(demuxer.poll());
  CHECK(demuxer.programs() == std::vector<std::uint16_t>{1, 2});
}

TEST_CASE("a program behind more than are looked at is found when it is asked for", "[ts]") {
  const auto clip = test::test_file("ts/h264_aac.ts");
  ts::Pat pat;
  for (std::uint16_t i = 0; i < 40; ++i)
    pat.programs.push_back({static_cast<std::uint16_t>(100 + i), ts::Pid(0x1200 + i)});
  auto both = test::two_programs(clip, {});
  const base::Buffer section = ts::write_pat(pat);
  REQUIRE(section.size() < 183);
  // Its own table stays, and comes behind: the number is asked for again each time.
  for (std::size_t at = 0; at + 188 <= both.size(); at += 188) {
    if ((both[at + 1] & 0x1f) != 0 || both[at + 2] != 0) continue;
    pat.programs.back() = {1, ts::parse_pat(base::Bytes(both).subspan(at + 5, 20))->programs.front().pmt_pid};
    const base::Buffer longer = ts::write_pat(pat);
    std::copy(longer.data(), longer.data() + longer.size(), both.begin() + static_cast<std::ptrdiff_t>(at) + 5);
  }
  CHECK(read(both, 1).count(TrackId::video) == test::read_ts(clip).count(TrackId::video));
}

}  // namespace weir::test::program_test
