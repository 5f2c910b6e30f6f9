#include "session/hls/with_text.h"

#include <map>

#include "format/flv/script_data.h"
#include "unit/session/hls/output_rig.h"

namespace weir::test::with_text_test {

using namespace std::chrono_literals;

namespace {

const std::string at = "__defaultVhost__/live/";

struct Rig {
  explicit Rig(config::Vhost given) : vhost(std::make_shared<const config::Vhost>(std::move(given))) {
    sh::Outlet outlet{.vhost = vhost, .app = "live", .stream = "a", .budget = budget};
    outlet.broadcast = [this](const std::shared_ptr<const sh::Update>& update) { take(*update); };
    outlet.on_file = [](const sh::SegmentFile&) {};
    auto inner = std::make_unique<sh::HlsOutput>(outlet, nullptr);
    const auto rules = inner->rules();
    output = std::make_unique<sh::WithText>(outlet, std::move(inner), [](const std::string&) { return nullptr; });
    segmenter = std::make_unique<sh::Segmenter>(rules, sh::HlsOutput::make_packer(vhost->hls), *output,
                                                [this] { return wall; });
    output->follow(*segmenter);
    segmenter->on_tracks({h264_track(), aac_track()});
  }
  void take(const sh::Update& update) {
    for (const auto& place : update.removed) items.erase(place);
    for (const auto& item : update.added) items[item->place] = item;
    if (update.gone) listings.erase(update.place);
    if (!update.listing) return;
    listings[update.place] = update.listing;
    texts[update.place].emplace_back(base::as_text(update.listing->full.plain));
  }
  void run(std::int64_t from_ms, std::int64_t to_ms) {
    feed({.from_ms = from_ms, .to_ms = to_ms, .keys_from_ms = 0}, [this](const media::Frame& frame) {
      wall += std::clamp(std::chrono::milliseconds(base::to_millis(frame.dts - last)), 0ms, 1000ms);
      last = frame.dts;
      segmenter->on_frame(frame);
    });
  }
  std::string text(const std::string& name) const {
    const auto found = items.find(at + name);
    return found == items.end() ? std::string() : std::string(base::as_text(found->second->bytes));
  }

  std::shared_ptr<const config::Vhost> vhost;
  sh::Budget budget;
  sh::WallTime wall{1'700'000'000'000ms};
  base::Ticks last{};
  std::map<std::string, sh::ItemRef> items;
  std::map<std::string, sh::ListingRef> listings;
  std::map<std::string, std::vector<std::string>> texts;
  std::unique_ptr<sh::WithText> output;
  std::unique_ptr<sh::Segmenter> segmenter;
};

}  // namespace

TEST_CASE("words have a playlist beside the pictures, cut at the same moments", "[hls][webvtt]") {
  const bool fmp4 = GENERATE(false, true), low_latency = GENERATE(false, true);
  INFO(fmp4 << low_latency);
  Rig rig(vhost_of(2s, low_latency, fmp4));
  rig.run(0, 5'000);
  CHECK_FALSE(rig.listings.contains(at + "a~text.m3u8"));
  rig.output->say(base::Millis(5'000), "hello");
  rig.run(5'000, 7'000);
  rig.output->say(base::Millis(7'000), "world");
  rig.run(7'000, 12'500);
  REQUIRE(rig.listings.contains(at + "a~text.m3u8"));
  std::optional<ParsedPlaylist> before;
  for (const std::string& text : rig.texts[at + "a~text.m3u8"]) {
    const auto checked = validate_playlist(text);
    INFO(text);
    // It begins with the first word, with the number of the pictures' segment, and has lost nothing.
    if (checked.playlist.segments.size() >= 3) CHECK(checked.faults == std::vector<std::string>());
    if (before) CHECK(validate_update(*before, checked.playlist) == std::vector<std::string>());
    before = checked.playlist;
  }
  const auto pictures = validate_playlist(rig.texts[at + "a.m3u8"].back()).playlist;
  // Segment 2 is that from 4 s on; both playlists number alike.
  REQUIRE(before->segments.size() == 4);
  CHECK(before->media_sequence == 2);
  CHECK(pictures.media_sequence + static_cast<long>(pictures.segments.size()) == 6);
  for (const auto& segment : before->segments) {
    INFO(segment.uri);
    CHECK(segment.uri.ends_with(".vtt"));
    REQUIRE(rig.items.contains(at + segment.uri));
    CHECK(std::string(rig.items[at + segment.uri]->type) == "text/vtt");
  }
  const std::string second = rig.text(before->segments[0].uri), third = rig.text(before->segments[1].uri);
  CHECK(second.find(fmp4 ? "MPEGTS:0," : "MPEGTS:90000,") != std::string::npos);
  CHECK(second.find("00:00:05.000 --> 00:00:06.000\nhello") != std::string::npos);
  CHECK(third.find("00:00:06.000 --> 00:00:07.000\nhello") != std::string::npos);
  CHECK(third.find("00:00:07.000 --> 00:00:08.000\nworld") != std::string::npos);
  const std::string master(base::as_text(rig.listings[at + "a.m3u8"]->master.plain));
  CHECK(master.find("TYPE=SUBTITLES") != std::string::npos);
  CHECK(master.find("SUBTITLES=\"text\"") != std::string::npos);
  rig.segmenter->end();
  rig.output->leave(true);
  CHECK(rig.texts[at + "a~text.m3u8"].back().find("#EXT-X-ENDLIST") != std::string::npos);
  rig.output->remove(true);
  CHECK(rig.items.empty());
  CHECK(rig.listings.empty());
}

TEST_CASE("a message of text is what it says, and others say nothing", "[hls][webvtt]") {
  const auto message = [](const char* name, const char* property) {
    return flv::write_script_data({.name = name, .value = amf0::Value::object().set(property, "hi")});
  };
  CHECK(sh::text_of_message(message("onTextData", "text")) == "hi");
  CHECK_FALSE(sh::text_of_message(message("onTextData", "words")));
  CHECK_FALSE(sh::text_of_message(message("onCuePoint", "text")));
}

}  // namespace weir::test::with_text_test
