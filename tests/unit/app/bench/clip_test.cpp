#include "app/bench/clip.h"

#include <algorithm>

#include "app/bench/demo.h"
#include "app/bench/errc.h"
#include "app/bench/histogram.h"
#include "app/bench/stamp.h"
#include "base/byte_reader.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::clip_test {

using test::bytes;
using test::repeat;
using test::operator+;
using std::chrono::microseconds;

TEST_CASE("the synthetic clip has the bitrate, the rates and the headers it says", "[bench]") {
  const bench::Clip clip = bench::make_clip({});
  CHECK(clip.bits_per_second() == Approx(500'000).epsilon(0.02));
  CHECK(clip.length_ms == 20'000);
  REQUIRE(clip.headers.size() == 2);
  const auto count = [&](int type) {
    return std::count_if(clip.messages.begin(), clip.messages.end(), [&](const auto& m) { return m.type == type; });
  };
  CHECK(count(9) == 600);
  CHECK(count(8) / 20 == 43);
  CHECK(std::is_sorted(clip.messages.begin(), clip.messages.end(),
                       [](const auto& a, const auto& b) { return a.time_ms < b.time_ms; }));

  std::uint32_t keys = 0;
  for (const auto& m : clip.messages) {
    if (m.type != 9) continue;
    const base::Bytes body = clip.payload(m);
    REQUIRE(m.stamped);
    // One NAL unit with a four-byte length behind the five bytes of AVCVIDEOPACKET.
    const std::size_t nal = base::ByteReader{body.subspan(5)}.u32();
    REQUIRE(nal == body.size() - 9);
    if (body[0] == 0x17) ++keys;
  }
  CHECK(keys == 10);
  CHECK(clip.payload(clip.messages.front())[0] == 0x17);
}

TEST_CASE("an FLV file becomes a clip that starts at zero", "[bench]") {
  const auto file = bytes("464c56 01 05 00000009 00000000") +
                    bytes("12 000003 000000 00 000000 020001 0000000e") +      // metadata
                    bytes("09 000005 000000 00 000000 1700000000 00000010") +  // AVC sequence header
                    bytes("09 00001e 0003e8 00 000000 1701000000") + repeat(9, 25) + bytes("00000029") +  // at 1000
                    bytes("08 000002 0003f0 00 000000 af01 0000000d") +                                   // at 1008
                    bytes("09 00001e 000410 00 000000 2701000000") + repeat(9, 25);  // at 1040, no last size
  const auto clip = bench::parse_clip(file);
  REQUIRE(clip.has_value());
  CHECK(clip->headers.size() == 2);
  REQUIRE(clip->messages.size() == 3);
  CHECK(clip->messages[0].time_ms == 0);
  CHECK(clip->messages[1].time_ms == 8);
  CHECK(clip->messages[2].time_ms == 40);
  CHECK(clip->length_ms == 60);  // two frames in 40 ms: one step of 20 behind the last

  CHECK(bench::parse_clip(bytes("464c57 01 05 00000009 00000000")).error() == bench::Errc::bad_flv);
  CHECK(bench::parse_clip(base::Bytes(file).first(26)).error() == bench::Errc::bad_flv);
  CHECK(bench::parse_clip(base::Bytes(file).first(13)).error() == bench::Errc::no_video);
}

TEST_CASE("a stamp is read back, and other bytes are none", "[bench]") {
  std::uint8_t end[bench::stamp_size] = {};
  CHECK_FALSE(bench::read_stamp(end).has_value());
  const base::Instant now = base::Instant::clock::now();
  bench::write_stamp(end, now);
  REQUIRE(bench::read_stamp(end).has_value());
  CHECK(*bench::read_stamp(end) == now);
  CHECK_FALSE(bench::read_stamp(base::Bytes(end).first(15)).has_value());
}

TEST_CASE("percentiles are right to a thirtieth", "[bench]") {
  bench::Histogram histogram;
  CHECK(histogram.percentile_ms(0.5) == 0);
  for (int us = 1; us <= 100'000; ++us) histogram.add(microseconds{us});
  CHECK(histogram.percentile_ms(0.5) == Approx(50).epsilon(0.034));
  CHECK(histogram.percentile_ms(0.99) == Approx(99).epsilon(0.034));
  CHECK(histogram.percentile_ms(1) == 100);
  CHECK(histogram.max_ms() == 100);
  CHECK(histogram.mean_ms() == Approx(50).epsilon(0.001));
  histogram.add(std::chrono::hours{100});
  histogram.add(microseconds{-5});
  CHECK(histogram.count() == 100'002);
}

TEST_CASE("the test picture is whole, begins with a key frame and is not stamped", "[bench]") {
  const bench::Clip clip = bench::demo_clip();
  CHECK(clip.length_ms >= 9'980);
  CHECK(clip.length_ms <= 10'060);
  const auto is_video = [](const auto& m) { return m.type == 9; };
  CHECK(std::ranges::count_if(clip.messages, is_video) == 250);
  CHECK(std::ranges::count_if(clip.headers, [](const auto& h) { return h.type == 8 || h.type == 9; }) == 2);
  CHECK(std::ranges::none_of(clip.messages, [](const auto& m) { return m.stamped; }));
  const auto first = std::ranges::find_if(clip.messages, is_video);
  REQUIRE(first != clip.messages.end());
  CHECK(clip.payload(*first)[0] == 0x17);
}

}  // namespace weir::test::clip_test
