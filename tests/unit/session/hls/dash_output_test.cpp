#include "session/hls/dash_output.h"

#include <map>
#include <regex>

#include "format/mp4/box.h"
#include "session/hls/dash_closed.h"
#include "support/catch.h"
#include "support/mpd_validator.h"
#include "unit/session/hls/frames.h"

namespace weir::test::dash_output_test {

using namespace weir::session::hls;
using namespace std::chrono_literals;

namespace {

// One stream whose updates are taken as a worker takes them.
struct Rig {
  explicit Rig(config::Vhost given = {}, std::shared_ptr<const DashWindow> resume = nullptr) {
    given.dash.fragment = 2s;
    vhost = std::make_shared<const config::Vhost>(std::move(given));
    Outlet outlet{.vhost = vhost, .app = "live", .stream = "a", .budget = budget};
    outlet.broadcast = [this](const std::shared_ptr<const Update>& update) { take(*update); };
    output = std::make_unique<DashOutput>(std::move(outlet), std::move(resume));
    segmenter = std::make_unique<Segmenter>(output->rules(), DashOutput::make_packer(vhost->dash), *output,
                                            [this] { return wall; });
    output->follow(*segmenter);
    segmenter->on_tracks({test::h264_track(), test::aac_track()});
  }
  void take(const Update& update) {
    for (const auto& place : update.removed) items.erase(place);
    for (const auto& item : update.added) items[item->place] = item;
    if (update.gone) listing = nullptr;
    if (!update.listing) return;
    listing = update.listing;
    texts.emplace_back(base::as_text(listing->full.plain));
  }
  void feed(const test::Pattern& pattern) {
    test::feed(pattern, [this](const media::Frame& frame) {
      wall += std::clamp(std::chrono::milliseconds(base::to_millis(frame.dts - last)), 0ms, 1000ms);
      last = frame.dts;
      segmenter->on_frame(frame);
    });
  }
  void leave() {
    segmenter->end();
    output->leave(false);
  }

  std::shared_ptr<const config::Vhost> vhost;
  Budget budget;
  WallTime wall{1'700'000'000'000ms};
  base::Ticks last{};
  std::unique_ptr<DashOutput> output;
  std::unique_ptr<Segmenter> segmenter;
  std::map<std::string, ItemRef> items;
  ListingRef listing;
  std::vector<std::string> texts;
};

std::string attribute(const std::string& element, const std::string& name) {
  std::smatch found;
  return std::regex_search(element, found, std::regex("\\b" + name + "=\"([^\"]*)\"")) ? found[1].str() : std::string();
}

// What a manifest says of one segment: its place and its time in the track.
struct Said {
  std::uint64_t start = 0, duration = 0;
};
using Told = std::map<std::string, Said>;

Told segments_of(const std::string& text) {
  Told out;
  const std::regex tags("<(Representation|SegmentTemplate|S) [^>]*>");
  std::string representation, media;
  std::uint64_t number = 0, at = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), tags), end; it != end; ++it) {
    const std::string tag = it->str();
    if ((*it)[1] == "Representation") {
      representation = attribute(tag, "id");
    } else if ((*it)[1] == "SegmentTemplate") {
      media = attribute(tag, "media");
      number = std::stoull(attribute(tag, "startNumber"));
      at = 0;
    } else {
      if (const std::string t = attribute(tag, "t"); !t.empty()) at = std::stoull(t);
      const std::string r = attribute(tag, "r");
      for (std::uint64_t i = 0; i <= (r.empty() ? 0 : std::stoull(r)); ++i) {
        const std::uint64_t duration = std::stoull(attribute(tag, "d"));
        out[std::regex_replace(media, std::regex("\\$Number\\$"), std::to_string(number++))] = {at, duration};
        at += duration;
      }
    }
  }
  return out;
}

