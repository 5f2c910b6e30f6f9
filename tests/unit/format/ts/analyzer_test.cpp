#include "format/ts/analyzer.h"

#include "format/ts/muxer.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::analyzer_test {

namespace {

test::ByteVector stream() {
  const test::MediaFile file = test::read_flv("flv/h264_aac.flv");
  ts::Muxer muxer(ts::Muxer::Options{.table_interval = std::chrono::milliseconds(400)});
  muxer.set_tracks(file.tracks);
  base::Buffer out;
  for (const auto& frame : file.frames) muxer.append(*frame, out);
  muxer.append_flush(out);
  return {out.data(), out.data() + out.size()};
}

ts::Analyzer looked_at(base::Bytes wire) {
  ts::Analyzer analyzer;
  analyzer.input(wire);
  analyzer.finish();
  return analyzer;
}

std::uint8_t* packet(test::ByteVector& wire, std::size_t number) { return wire.data() + number * ts::packet_bytes; }

// The number of the n-th packet for which `wanted` is true.
template <class Wanted>
std::size_t find(const test::ByteVector& wire, std::size_t n, Wanted wanted) {
  for (std::size_t i = 0; (i + 1) * ts::packet_bytes <= wire.size(); ++i) {
    if (wanted(*ts::parse_packet(base::Bytes(wire).subspan(i * ts::packet_bytes))) && n-- == 0) return i;
  }
  FAIL("no such packet");
  return 0;
}

bool is_media(const ts::Packet& p) {
  return p.pid >= 0x100 && p.pid != ts::null_pid && !p.unit_start && !p.pcr && p.payload.size() == ts::payload_bytes;
}
bool is_pat(const ts::Packet& p) { return p.pid == ts::pat_pid; }

}  // namespace

