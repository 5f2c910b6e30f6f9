#include "format/dash/mpd.h"

#include "support/catch.h"
#include "support/mpd_validator.h"

namespace weir::test::mpd_test {

using namespace weir::dash;

namespace {

Mpd live() {
  Mpd mpd{.availability_start = WallTime(base::Millis(1'700'000'000'000)),
          .published = WallTime(base::Millis(1'700'000'060'500))};
  mpd.clock_url = "/api/v1/clock?a=1&b=2";
  mpd.periods.emplace_back().representations.push_back(
      {.id = "video",
       .codecs = "avc1.64001f",
       .bandwidth_bps = 1'200'000,
       .width = 1280,
       .height = 720,
       .frame_rate = 29.97,
       .initialization = "$RepresentationID$-init.mp4",
       .media = "$RepresentationID$-$Number$.m4s",
       .first_number = 12,
       .segments = {{900'000, 180'000}, {1'080'000, 180'000}, {1'260'000, 90'000}, {1'440'000, 90'000}}});
  return mpd;
}

}  // namespace

TEST_CASE("a live presentation says its times, its clock and its segments", "[dash]") {
  const auto text = write_mpd(live());
  const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
  CHECK(
      has(R"(type="dynamic" availabilityStartTime="2023-11-14T22:13:20.000Z" publishTime="2023-11-14T22:14:20.500Z")"));
  CHECK(has(R"(minimumUpdatePeriod="PT5.000S" timeShiftBufferDepth="PT60.000S")"));
  CHECK(has(R"(<UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-xsdate:2014" value="/api/v1/clock?a=1&amp;b=2"/>)"));
  CHECK(has(R"(codecs="avc1.64001f" bandwidth="1200000" width="1280" height="720" frameRate="30000/1001")"));
  CHECK(has(R"(timescale="90000" presentationTimeOffset="0" startNumber="12")"));
  // two that follow one another share an element; behind a gap the time is told again
  CHECK(
      has("<S t=\"900000\" d=\"180000\" r=\"1\"/>\n            <S d=\"90000\"/>\n            <S t=\"1440000\" "
          "d=\"90000\"/>"));
}

TEST_CASE("an ended presentation is static", "[dash]") {
  auto mpd = live();
  mpd.duration = std::chrono::seconds(16);
  const auto text = write_mpd(mpd);
  CHECK(text.find(R"(type="static" mediaPresentationDuration="PT16.000S")") != std::string::npos);
  CHECK(text.find("UTCTiming") == std::string::npos);
  CHECK(text.find("dynamic") == std::string::npos);
}

TEST_CASE("audio, another time scale, a period that begins later", "[dash]") {
  auto mpd = live();
  mpd.clock_url.clear();
  mpd.periods.push_back({.id = 7, .start = std::chrono::seconds(60), .media_start = std::chrono::seconds(10)});
  mpd.periods.back().representations = {
      {.id = "a\"<", .video = false, .codecs = "mp4a.40.2", .sample_rate = 44'100, .channels = 2, .timescale = 44'100}};
  const auto text = write_mpd(mpd);
  const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
  CHECK(has(R"(mimeType="audio/mp4")"));
  CHECK(has(R"(audioSamplingRate="44100")"));
  CHECK(has(R"(id="a&quot;&lt;")"));
  CHECK(has(R"(presentationTimeOffset="441000")"));
  CHECK(has(R"(urn:mpeg:dash:utc:direct:2014)"));
  CHECK(has(R"(<Period id="0" start="PT0.000S">)"));
  CHECK(has(R"(<Period id="7" start="PT60.000S">)"));
  CHECK(text.find("</Period>") < text.find(R"(<Period id="7")"));
}

TEST_CASE("events are announced where they are: with the pictures, or with sound alone", "[dash]") {
  auto mpd = live();
  mpd.events = "https://aomedia.org/emsg/ID3";
  auto& all = mpd.periods.front().representations;
  all.push_back({.id = "audio", .set = 1, .video = false, .codecs = "mp4a.40.2"});
  const std::string told = "      <InbandEventStream schemeIdUri=\"https://aomedia.org/emsg/ID3\"/>\n";
  const auto text = write_mpd(mpd);
  CHECK(text.find(told) < text.find("</AdaptationSet>"));
  CHECK(text.find(told) == text.rfind(told));
  all.erase(all.begin());
  CHECK(write_mpd(mpd).find(told) != std::string::npos);
}

TEST_CASE("representations of one set are inside it, and several of sound are told apart", "[dash]") {
  auto mpd = live();
  auto& all = mpd.periods.front().representations;
  all.push_back(all.front());
  all.back().id = "video2";
  for (unsigned set : {1u, 2u}) {
    all.push_back({.id = "audio" + std::to_string(set), .set = set, .video = false, .codecs = "mp4a.40.2"});
  }
  const auto text = write_mpd(mpd);
  INFO(text);
  const auto count = [&](std::string_view part) {
    int found = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
    return found;
  };
  CHECK(count("<AdaptationSet ") == 3);
  CHECK(count("</AdaptationSet>") == 3);
  CHECK(count("<Representation ") == 4);
  CHECK(text.find("id=\"video2\"") < text.find("</AdaptationSet>"));
  CHECK(text.find("<Label>Audio 1</Label>\n      <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"main\"/>") <
        text.find("<Label>Audio 2</Label>"));
  CHECK(count("value=\"alternate\"") == 1);
}

TEST_CASE("frame rates below one and between whole numbers are fractions", "[dash]") {
  const std::pair<double, const char*> rates[] = {{0.5, "1/2"},          {0.2, "1/5"},           {2.0 / 3, "2/3"},
                                                  {12.5, "25/2"},        {7.5, "15/2"},          {25, "25"},
                                                  {29.97, "30000/1001"}, {14.985, "15000/1001"}, {0.001, "1/1000"}};
  for (const auto& [rate, text] : rates) {
    dash::Mpd mpd;
    dash::Representation representation;
    representation.video = true;
    representation.frame_rate = rate;
    mpd.periods.push_back({.representations = {representation}});
    INFO(rate);
    CHECK(dash::write_mpd(mpd).find(std::string(" frameRate=\"") + text + "\"") != std::string::npos);
  }
}

TEST_CASE("low latency: one length for all segments, and how far behind to stay", "[dash]") {
  auto mpd = live();
  mpd.periods.front().start = std::chrono::seconds(4);
  mpd.periods.front().media_start = std::chrono::seconds(10);
  mpd.low_latency = LowLatency{.segment = std::chrono::seconds(2),
                               .chunk = std::chrono::milliseconds(200),
                               .latency = std::chrono::milliseconds(1500)};
  const auto text = write_mpd(mpd);
  INFO(text);
  const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
  CHECK(validate_mpd(text) == std::vector<std::string>());
  CHECK(has(R"(<Latency referenceId="0" target="1500" min="750" max="6000"/>)"));
  CHECK(has(R"(<PlaybackRate min="0.96" max="1.04"/>)"));
  // DASH-IF IOP 9.X.4.2: half a second of media before the end of the segment is its availability
  CHECK(has(R"( duration="180000" availabilityTimeOffset="1.800" availabilityTimeComplete="false"/>)"));
  CHECK(has(R"(presentationTimeOffset="900000" startNumber="12")"));
  CHECK(has(
      R"(<ProducerReferenceTime id="0" inband="true" type="encoder" wallClockTime="2023-11-14T22:13:24.000Z" presentationTime="900000">)"));
  CHECK(has(R"(<Resync type="0" dT="18000"/>)"));
  CHECK_FALSE(has("SegmentTimeline"));
  // In the order of the schema.
  CHECK(text.find("<ServiceDescription") < text.find("<Period"));
  CHECK(text.find("<ProducerReferenceTime") < text.find("<Representation"));
  CHECK(text.find("<Resync") < text.find("<SegmentTemplate"));
  mpd.duration = std::chrono::seconds(16);  // what is over has its exact times
  CHECK(write_mpd(mpd).find("SegmentTimeline") != std::string::npos);
  CHECK(write_mpd(mpd).find("ServiceDescription") == std::string::npos);
}

}  // namespace weir::test::mpd_test