// Times of a segment's samples, of its boxes.
Said times_in(base::Bytes file) {
  Said out;
  bool first = true;
  const auto u32 = [](base::Bytes b, std::size_t at) {
    return std::uint32_t{b[at]} << 24 | std::uint32_t{b[at + 1]} << 16 | std::uint32_t{b[at + 2]} << 8 | b[at + 3];
  };
  mp4::Boxes top(file);
  while (const auto box = top.next()) {
    if (box->type != mp4::fourcc("moof")) continue;
    std::uint64_t begin = 0, length = 0;
    std::uint32_t usual = 0;
    const auto traf = mp4::find_box(box->payload, mp4::fourcc("traf"));
    REQUIRE(traf);
    mp4::Boxes inner(*traf);
    while (const auto one = inner.next()) {
      const base::Bytes body = one->payload;
      const std::uint32_t flags = u32(body, 0) & 0xffffff;
      if (one->type == mp4::fourcc("tfdt")) begin = std::uint64_t{u32(body, 4)} << 32 | u32(body, 8);
      if (one->type == mp4::fourcc("tfhd") && (flags & 8) != 0) usual = u32(body, 8);
      if (one->type != mp4::fourcc("trun")) continue;
      std::size_t at = 12 + ((flags & 4) != 0 ? 4 : 0);
      for (std::uint32_t i = 0; i < u32(body, 4); ++i) {
        length += (flags & 0x100) != 0 ? u32(body, at) : usual;
        for (const std::uint32_t flag : {0x100U, 0x200U, 0x400U, 0x800U}) at += (flags & flag) != 0 ? 4 : 0;
      }
    }
    if (std::exchange(first, false)) out.start = begin;
    out.duration = begin + length - out.start;
  }
  return out;
}

// Each manifest names what is on the shelf, says the times that are in it, and never says others later.
void check(const Rig& rig) {
  Told known;
  for (const std::string& text : rig.texts) {
    CHECK(test::validate_mpd(text) == std::vector<std::string>());
    for (const auto& [path, said] : segments_of(text)) {
      const auto [before, fresh] = known.emplace(path, said);
      INFO(text << path);
      CHECK((before->second.start == said.start && before->second.duration == said.duration));
    }
    CHECK(attribute(text, "availabilityStartTime") == attribute(rig.texts.front(), "availabilityStartTime"));
  }
  for (const auto& [path, said] : segments_of(rig.texts.back())) {
    INFO(rig.texts.back() << path);
    const auto item = rig.items.find("__defaultVhost__/live/" + path);
    REQUIRE(item != rig.items.end());
    const Said real = times_in(item->second->bytes);
    CHECK(real.start == said.start);
    CHECK(real.duration == said.duration);
  }
}

std::vector<double> period_starts(const std::string& text) {
  std::vector<double> out;
  const std::regex period("<Period [^>]*start=\"PT([0-9.]+)S\"");
  for (std::sregex_iterator it(text.begin(), text.end(), period), end; it != end; ++it)
    out.push_back(std::stod((*it)[1]));
  return out;
}

}  // namespace

