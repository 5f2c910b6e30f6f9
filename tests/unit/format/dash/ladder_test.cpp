#include "format/dash/ladder.h"

#include "support/catch.h"
#include "support/mpd_validator.h"

namespace weir::test::ladder_test {

using namespace weir::dash;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t second = 90'000;

// A stream whose media begins at `media_s` and whose presentation began at `wall_s`; segments of two seconds.
Mpd stream(std::uint64_t media_s, std::int64_t wall_s, int count, const char* codecs = "avc1.64001f") {
  Mpd mpd{.availability_start = WallTime(std::chrono::seconds(1'700'000'000 + wall_s))};
  const auto at = base::Ticks(static_cast<std::int64_t>(media_s * second));
  Period period{.media_start = at};
  period.representations.push_back({.id = "video", .place = "video", .codecs = codecs, .bandwidth_bps = 1'000'000});
  period.representations.push_back({.id = "audio", .video = false, .place = "audio", .codecs = "mp4a.40.2"});
  for (Representation& one : period.representations) {
    one.first_number = 4;
    one.initialization = one.id + "-init.mp4";
    one.media = one.id + "-$Number$.m4s";
    for (int i = 0; i < count; ++i) {
      one.segments.push_back({(media_s + 2 * static_cast<std::uint64_t>(i)) * second, 2 * second});
    }
  }
  mpd.periods.push_back(std::move(period));
  return mpd;
}

}  // namespace

TEST_CASE("renditions of one encoder are one presentation with its times", "[dash]") {
  const Mpd itself = stream(100, 0, 5), low = stream(102, 3, 4);  // began later, and comes a second later
  const Mpd all = join({{"_low", &low, "../x/"}, {"", &itself, ""}}, 1);
  REQUIRE(all.periods.size() == 1);
  const auto& told = all.periods.front().representations;
  REQUIRE(told.size() == 4);
  CHECK(told[0].id == "video_low");
  CHECK(told[1].id == "video");
  CHECK(told[0].set == told[1].set);
  CHECK(told[2].id == "audio_low");
  CHECK(told[3].id == "audio");
  CHECK(told[2].set == told[3].set);
  CHECK(told[2].set != told[0].set);
  for (const Representation& one : told) {
    CHECK(one.aligned);
    CHECK(one.media_start == base::Ticks(100 * 90'000));
  }
  CHECK(told[0].media == "../x/video-$Number$.m4s");
  CHECK(told[0].initialization == "../x/video-init.mp4");
  CHECK(told[0].first_number == 4);
  CHECK(told[0].segments.size() == 4);
  CHECK(all.availability_start == itself.availability_start);
  const std::string text = write_mpd(all);
  INFO(text);
  CHECK(validate_mpd(text) == std::vector<std::string>());
  CHECK(text.find(R"(segmentAlignment="false")") == std::string::npos);
  CHECK(text.find("<Label>") == std::string::npos);  // the sounds are qualities of one
}

TEST_CASE("a rendition of other times is where its dates say, in a period of its own", "[dash]") {
  const Mpd itself = stream(1'000, 0, 5), low = stream(0, 4, 3);
  const Mpd all = join({{"_low", &low, ""}, {"", &itself, ""}}, 1);
  REQUIRE(all.periods.size() == 2);
  CHECK(all.periods[0].id == 0);
  CHECK(all.periods[0].representations.size() == 2);
  CHECK(all.periods[0].representations[0].segments.size() == 2);
  CHECK(all.periods[1].start == base::Ticks(4s));
  const auto& told = all.periods[1].representations;
  REQUIRE(told.size() == 4);
  CHECK(told[0].media_start == base::Ticks{});
  CHECK_FALSE(told[0].aligned);
  CHECK(told[1].media_start == base::Ticks(1'004s));
  CHECK(told[1].first_number == 6);
  CHECK(told[1].segments.size() == 3);
  CHECK(write_mpd(all).find(R"(segmentAlignment="false")") != std::string::npos);
  CHECK(validate_mpd(write_mpd(all)) == std::vector<std::string>());
  // What has gone takes nothing from the name of a period.
  Mpd later = low;
  later.periods.front().representations.front().segments.erase(
      later.periods.front().representations.front().segments.begin());
  CHECK(join({{"_low", &later, ""}, {"", &itself, ""}}, 1).periods[1].id == all.periods[1].id);
}

TEST_CASE("a period of the stream itself is one of its renditions", "[dash]") {
  Mpd itself = stream(100, 0, 3);
  const Mpd low = stream(100, 0, 6), again = stream(106, 0, 3);
  itself.periods.push_back(again.periods.front());
  itself.periods.back().id = 1;
  itself.periods.back().start = 6s;
  const Mpd all = join({{"_low", &low, ""}, {"", &itself, ""}}, 1);
  REQUIRE(all.periods.size() == 2);
  for (const Period& period : all.periods) {
    REQUIRE(period.representations.size() == 4);
    CHECK(period.representations[0].id == "video_low");
    CHECK(period.representations[0].segments.size() == 3);
  }
  CHECK(all.periods[1].representations[0].first_number == 7);
  CHECK(all.periods[1].representations[0].media_start == base::Ticks(106s));
}

TEST_CASE("other codecs are other sets", "[dash]") {
  const Mpd itself = stream(100, 0, 3), low = stream(100, 0, 3, "hvc1.1.6.L93.B0");
  const auto told = join({{"_low", &low, ""}, {"", &itself, ""}}, 1).periods.front().representations;
  REQUIRE(told.size() == 4);
  CHECK(told[0].set != told[3].set);
  CHECK(std::count_if(told.begin(), told.end(), [&](const auto& one) { return one.set == told[0].set; }) == 1);
}

TEST_CASE("a presentation of renditions is over when all are", "[dash]") {
  Mpd itself = stream(100, 0, 3), low = stream(100, 0, 3);
  itself.duration = 6s;
  CHECK_FALSE(join({{"_low", &low, ""}, {"", &itself, ""}}, 1).duration);
  low.duration = 6s;
  CHECK(join({{"_low", &low, ""}, {"", &itself, ""}}, 1).duration == base::Ticks(6s));
}

}  // namespace weir::test::ladder_test
