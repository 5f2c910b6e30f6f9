#include "session/hls/dash_output.h"

#include <map>
#include <regex>

#include "format/mp4/box.h"
#include "support/catch.h"
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
    segmenter = std::make_unique<Segmenter>(output->rules(), make_cmaf_packer(), *output, [this] { return wall; });
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

}  // namespace weir::test::dash_output_test