TEST_CASE("a stream that is right has no faults, and says what is in it", "[ts][analyzer]") {
  const auto wire = stream();
  const auto found = looked_at(wire);
  CHECK(found.faults().first_priority() == 0);
  CHECK(found.faults().second_priority() == 0);
  CHECK(found.packets() == wire.size() / ts::packet_bytes);
  CHECK(found.packet_size() == 188);
  REQUIRE(found.programs().size() == 1);
  REQUIRE(found.programs()[0].streams.size() == 2);
  const auto codec = [&](std::size_t i) {
    return found.streams().at(found.programs()[0].streams[i].pid).content.codec;
  };
  CHECK(codec(0) == media::Codec::h264);
  CHECK(codec(1) == media::Codec::aac);
  CHECK(found.clocks().at(found.programs()[0].pcr_pid).longest <= 100 * 27'000);
  CHECK(found.longest_pat() <= 500 * 27'000);
  CHECK(found.seconds() > 1);
}

TEST_CASE("it does not matter in which pieces a stream comes", "[ts][analyzer]") {
  const auto wire = stream();
  const auto whole = looked_at(wire);
  ts::Analyzer pieces;
  for (std::size_t at = 0; at < wire.size(); at += 1000)
    pieces.input(base::Bytes(wire).subspan(at, std::min<std::size_t>(1000, wire.size() - at)));
  pieces.finish();
  CHECK(pieces.packets() == whole.packets());
  CHECK(pieces.seconds() == whole.seconds());
  CHECK(pieces.faults().first_priority() == 0);
}

TEST_CASE("lost, repeated and marked packets are counted", "[ts][analyzer]") {
  auto wire = stream();
  const auto at = static_cast<std::ptrdiff_t>(find(wire, 3, is_media) * ts::packet_bytes);
  SECTION("lost") {
    wire.erase(wire.begin() + at, wire.begin() + at + static_cast<std::ptrdiff_t>(ts::packet_bytes));
    CHECK(looked_at(wire).faults().continuity == 1);
  }
  SECTION("twice is allowed, three times is not") {
    const test::ByteVector one(wire.begin() + at, wire.begin() + at + static_cast<std::ptrdiff_t>(ts::packet_bytes));
    wire.insert(wire.begin() + at, one.begin(), one.end());
    CHECK(looked_at(wire).faults().continuity == 0);
    wire.insert(wire.begin() + at, one.begin(), one.end());
    CHECK(looked_at(wire).faults().continuity == 1);
  }
  SECTION("marked by the receiver") {
    wire[static_cast<std::size_t>(at) + 1] |= 0x80;
    const auto found = looked_at(wire);
    CHECK(found.faults().transport == 1);
    CHECK(found.faults().continuity == 1);  // nothing in it is believed
  }
  SECTION("scrambled, and nobody says by what") {
    wire[static_cast<std::size_t>(at) + 3] |= 0x80;
    const auto found = looked_at(wire);
    CHECK(found.faults().cat == 1);
    CHECK(found.faults().continuity == 0);
  }
  SECTION("one sync byte, and several") {
    wire[static_cast<std::size_t>(at)] = 0;
    auto found = looked_at(wire);
    CHECK(found.faults().sync_byte == 1);
    CHECK(found.faults().sync_loss == 0);
    for (int i = 1; i < 4; ++i) wire[static_cast<std::size_t>(at) + static_cast<std::size_t>(i) * ts::packet_bytes] = 0;
    found = looked_at(wire);
    CHECK(found.faults().sync_loss == 1);
  }
}

TEST_CASE("tables that are late, wrong or missing are counted", "[ts][analyzer]") {
  auto wire = stream();
  SECTION("a wrong checksum") {
    packet(wire, find(wire, 0, is_pat))[15] ^= 1;
    CHECK(looked_at(wire).faults().crc == 1);
  }
  SECTION("a second without PAT") {
    test::ByteVector without;
    std::size_t tables = 0;
    for (std::size_t i = 0; i * ts::packet_bytes < wire.size(); ++i) {
      const base::Bytes one = base::Bytes(wire).subspan(i * ts::packet_bytes, ts::packet_bytes);
      if (is_pat(*ts::parse_packet(one)) && tables++ != 0) continue;
      without.insert(without.end(), one.begin(), one.end());
    }
    const auto found = looked_at(without);
    CHECK(found.faults().pat == 1);
    CHECK(found.longest_pat() > 500 * 27'000);
  }
}

TEST_CASE("a clock that jumps is counted, and time goes on", "[ts][analyzer]") {
  auto wire = stream();
  const auto twice = [&] {
    test::ByteVector all = wire;
    all.insert(all.end(), wire.begin(), wire.end());  // the same again: the clock falls back
    return all;
  }();
  const auto once = looked_at(wire);
  const auto found = looked_at(twice);
  CHECK(found.faults().pcr_discontinuity == 1);
  CHECK(found.seconds() > once.seconds() * 1.8);
  CHECK(found.seconds() < once.seconds() * 2.2);
}

TEST_CASE("any bytes can be looked at", "[ts][analyzer]") {
  const auto wire = stream();
  for (std::size_t cut = 0; cut < std::min<std::size_t>(wire.size(), 4000); cut += 7)
    (void)looked_at(base::Bytes(wire).first(cut));
  CHECK(looked_at(test::repeat(0x47, 100'000)).programs().empty());
  CHECK(looked_at(test::repeat(0, 100'000)).packets() == 0);
}

TEST_CASE("what a live stream misses is told while it is missing, and once", "[ts][analyzer]") {
  const auto wire = stream();
  const auto without = [&](ts::Pid missing) {
    test::ByteVector out;
    for (std::size_t i = 0; i * ts::packet_bytes < wire.size(); ++i) {
      const base::Bytes one = base::Bytes(wire).subspan(i * ts::packet_bytes, ts::packet_bytes);
      if (ts::parse_packet(one)->pid != missing) out.insert(out.end(), one.begin(), one.end());
    }
    return out;
  };
  ts::Analyzer analyzer;
  analyzer.input(wire);
  REQUIRE(analyzer.programs().size() == 1);
  const ts::Analyzer::Program& program = analyzer.programs()[0];
  const auto go_on = [&](ts::Pid missing, double seconds) {
    const auto piece = without(missing);
    for (const double until = analyzer.seconds() + seconds; analyzer.seconds() < until;) analyzer.input(piece);
  };
  SECTION("one of its streams") {
    const auto audio = std::find_if(program.streams.begin(), program.streams.end(),
                                    [&](const ts::PmtStream& one) { return one.pid != program.pcr_pid; });
    REQUIRE(audio != program.streams.end());
    go_on(audio->pid, 4);
    CHECK(analyzer.faults().pid == 0);
    go_on(audio->pid, 12);
    CHECK(analyzer.faults().pid == 1);
    analyzer.input(wire);  // it is there again, and is not told of twice
    CHECK(analyzer.faults().pid == 1);
    go_on(audio->pid, 8);
    CHECK(analyzer.faults().pid == 2);
  }
  SECTION("its tables") {
    go_on(ts::pat_pid, 3);
    CHECK(analyzer.faults().pat == 1);
    go_on(program.pmt_pid, 3);
    CHECK(analyzer.faults().pmt == 1);
  }
  CHECK(analyzer.summary().packets == analyzer.packets());
  CHECK(analyzer.summary().programs == 1);
  CHECK(analyzer.summary().packet_bytes == 188);
}

TEST_CASE("a stream that a new map names no longer is not missed", "[ts][analyzer]") {
  test::MediaFile file = test::read_flv("flv/h264_aac.flv");
  ts::Muxer muxer(ts::Muxer::Options{.table_interval = std::chrono::milliseconds(400)});
  ts::Analyzer analyzer;
  base::Ticks offset{}, last{};
  const auto round = [&] {
    base::Buffer out;
    for (const auto& frame : file.frames) {
      media::Frame moved = *frame;
      if (std::none_of(file.tracks.begin(), file.tracks.end(),
                       [&](const media::Track& track) { return track.id == moved.track; }))
        continue;
      moved.dts += offset;
      last = std::max(last, moved.dts);
      muxer.append(moved, out);
    }
    offset = last + base::Millis(40);
    analyzer.input(out.bytes());
  };
  muxer.set_tracks(file.tracks);
  round();
  std::erase_if(file.tracks, [](const media::Track& track) {
    return media::kind_of(track.parameters->codec) != media::Kind::video;
  });
  REQUIRE(file.tracks.size() == 1);
  muxer.set_tracks(file.tracks);
  while (analyzer.seconds() < 9) round();
  CHECK(analyzer.programs().at(0).streams.size() == 1);
  CHECK(analyzer.faults().pid == 0);
}

TEST_CASE("of a stream with every PID there is, so many are kept and no more", "[ts][analyzer]") {
  ts::Analyzer analyzer;
  for (int round = 0; round < 2; ++round) {
    for (unsigned pid = 0x20; pid < 0x1fff; ++pid) {
      std::array<std::uint8_t, ts::packet_bytes> one{0x47, static_cast<std::uint8_t>(pid >> 8),
                                                     static_cast<std::uint8_t>(pid), 0x10};
      analyzer.input(one);
    }
  }
  analyzer.finish();
  CHECK(analyzer.packets() == 2 * (0x1fff - 0x20));
  CHECK(analyzer.streams().size() == 512);
  CHECK(analyzer.summary().pids == 512);
}

}  // namespace weir::test::analyzer_test