TEST_CASE("what a manifest says of a segment is what is in it, and stays", "[hls][dash]") {
  Rig rig;
  rig.feed({.to_ms = 30'000});
  rig.leave();
  check(rig);
  CHECK(segments_of(rig.texts.back()).size() == 10);  // dash_window_size 5, two tracks
}

TEST_CASE("a track that is silent for a while keeps its numbers", "[hls][dash]") {
  Rig rig;
  rig.feed({.to_ms = 6'000});
  rig.feed({.from_ms = 6'000, .to_ms = 12'000, .audio = false});
  rig.feed({.from_ms = 12'000, .to_ms = 17'000});
  check(rig);
  rig.leave();
  check(rig);
}

TEST_CASE("the next publisher appends a period, and the presentation goes on", "[hls][dash]") {
  Rig first;
  first.feed({.from_ms = 50'000, .to_ms = 59'000});
  first.leave();
  REQUIRE(first.listing->dash_window);
  const auto before = segments_of(first.texts.back());
  Rig second({}, first.listing->dash_window);
  second.items = first.items;
  second.texts = first.texts;
  second.wall = first.wall + 2s;
  second.feed({.to_ms = 5'000});
  check(second);
  const auto starts = period_starts(second.texts.back());
  REQUIRE(starts.size() == 2);
  CHECK(starts[0] == 0);
  CHECK(starts[1] >= 9);
  CHECK(starts[1] < 12);
  for (const auto& [path, said] : segments_of(second.texts.back())) {
    if (before.contains(path)) continue;
    CHECK(said.start < 10 * 90'000);
  }
  // The old period goes with its last segment, and its initialisation when nobody can want it.
  CHECK(second.items.contains("__defaultVhost__/live/a/video-init.mp4"));
  second.feed({.from_ms = 5'000, .to_ms = 40'000});
  check(second);
  CHECK(period_starts(second.texts.back()) == std::vector<double>{starts[1]});
  CHECK_FALSE(second.items.contains("__defaultVhost__/live/a/video-init.mp4"));
  CHECK(second.items.contains("__defaultVhost__/live/a/video-init-1.mp4"));
}

TEST_CASE("another size appends a period where the one before ends", "[hls][dash]") {
  Rig rig;
  rig.feed({.to_ms = 6'000});
  rig.segmenter->on_tracks({test::h264_track(1), test::aac_track()});
  rig.feed({.from_ms = 6'000, .to_ms = 11'000});
  check(rig);
  const auto starts = period_starts(rig.texts.back());
  REQUIRE(starts.size() == 2);
  CHECK(std::abs(starts[1] - 6) < 0.1);
  rig.output->remove(true);
  CHECK(rig.items.empty());
  CHECK(rig.budget.used() == 0);
}

TEST_CASE("a clock that jumps back begins a period with its own times", "[hls][dash]") {
  Rig rig;
  rig.feed({.from_ms = 3'600'000, .to_ms = 3'605'000});
  rig.feed({.from_ms = 1'000, .to_ms = 6'001});
  check(rig);
  REQUIRE(period_starts(rig.texts.back()).size() == 2);
  const auto told = segments_of(rig.texts.back());
  CHECK(std::count_if(told.begin(), told.end(), [](const auto& one) { return one.second.duration > 80'000; }) >= 6);
  CHECK(std::count_if(told.begin(), told.end(), [](const auto& one) { return one.second.start < 10 * 90'000; }) == 4);
}

TEST_CASE("renditions of one have the same segments whenever they began", "[hls][dash]") {
  config::Vhost vhost;
  vhost.dash.ladder = {"_low"};
  const auto cut = [&](std::int64_t from_ms) {
    Rig rig(vhost);
    rig.feed({.from_ms = from_ms, .to_ms = 12'001, .gop_ms = 1'000});
    check(rig);
    std::vector<std::uint64_t> begins;
    for (const auto& [path, said] : segments_of(rig.texts.back())) {
      if (path.find("video") != std::string::npos && said.start >= 6 * 90'000) begins.push_back(said.start);
    }
    CHECK(rig.listing->mpd);
    return begins;
  };
  const auto one = cut(1'000);
  CHECK(one == std::vector<std::uint64_t>{6 * 90'000, 8 * 90'000, 10 * 90'000});
  CHECK(cut(2'000) == one);
  CHECK(cut(5'000) == one);
}

TEST_CASE("segments of renditions belong to what names them too", "[hls][dash]") {
  config::Vhost vhost;
  Rig alone(vhost);
  alone.feed({.to_ms = 5'000});
  CHECK(alone.listing->ladder.empty());
  CHECK_FALSE(alone.listing->mpd);
}

namespace {

config::Vhost low_latency() {
  config::Vhost vhost;
  vhost.dash.low_latency = true;
  vhost.dash.chunk_duration = 200ms;
  return vhost;
}

// Each video segment on the shelf begins where its number and its period say, but for half of its length.
void check_numbers(const Rig& rig) {
  const std::string& text = rig.texts.back();
  const std::regex tags("<SegmentTemplate [^>]*media=\"[^\"]*/video-[^>]*>");
  for (std::sregex_iterator it(text.begin(), text.end(), tags), end; it != end; ++it) {
    const std::string tag = it->str(), media = attribute(tag, "media");
    const std::string stem = "__defaultVhost__/live/" + media.substr(0, media.find("$Number$"));
    std::size_t seen = 0;
    for (const auto& [place, item] : rig.items) {
      if (!place.starts_with(stem)) continue;
      const auto number = std::stoll(place.substr(stem.size())) - std::stoll(attribute(tag, "startNumber"));
      const auto told = std::stoll(attribute(tag, "presentationTimeOffset")) + number * 180'000;
      INFO(tag << " " << place);
      CHECK(std::abs(static_cast<std::int64_t>(times_in(item->bytes).start) - told) <= 90'000);
      ++seen;
    }
    CHECK(seen > 0);
  }
}

// What there is of the video segment that grows.
std::vector<base::SharedBytes> chunks_now(const Rig& rig) {
  REQUIRE(rig.listing);
  const auto& growing = rig.listing->growing;
  const auto video = std::find_if(growing.begin(), growing.end(),
                                  [](const Growing& one) { return one.place.find("/video-") != std::string::npos; });
  REQUIRE(video != growing.end());
  return video->chunks;
}

}  // namespace

TEST_CASE("a segment of low latency is told of while it is made, and is its chunks", "[hls][dash]") {
  Rig rig(low_latency());
  rig.feed({.from_ms = 2'000, .to_ms = 5'000});
  rig.feed({.from_ms = 5'000, .to_ms = 5'400, .keys_from_ms = 4'000});
  const auto some = chunks_now(rig);
  CHECK(some.size() >= 5);
  CHECK(rig.listing->growing.size() == 2);  // the sound too
  const std::string place = rig.listing->growing.front().place;
  CHECK(place == "__defaultVhost__/live/a/video-0-2.m4s");  // 4 s are the second multiple of 2 s
  CHECK_FALSE(rig.items.contains(place));
  // each is a fragment behind the time at which it came in
  const auto first_box = [](base::Bytes bytes) { return mp4::Boxes(bytes).next()->type; };
  CHECK(first_box(some[0]) == mp4::fourcc("styp"));
  CHECK(first_box(some[1]) == mp4::fourcc("prft"));
  rig.feed({.from_ms = 5'400, .to_ms = 6'041, .keys_from_ms = 4'000});
  REQUIRE(rig.items.contains(place));
  const base::Bytes whole = rig.items[place]->bytes;
  std::size_t at = 0;
  for (const auto& chunk : some) {
    REQUIRE(at + chunk.size() <= whole.size());
    CHECK(base::as_text(chunk) == base::as_text(whole.subspan(at, chunk.size())));
    at += chunk.size();
  }
  CHECK(rig.listing->growing.front().place == "__defaultVhost__/live/a/video-0-3.m4s");
}

TEST_CASE("numbers of low latency follow from the time, and a gap begins a period", "[hls][dash]") {
  Rig rig(low_latency());
  rig.feed({.from_ms = 1'000, .to_ms = 8'041, .keys_from_ms = 0});
  // what began late for its number is left out
  CHECK(rig.items.contains("__defaultVhost__/live/a/video-0-1.m4s"));
  CHECK_FALSE(rig.items.contains("__defaultVhost__/live/a/video-0-0.m4s"));
  CHECK(rig.items.contains("__defaultVhost__/live/a/audio-0-3.m4s"));
  CHECK(attribute(rig.texts.back().substr(rig.texts.back().find("<SegmentTemplate")), "startNumber") == "1");
  CHECK(attribute(rig.texts.back(), "duration") == "180000");
  CHECK(period_starts(rig.texts.back()).size() == 1);
  rig.feed({.from_ms = 13'000, .to_ms = 18'041, .keys_from_ms = 12'000});
  CHECK(period_starts(rig.texts.back()).size() == 2);
  CHECK(rig.items.contains("__defaultVhost__/live/a/video-1-7.m4s"));
  rig.segmenter->end();
  rig.output->leave(true);
  CHECK(rig.texts.back().find("SegmentTimeline") != std::string::npos);
  CHECK(rig.listing->growing.empty());
}

TEST_CASE("key frames of low latency may be anywhere between the multiples", "[hls][dash]") {
  for (const std::int64_t begin : {200, 1'000, 1'001, 1'600, 1'900}) {
    INFO(begin);
    Rig rig(low_latency());
    rig.feed({.from_ms = 20'000 + begin, .to_ms = 28'041 + begin});
    const std::string& text = rig.texts.back();
    INFO(text);
    CHECK(period_starts(text) == std::vector<double>{0});
    for (const char* name : {"video-0-10", "video-0-11", "video-0-12", "video-0-13", "audio-0-13"}) {
      CHECK(rig.items.contains(std::string("__defaultVhost__/live/a/") + name + ".m4s"));
    }
    const std::string video = text.substr(text.find("<SegmentTemplate"));
    CHECK(attribute(video, "startNumber") == "10");
    const std::int64_t told = std::stoll(attribute(video, "presentationTimeOffset")) / 90;
    CHECK(told == 20'000 + (begin > 1'000 ? begin : 0));
    CHECK(rig.listing->growing.front().place == "__defaultVhost__/live/a/video-0-14.m4s");
  }
  // A key frame beyond half of the length begins a period with times of its own.
  Rig rig(low_latency());
  rig.feed({.to_ms = 4'000});
  rig.feed({.from_ms = 4'000, .to_ms = 9'600, .gop_ms = 10'000, .keys_from_ms = -400});
  rig.feed({.from_ms = 9'600, .to_ms = 15'641, .keys_from_ms = 9'600});
  CHECK(period_starts(rig.texts.back()).size() >= 2);
  CHECK(rig.items.contains("__defaultVhost__/live/a/video-0-1.m4s"));
  check_numbers(rig);
}

TEST_CASE("numbers behind the end of a period have segments without samples", "[hls][dash]") {
  Rig first(low_latency());
  first.feed({.to_ms = 7'041});
  const auto place = [](const std::string& name) { return "__defaultVhost__/live/a/" + name + ".m4s"; };
  // The period goes on: what is not there yet may come.
  CHECK_FALSE(absent_segment(*first.listing, place("video-0-4"), first.wall + 1h));
  first.leave();
  CHECK(first.items.contains(place("video-0-3")));
  REQUIRE(first.listing->closed);
  const auto ended = first.wall;  // 7 s, the fourth segment would begin at 8 s
  const auto absent = [&](const Rig& rig, const std::string& name, std::chrono::milliseconds later) {
    return absent_segment(*rig.listing, place(name), ended + later);
  };
  for (const char* name : {"video-0-4", "audio-0-4"}) {
    const ItemRef item = absent(first, name, 0ms);
    REQUIRE(item);
    CHECK(mp4::find_box(item->bytes, mp4::fourcc("moof")));
    CHECK(times_in(item->bytes).duration == 0);
    CHECK(item->place == place(name));
  }
  CHECK(times_in(absent(first, "video-0-4", 0ms)->bytes).start == 8 * 90'000);
  CHECK(times_in(absent(first, "audio-0-4", 0ms)->bytes).start == 8 * 44'100);
  // As time goes by, and one ahead of it.
  CHECK_FALSE(absent(first, "video-0-6", 500ms));
  CHECK(absent(first, "video-0-6", 3500ms));
  // What was there, and what no player asks for.
  for (const char* name : {"video-0-3", "video-0-", "video-0-4x", "video-0-04", "video-1-4", "video-0--4", "text-0-4",
                           "video-0-18446744073709551616", "video-0-18446744073709551615", "video-0-1099511627776"}) {
    INFO(name);
    CHECK_FALSE(absent(first, name, 24h));
  }

  Rig second(low_latency(), first.listing->dash_window);
  second.wall = first.wall + 3s;
  second.feed({.to_ms = 5'041});
  CHECK(second.items.contains(place("video-1-1")));
  CHECK(absent(second, "video-0-5", 9s));
  CHECK_FALSE(absent(second, "video-1-3", 9s));
  // A gap in one publisher's time ends a period too, as soon as it is known.
  second.feed({.from_ms = 20'000, .to_ms = 20'500});
  CHECK(absent(second, "video-1-3", 1h));
  CHECK(second.listing->growing.size() == 2);
  CHECK_FALSE(absent(second, "video-2-11", 1h));
}

TEST_CASE("of low latency a track that is silent has segments without samples", "[hls][dash]") {
  Rig rig(low_latency());
  rig.feed({.to_ms = 4'000});
  rig.feed({.from_ms = 4'000, .to_ms = 8'000, .audio = false});
  rig.feed({.from_ms = 8'000, .to_ms = 12'041});
  for (int number = 0; number < 6; ++number) {
    const std::string place = "__defaultVhost__/live/a/audio-0-" + std::to_string(number) + ".m4s";
    INFO(place);
    REQUIRE(rig.items.contains(place));
    const Said real = times_in(rig.items[place]->bytes);
    CHECK((real.duration == 0) == (number == 2 || number == 3));
    CHECK(real.start + 44'100 / 2 > static_cast<std::uint64_t>(number) * 88'200);
  }
  // The exact times of the end say the same of each.
  rig.segmenter->end();
  rig.output->leave(true);
  CHECK(test::validate_mpd(rig.texts.back()) == std::vector<std::string>());
  const Told told = segments_of(rig.texts.back());
  std::uint64_t end = 0;
  for (const auto& [path, said] : told) {
    if (path.find("audio") == std::string::npos) continue;
    const Said real = times_in(rig.items.at("__defaultVhost__/live/" + path)->bytes);
    INFO(path);
    CHECK(said.start >= end);
    CHECK(said.duration > 0);
    if (real.duration > 0) CHECK((real.start == said.start && real.duration == said.duration));
    end = said.start + said.duration;
  }
}

TEST_CASE("a break is in the segments and announced: emsg of SCTE 214", "[hls][dash][scte35]") {
  Rig rig;
  rig.feed({.to_ms = 5'000});
  CHECK(rig.texts.back().find("scte35") == std::string::npos);
  rig.output->expect_cues();
  rig.segmenter->on_event({.at = base::Millis(9'000),
                           .tag = base::SharedBytes::copy_of(test::bytes("fc3011")),
                           .scheme = "urn:scte:scte35:2013:bin",
                           .duration = 30s,
                           .id = 77});
  rig.feed({.from_ms = 5'000, .to_ms = 7'000, .keys_from_ms = 4'000});
  const std::string& text = rig.texts.back();
  INFO(text);
  CHECK(text.find(R"(<InbandEventStream schemeIdUri="urn:scte:scte35:2013:bin"/>)") <
        text.find("contentType=\"audio\""));
  const base::Bytes segment = rig.items.at("__defaultVhost__/live/a/video-2.m4s")->bytes;
  // version 1: time scale 90000, at 9 s, 30 s long, 77
  const std::string expected =
      std::string(base::as_text(test::bytes("01000000 00015f90 00000000000c5c10 002932e0 0000004d"))) +
      "urn:scte:scte35:2013:bin" + std::string(2, '\0') + "\xfc\x30\x11";
  CHECK(base::as_text(segment).find(expected) != std::string_view::npos);
}

}  // namespace weir::test::dash_output_test
