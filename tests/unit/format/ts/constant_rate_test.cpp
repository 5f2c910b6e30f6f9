#include "format/ts/constant_rate.h"

#include <map>

#include "format/ts/muxer.h"
#include "format/ts/pes.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::constant_rate_test {

using namespace std::chrono_literals;
using media::TrackId;

namespace {

constexpr std::uint64_t rate = 2'000'000;
constexpr std::size_t unit = 7;

// What came out, and when.
struct Out {
  base::Buffer bytes;
  std::vector<std::pair<base::Instant, std::size_t>> grown;  // packets so far
};

// Frames of a publisher in their time, and a look each two milliseconds.
struct Line {
  ts::ConstantRate shaper;
  ts::Muxer muxer{{.table_interval = 400ms, .pcr_interval = 30ms, .audio_hold = 60ms}};
  base::Instant now{1h};
  base::Ticks at{};  // of the publisher
  Out out;
  std::size_t picture = 0, sound = 0;
  test::MediaFile file = test::read_flv("flv/h264_aac.flv");
  base::Ticks heard{};
  std::size_t more = 0;  // bytes of each picture, beyond its own

  explicit Line(std::uint64_t bits_per_second = rate) : shaper({.bits_per_second = bits_per_second}) {
    muxer.set_tracks(file.tracks);
  }
  void look() {
    shaper.output(now, unit, out.bytes);
    out.grown.emplace_back(now, out.bytes.size() / 188);
  }
  // `ratio`: how fast its clock is.
  void run(std::chrono::milliseconds time, double ratio = 1, bool sends = true) {
    const auto pictures = file.of(TrackId::video), sounds = file.of(TrackId::audio);
    const auto begin = now;
    const base::Ticks began = at;
    base::Ticks shown = at;
    while (now - begin < time) {
      now += 2ms;
      at = began +
           base::Ticks(static_cast<std::int64_t>(std::chrono::duration<double>(now - begin).count() * 90'000 * ratio));
      base::Buffer wire;
      for (; sends && heard <= at; heard += base::Ticks(2'090)) {
        media::Frame one = *sounds[1];
        one.dts = heard;
        muxer.append(one, wire);
      }
      for (; sends && shown <= at; shown += base::Ticks(3'600)) {
        media::Frame one = *pictures[picture++ % pictures.size()];
        one.dts = shown;
        one.composition = {};
        if (more > 0) {
          test::ByteVector payload(one.payload.bytes().begin(), one.payload.bytes().end());
          const auto size = static_cast<std::uint32_t>(more);
          for (int shift = 24; shift >= 0; shift -= 8) payload.push_back(static_cast<std::uint8_t>(size >> shift));
          payload.push_back(0x06);
          payload.resize(payload.size() + more - 1, 0x55);
          one.payload = base::SharedBytes::copy_of(payload);
        }
        muxer.append(one, wire);
      }
      shaper.input(wire, now);
      look();
    }
  }
};

struct Reference {
  std::size_t place;
  std::uint64_t pcr;
  bool discontinuity;
};

std::vector<Reference> references_of(base::Bytes bytes) {
  std::vector<Reference> out;
  for (std::size_t at = 0; at < bytes.size(); at += 188) {
    const auto packet = ts::parse_packet(bytes.subspan(at));
    REQUIRE(packet.has_value());
    if (packet->pcr) out.push_back({at / 188, *packet->pcr, packet->discontinuity});
  }
  return out;
}

// In nanoseconds: how far a reference is from where the bytes since the first of its run place it.
double largest_jitter(const std::vector<Reference>& all, std::uint64_t bits_per_second) {
  double largest = 0;
  std::size_t first = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i].discontinuity) first = i;
    const double ideal =
        static_cast<double>(all[i].place - all[first].place) * 1504 * 1e9 / static_cast<double>(bits_per_second);
    const double told = static_cast<double>(all[i].pcr - all[first].pcr) / 27e-3;
    largest = std::max(largest, std::abs(told - ideal));
  }
  return largest;
}

void check_counters(base::Bytes bytes) {
  std::map<ts::Pid, std::uint8_t> last;
  for (std::size_t at = 0; at < bytes.size(); at += 188) {
    const auto packet = ts::parse_packet(bytes.subspan(at));
    if (packet->pid == ts::null_pid) continue;
    const auto found = last.find(packet->pid);
    if (found != last.end()) REQUIRE(packet->continuity == ((found->second + (packet->has_payload ? 1 : 0)) & 15));
    last[packet->pid] = packet->continuity;
  }
}

}  // namespace

TEST_CASE("the rate is constant, and the clock says when its bytes are there", "[ts][constant_rate]") {
  const std::uint64_t bits = GENERATE(1'000'000ULL, 2'000'000ULL, 7'999'999ULL);
  INFO(bits);
  Line line(bits);
  line.run(10s);
  const base::Bytes bytes = line.out.bytes;
  REQUIRE(bytes.size() % (unit * 188) == 0);
  // Each second since the first packet, to one datagram.
  for (std::size_t i = 500; i < line.out.grown.size(); ++i) {
    const double sent = static_cast<double>(line.out.grown[i].second - line.out.grown[i - 500].second) * 1504;
    REQUIRE(std::abs(sent - static_cast<double>(bits)) <= unit * 1504 + static_cast<double>(bits) * 0.0005);
  }
  const double all = static_cast<double>(line.out.grown.back().second) * 1504 / 10;
  CHECK(std::abs(all - static_cast<double>(bits)) < static_cast<double>(bits) * 0.01);
  const auto references = references_of(bytes);
  REQUIRE(references.size() > 200);
  CHECK(largest_jitter(references, bits) < 40);  // one tick of 27 MHz; the standard allows 500 ns
  for (std::size_t i = 1; i < references.size(); ++i) {
    REQUIRE(references[i].pcr - references[i - 1].pcr <= 27'000 * 40);
    REQUIRE_FALSE(references[i].discontinuity);
  }
  check_counters(bytes);
  CHECK(line.shaper.overflow() == 0);
  CHECK(line.shaper.jumps() == 0);
  CHECK(line.shaper.nulls() > 0);
  CHECK(line.shaper.packets() == bytes.size() / 188);
}

TEST_CASE("what goes out at a constant rate is what came in, and comes before it is due", "[ts][constant_rate]") {
  Line line;
  line.run(6s);
  const auto file = test::read_ts(line.out.bytes);
  CHECK(file.count(TrackId::video) >= 148);
  CHECK(file.count(TrackId::audio) >= 240);
  for (std::size_t i = 1; i < file.of(TrackId::video).size(); ++i) {
    CHECK(file.of(TrackId::video)[i]->dts - file.of(TrackId::video)[i - 1]->dts == base::Ticks(3'600));
  }
  // By the clock of the place at which a picture begins; and not longer before than a decoder keeps it.
  const auto references = references_of(line.out.bytes);
  const auto clock_at = [&](std::size_t place) {
    return static_cast<double>(references[0].pcr) / 27e6 +
           (static_cast<double>(place) - static_cast<double>(references[0].place)) * 1504 / static_cast<double>(rate);
  };
  std::size_t seen = 0;
  for (std::size_t place = 0; place < line.out.bytes.size() / 188; ++place) {
    const auto packet = ts::parse_packet(line.out.bytes.bytes().subspan(place * 188));
    if (packet->pid != 0x100 || !packet->unit_start) continue;
    const auto header = ts::parse_pes_header(packet->payload);
    REQUIRE(header.has_value());
    const double early = static_cast<double>(header->dts.value_or(*header->pts)) / 90'000 - clock_at(place);
    CHECK(early > 0.05);
    CHECK(early < 1.2);
    ++seen;
  }
  CHECK(seen > 140);
}

TEST_CASE("a publisher's clock that goes wrong by little is followed without a jump", "[ts][constant_rate]") {
  constexpr std::uint64_t bits = 1'000'000;
  const double ratio = GENERATE(1.00018, 0.99982);  // 180 ppm: 54 ms in five minutes
  Line line(bits);
  line.run(300s, ratio);
  const auto references = references_of(line.out.bytes);
  CHECK(line.shaper.jumps() == 0);
  CHECK(line.shaper.overflow() == 0);
  CHECK(largest_jitter(references, bits) < 40);
  // At the end the clock is as far behind the publisher's as at the begin.
  const auto left_at = [&](const Reference& one) {
    const auto found = std::find_if(line.out.grown.begin(), line.out.grown.end(),
                                    [&](const auto& grown) { return grown.second > one.place; });
    return std::chrono::duration<double>(found->first.time_since_epoch()).count();
  };
  const double told = static_cast<double>(references.back().pcr - references.front().pcr) / 27e6;
  const double passed = (left_at(references.back()) - left_at(references.front())) * ratio;
  CHECK(std::abs(told - passed) < 0.025);
  const double sent = static_cast<double>(line.out.grown.back().second) * 1504 / 300;
  CHECK(std::abs(sent - bits) < bits * 0.0005);
}

TEST_CASE("a rate that is too low drops what comes, counts it, and waits no longer than a second",
          "[ts][constant_rate]") {
  Line line(300'000);
  line.more = 4'000;  // 800 kb/s
  line.run(10s);
  CHECK(line.shaper.overflow() > 1'000);
  CHECK(line.shaper.waiting() <= 300'000 / 1504 + 1);
  const double bits = static_cast<double>(line.out.grown.back().second) * 1504 / 10;
  CHECK(std::abs(bits - 300'000) < 3'000 + unit * 1504.0);
}

TEST_CASE("a clock that jumps is told of at its next reference", "[ts][constant_rate]") {
  ts::ConstantRate shaper({.bits_per_second = rate});
  base::Buffer out;
  std::uint64_t clock = 90'000;
  base::Instant now{1h};
  const auto run = [&] {
    for (int i = 0; i < 75; ++i, clock += 3'600) {
      base::Buffer packet(188);
      ts::write_packet_head(packet.data(), {.pid = 0x100, .pcr_base = clock & ts::clock_mask}, 0);
      shaper.input(packet, now);
      for (int look = 0; look < 20; ++look, now += 2ms) shaper.output(now, unit, out);
    }
  };
  run();
  const std::uint64_t jump = GENERATE(90'000ULL * 3600, 90'000ULL * 60 * 60 * 20, ts::clock_mask - 90'000 * 2);
  clock += jump;
  run();
  const auto references = references_of(out);
  CHECK(std::count_if(references.begin(), references.end(), [](const auto& one) { return one.discontinuity; }) == 1);
  CHECK(shaper.jumps() == 1);
  CHECK(largest_jitter(references, rate) < 40);
}

TEST_CASE("a stream that begins anew goes on, its counters too", "[ts][constant_rate]") {
  Line line;
  line.run(3s);
  line.at += base::Ticks(std::chrono::hours(1));
  line.heard = line.at;
  line.run(3s);
  CHECK(line.shaper.jumps() >= 1);
  CHECK(largest_jitter(references_of(line.out.bytes), rate) < 40);
  check_counters(line.out.bytes);
  CHECK(test::read_ts(line.out.bytes).count(TrackId::video) >= 146);
}

TEST_CASE("while nothing comes the rate and the clock go on", "[ts][constant_rate]") {
  Line line;
  line.run(2s);
  line.run(500ms, 1, false);
  const auto references = references_of(line.out.bytes);
  for (std::size_t i = 1; i < references.size(); ++i) CHECK(references[i].pcr - references[i - 1].pcr <= 27'000 * 40);
  const double bits = static_cast<double>(line.out.grown.back().second) * 1504 / 2.5;
  CHECK(std::abs(bits - static_cast<double>(rate)) < static_cast<double>(rate) * 0.01);
  check_counters(line.out.bytes);
}

TEST_CASE("a caller that slept makes up for half a second and no more", "[ts][constant_rate]") {
  Line line;
  line.run(2s);
  const std::size_t before = line.out.bytes.size() / 188;
  line.now += 5s;
  line.look();
  CHECK(line.out.bytes.size() / 188 - before <= rate / 2 / 1504 + unit);
  line.run(1s);
  CHECK(line.shaper.jumps() == 1);
}

TEST_CASE("nothing goes out before anything came, and what is no packet is left alone", "[ts][constant_rate]") {
  ts::ConstantRate shaper({.bits_per_second = rate});
  base::Buffer out;
  shaper.output(base::Instant{1h}, unit, out);
  CHECK(out.empty());
  shaper.input(test::repeat(0x00, 187), base::Instant{1h});
  CHECK(shaper.waiting() == 0);
  shaper.input(test::repeat(0x00, 188), base::Instant{1h});  // goes through as it is
  CHECK(shaper.waiting() == 1);
  auto null_packet = test::repeat(0xff, 188);
  null_packet[0] = 0x47;
  null_packet[1] = 0x1f;
  null_packet[3] = 0x10;
  shaper.input(null_packet, base::Instant{1h});
  CHECK(shaper.waiting() == 1);
}

}  // namespace weir::test::constant_rate_test
