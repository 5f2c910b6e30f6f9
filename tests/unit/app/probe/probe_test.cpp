#include "app/probe/probe.h"

#include <nlohmann/json.hpp>

#include "app/probe/report.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::probe_test {

namespace {

probe::Probe probed(base::Bytes bytes, std::size_t piece = 1000) {
  probe::Probe probe;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!probe.input(bytes.subspan(at, std::min(piece, bytes.size() - at)))) break;
  }
  probe.finish();
  return probe;
}

}  // namespace

TEST_CASE("a probe says the same of a stream as FLV and as MPEG-TS", "[probe]") {
  const auto flv = probed(test::test_file("flv/h264_aac.flv"));
  const auto ts = probed(test::test_file("ts/h264_aac.ts"));
  CHECK(flv.is_flv());
  CHECK(ts.analyzer());
  for (const auto* one : {&flv, &ts}) {
    CHECK(one->fault().empty());
    REQUIRE(one->tracks().size() == 2);
    const auto& video = one->tracks().at(media::TrackId::video);
    REQUIRE(video.parameters);
    CHECK(video.parameters->codec == media::Codec::h264);
    CHECK(video.parameters->width > 0);
    CHECK(video.frame_rate() > 1);
    CHECK(video.key_frames >= 1);
    CHECK(video.backwards == 0);
    CHECK(one->tracks().at(media::TrackId::audio).parameters->codec == media::Codec::aac);
  }
  const std::string text = probe::as_text(ts, "a.ts");
  CHECK(text.starts_with("a.ts: MPEG-TS, "));
  CHECK(text.find("no fault of first or second priority") != std::string::npos);
  const auto json = nlohmann::json::parse(probe::as_json(ts, "a.ts"));
  CHECK(json["transport_stream"]["tr_101_290"]["1.4 continuity"] == 0);
  CHECK(json["tracks"][0]["codec"] == "H264");
}

TEST_CASE("what a probe cannot read is told", "[probe]") {
  const auto whole = test::test_file("flv/h264_aac.flv");
  CHECK(probed(base::Bytes(whole).first(whole.size() - 3)).fault() == "it ends inside a tag");
  CHECK(probed(test::repeat(0, 10'000)).fault() == "there is neither MPEG-TS nor FLV in it");
  CHECK(probed({}).fault() == "there is neither MPEG-TS nor FLV in it");
  auto damaged = whole;
  damaged[damaged.size() / 2] ^= 0xff;
  for (std::size_t cut = 0; cut < 2000; cut += 13) (void)probed(base::Bytes(damaged).first(cut), 100);
}

TEST_CASE("groups of pictures and gaps are measured", "[probe]") {
  probe::TrackMeter meter;
  const auto take = [&](int ms, bool key) {
    media::Frame frame;
    frame.dts = base::Millis(ms);
    frame.key = key;
    frame.payload = base::SharedBytes::copy_of(test::repeat(0, 100));
    meter.take(frame);
  };
  for (int i = 0; i < 50; ++i) take(i * 40, i % 25 == 0);
  take(2500, true);
  take(2480, false);
  CHECK(meter.longest_group == 25);
  CHECK(meter.longest_group_time == base::Millis(1500));
  CHECK(meter.longest_gap == base::Millis(540));
  CHECK(meter.backwards == 1);
  CHECK(meter.key_frames == 3);
}

}  // namespace weir::test::probe_test
