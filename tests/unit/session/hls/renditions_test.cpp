#include "session/hls/renditions.h"

#include <bit>
#include <map>
#include <optional>

#include "support/catch.h"
#include "support/playlist_validator.h"
#include "unit/session/hls/frames.h"
#include "unit/session/hls/output_rig.h"

namespace weir::test::renditions_test {

using namespace weir::session::hls;
using namespace std::chrono_literals;

namespace {

constexpr media::TrackId second_sound{3}, second_video{4};
const std::string at = "__defaultVhost__/live/";

media::Tracks tracks_of(int sounds) {
  media::Tracks tracks{test::h264_track()};
  if (sounds > 0) tracks.push_back(test::aac_track());
  if (sounds > 1) {
    tracks.push_back(test::aac_track());
    tracks.back().id = second_sound;
  }
  return tracks;
}

// What workers know of one stream, through publishers that follow one another.
struct Shelf {
  void take(const Update& update) {
    for (const auto& place : update.removed) items.erase(place);
    for (const auto& item : update.added) items[item->place] = item;
    if (update.gone) listings.erase(update.place);
    if (!update.listing) return;
    listings[update.place] = update.listing;
    texts[update.place].emplace_back(base::as_text(update.listing->full.plain));
  }
  std::string newest(const std::string& name) const {
    const auto found = texts.find(at + name);
    return found == texts.end() ? std::string() : found->second.back();
  }
  test::ParsedPlaylist playlist(const std::string& name) const {
    const auto checked = test::validate_playlist(newest(name));
    INFO(newest(name));
    CHECK(checked.faults.empty());
    return checked.playlist;
  }
  // Each playlist by the rules and against the one before, and what the newest names is there.
  void check(const std::string& name) const {
    std::optional<test::ParsedPlaylist> before;
    for (const std::string& text : texts.at(at + name)) {
      const auto checked = test::validate_playlist(text);
      INFO(text);
      CHECK(checked.faults == std::vector<std::string>());
      if (before) CHECK(test::validate_update(*before, checked.playlist) == std::vector<std::string>());
      before = checked.playlist;
    }
    REQUIRE(before);
    for (const auto& segment : before->segments) {
      INFO(segment.uri);
      CHECK(items.contains(at + segment.uri) != segment.gap);
    }
  }
  std::map<std::string, ItemRef> items;
  std::map<std::string, ListingRef> listings;
  std::map<std::string, std::vector<std::string>> texts;
};

struct Publisher {
  Publisher(Shelf& on, const config::Vhost& given, int sounds = 2) : Publisher(on, given, tracks_of(sounds)) {}
  Publisher(Shelf& on, const config::Vhost& given, const media::Tracks& tracks) : shelf(on) {
    const auto vhost = std::make_shared<const config::Vhost>(given);
    Outlet outlet{.vhost = vhost, .app = "live", .stream = "a", .budget = budget};
    outlet.broadcast = [this](const std::shared_ptr<const Update>& update) { shelf.take(*update); };
    outlet.on_file = [](const SegmentFile&) {};
    output.emplace(outlet, [this](const std::string& place) {
      const auto found = shelf.listings.find(place);
      return found == shelf.listings.end() ? nullptr : found->second->window;
    });
    segmenter.emplace(output->rules(tracks), make_cmaf_packer(), *output, [this] { return wall; });
    output->follow(*segmenter);
    segmenter->on_tracks(tracks);
  }
  // A second video of half the rate, whose frames come before those of the first, or behind them; its key frames are
  // `keys_late_ms` behind.
  void run_videos(std::int64_t from_ms, std::int64_t to_ms, bool second_first, std::int64_t keys_late_ms = 0) {
    test::feed({.from_ms = from_ms, .to_ms = to_ms}, [&](const media::Frame& frame) {
      wall += std::max(0ms, std::chrono::milliseconds(base::to_millis(frame.dts - last)));
      last = frame.dts;
      const std::int64_t at_ms = base::to_millis(frame.dts);
      media::Frame second = test::video_frame(at_ms, at_ms % 2000 == keys_late_ms, 100);
      second.track = second_video;
      const bool both = frame.track == media::TrackId::video && at_ms % 80 == 0;
      if (both && second_first) segmenter->on_frame(second);
      segmenter->on_frame(frame);
      if (both && !second_first) segmenter->on_frame(second);
    });
  }
  // The second track of sound says what the first says, until `silent_from_ms`.
  void run(std::int64_t from_ms, std::int64_t to_ms, std::int64_t silent_from_ms = 1'000'000) {
    test::feed({.from_ms = from_ms, .to_ms = to_ms}, [&](const media::Frame& frame) {
      wall += std::max(0ms, std::chrono::milliseconds(base::to_millis(frame.dts - last)));
      last = frame.dts;
      segmenter->on_frame(frame);
      if (frame.track != media::TrackId::audio || base::to_millis(frame.dts) >= silent_from_ms) return;
      media::Frame again = frame;
      again.track = second_sound;
      segmenter->on_frame(again);
    });
  }
  void leave(bool end) {
    segmenter->end();
    output->leave(end);
  }

  Shelf& shelf;
  Budget budget;
  WallTime wall{1'700'000'000'000ms};
  base::Ticks last{};
  std::optional<Renditions> output;
  std::optional<Segmenter> segmenter;
};

config::Vhost vhost_of(bool low_latency = false) { return test::vhost_of(2s, low_latency, true); }

media::Tracks two_videos() {
  media::Tracks tracks = tracks_of(1);
  auto smaller = std::make_shared<media::CodecParameters>(*tracks.front().parameters);
  smaller->width = 320;
  smaller->height = 180;
  tracks.push_back({second_video, 0, smaller});
  return tracks;
}

// The time of the first sample and how long all last, of a segment of one track whose samples say their own durations
// or all the same.
struct Times {
  std::uint64_t begin = 0, length = 0;
};
Times times_of(const base::SharedBytes& segment) {
  Times times;
  bool first = true;
  const std::string_view text = base::as_text(segment);
  for (std::size_t traf = 0; (traf = text.find("traf", traf)) != std::string_view::npos; ++traf) {
    const auto u32 = [&](std::size_t where) {
      std::uint32_t value = 0;
      for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(text[where + i]);
      return value;
    };
    const std::size_t tfhd = text.find("tfhd", traf), tfdt = text.find("tfdt", traf), trun = text.find("trun", traf);
    const std::uint32_t usual = (u32(tfhd + 4) & 8) != 0 ? u32(tfhd + 12) : 0, flags = u32(trun + 4);
    const std::uint32_t count = u32(trun + 8);
    if (std::exchange(first, false)) times.begin = std::uint64_t{u32(tfdt + 8)} << 32 | u32(tfdt + 12);
    std::size_t entry = trun + 16 + ((flags & 4) != 0 ? 4 : 0);
    const std::size_t fields = 4 * static_cast<std::size_t>(std::popcount(flags & 0xf00));
    for (std::uint32_t i = 0; i < count; ++i, entry += fields)
      times.length += (flags & 0x100) != 0 ? u32(entry) : usual;
  }
  return times;
}

const std::vector<std::string> lanes{"a~video.m3u8", "a~audio1.m3u8", "a~audio2.m3u8"};

}  // namespace

TEST_CASE("a stream with several tracks of sound has a playlist for each", "[hls]") {
  const bool low_latency = GENERATE(false, true);
  Shelf shelf;
  Publisher publisher(shelf, vhost_of(low_latency));
  publisher.run(0, 30'100);
  for (const std::string& lane : lanes) shelf.check(lane);
  const auto pictures = shelf.playlist("a~video.m3u8");
  for (const std::string& lane : lanes) {
    const auto other = shelf.playlist(lane);
    CHECK(other.media_sequence == pictures.media_sequence);
    CHECK(other.target_duration == pictures.target_duration);
    REQUIRE(other.segments.size() == pictures.segments.size());
    for (std::size_t i = 0; i < other.segments.size(); ++i) {
      CHECK(other.segments[i].date_time == pictures.segments[i].date_time);
      CHECK(other.segments[i].duration == pictures.segments[i].duration);
      CHECK_FALSE(other.segments[i].gap);
    }
    CHECK(shelf.listings.at(at + lane)->main == at + "a.m3u8");
    CHECK(shelf.listings.at(at + lane)->visited() == at + "a.m3u8");
  }
  CHECK(pictures.segments.back().uri == "a~video-14.m4s");
  CHECK(shelf.newest("a~audio2.m3u8").find("a~audio2-14.m4s") != std::string::npos);
  const bool reports =
      shelf.newest("a~video.m3u8").find("#EXT-X-RENDITION-REPORT:URI=\"a~audio2.m3u8\"") != std::string::npos;
  CHECK(reports == low_latency);
}

TEST_CASE("the multivariant playlist names the pictures and each track of sound", "[hls]") {
  Shelf shelf;
  Publisher publisher(shelf, vhost_of());
  publisher.run(0, 9000);
  const std::string text = shelf.newest("a.m3u8");
  INFO(text);
  CHECK(test::validate_master(text).empty());
  CHECK(text.find("TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"Audio 1\",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\","
                  "URI=\"/live/a~audio1.m3u8\"") != std::string::npos);
  CHECK(text.find("NAME=\"Audio 2\",DEFAULT=NO") != std::string::npos);
  CHECK(text.find("CODECS=\"avc1.42001e,mp4a.40.2\"") != std::string::npos);
  CHECK(text.find("AUDIO=\"audio\"\n/live/a~video.m3u8\n") != std::string::npos);
  const ListingRef listing = shelf.listings.at(at + "a.m3u8");
  const std::string own = with_session(listing->master, "abcd1234");
  CHECK(test::validate_master(own).empty());
  CHECK(own.find("URI=\"/live/a~audio2.m3u8?hls_ctx=abcd1234\"") != std::string::npos);
  CHECK(own.find("/live/a~video.m3u8?hls_ctx=abcd1234\n") != std::string::npos);
}

TEST_CASE("a track of sound that falls silent is missing in its own playlist alone", "[hls]") {
  const bool low_latency = GENERATE(false, true);
  Shelf shelf;
  Publisher publisher(shelf, vhost_of(low_latency));
  publisher.run(0, 20'100, 8000);
  for (const std::string& lane : lanes) shelf.check(lane);
  const auto silent = shelf.playlist("a~audio2.m3u8"), heard = shelf.playlist("a~audio1.m3u8");
  REQUIRE(silent.segments.size() == heard.segments.size());
  CHECK(silent.segments.back().gap);
  CHECK_FALSE(heard.segments.back().gap);
}

TEST_CASE("the next publisher goes on in each playlist where the one before left", "[hls]") {
  Shelf shelf;
  {
    Publisher first(shelf, vhost_of());
    first.run(0, 9000);
    first.leave(false);
    first.output->abandon();
  }
  CHECK_FALSE(shelf.listings.at(at + "a.m3u8")->live);
  Publisher second(shelf, vhost_of());
  second.run(0, 5000);
  CHECK(shelf.listings.at(at + "a.m3u8")->live);
  for (const std::string& lane : lanes) {
    shelf.check(lane);
    const auto playlist = shelf.playlist(lane);
    REQUIRE(playlist.segments.size() == 6);
    CHECK(playlist.segments[4].discontinuity);
  }
}

TEST_CASE("what several playlists took is given back, also by a next publisher with a single track of sound", "[hls]") {
  Shelf shelf;
  Publisher publisher(shelf, vhost_of());
  publisher.run(0, 9000);
  CHECK(publisher.budget.used() > 0);
  publisher.leave(false);
  const bool cleared = GENERATE(false, true);
  if (cleared) {
    Budget budget;
    Outlet outlet{
        .vhost = std::make_shared<const config::Vhost>(vhost_of()), .app = "live", .stream = "a", .budget = budget};
    outlet.broadcast = [&shelf](const std::shared_ptr<const Update>& update) { shelf.take(*update); };
    publisher.output->abandon();
    Renditions::clear(outlet, [&shelf](const std::string& place) {
      const auto found = shelf.listings.find(place);
      return found == shelf.listings.end() ? nullptr : found->second->window;
    });
    for (const std::string& lane : lanes) CHECK_FALSE(shelf.listings.contains(at + lane));
    CHECK(shelf.items.empty());
    CHECK(budget.used() == 0);
  } else {
    publisher.output->remove(true);
    CHECK(shelf.listings.empty());
    CHECK(shelf.items.empty());
    CHECK(publisher.output->empty());
    CHECK(publisher.budget.used() == 0);
  }
}

TEST_CASE("several videos are variants with the same sound, each cut at its own key frames", "[hls]") {
  const bool low_latency = GENERATE(false, true), second_first = GENERATE(false, true);
  Shelf shelf;
  Publisher publisher(shelf, vhost_of(low_latency), two_videos());
  publisher.run_videos(0, 20'100, second_first);
  const std::string text = shelf.newest("a.m3u8");
  INFO(text);
  CHECK(test::validate_master(text).empty());
  CHECK(text.find("#EXT-X-INDEPENDENT-SEGMENTS") != std::string::npos);
  const auto first = text.find("RESOLUTION=640x360"), second = text.find("RESOLUTION=320x180");
  REQUIRE(second != std::string::npos);
  CHECK(first < second);
  CHECK(text.find("AUDIO=\"audio\"\n/live/a~video.m3u8\n") != std::string::npos);
  CHECK(text.find("AUDIO=\"audio\"\n/live/a~video3.m3u8\n") != std::string::npos);
  CHECK(text.find("CODECS=\"avc1.42001e,mp4a.40.2\",RESOLUTION=320x180") != std::string::npos);
  CHECK(text.find("a~audio1.m3u8") != std::string::npos);
  std::uint64_t end = 0;
  for (const char* lane : {"a~video.m3u8", "a~video3.m3u8", "a~audio1.m3u8"}) shelf.check(lane);
  const auto small = shelf.playlist("a~video3.m3u8");
  REQUIRE(small.segments.size() >= 4);
  for (const auto& segment : small.segments) {
    CHECK_FALSE(segment.gap);
    const Times times = times_of(shelf.items.at(at + segment.uri)->bytes);
    CHECK(times.length == 180'000);  // each from its key frame to the next, without a hole between parts
    if (end != 0) CHECK(times.begin == end);
    end = times.begin + times.length;
    for (const auto& part : segment.parts) CHECK(part.independent == (&part == &segment.parts.front()));
  }
  CHECK(shelf.listings.at(at + "a~video3.m3u8")->independent);
}

TEST_CASE("a further video whose key frames come at other times does not claim to begin with them", "[hls]") {
  Shelf shelf;
  Publisher publisher(shelf, vhost_of(), two_videos());
  publisher.run_videos(0, 12'100, true, 960);
  shelf.check("a~video3.m3u8");
  CHECK_FALSE(shelf.listings.at(at + "a~video3.m3u8")->independent);
  CHECK(shelf.listings.at(at + "a~video.m3u8")->independent);
  CHECK(shelf.newest("a.m3u8").find("INDEPENDENT-SEGMENTS") == std::string::npos);
}

TEST_CASE("a ladder knows the variants and the sound of each track", "[hls]") {
  config::Vhost vhost = vhost_of();
  vhost.hls.ladder = {"_hi"};
  Shelf shelf;
  Publisher publisher(shelf, vhost, two_videos());
  publisher.run_videos(0, 5000, false);
  const ListingRef listing = shelf.listings.at(at + "a.m3u8");
  CHECK(listing->variants.size() == 2);
  REQUIRE(listing->sounds.size() == 1);
  CHECK(listing->sounds.front().uri == "/live/a~audio1.m3u8");
  CHECK(shelf.listings.at(at + "a~video.m3u8")->variants.empty());
}

TEST_CASE("tracks share a playlist unless there are several of a kind in fragmented MP4", "[hls]") {
  CHECK(Renditions::wanted(vhost_of().hls, tracks_of(2)));
  CHECK(Renditions::wanted(vhost_of().hls, two_videos()));
  CHECK_FALSE(Renditions::wanted(vhost_of().hls, tracks_of(1)));
  CHECK_FALSE(Renditions::wanted(test::vhost_of(2s).hls, tracks_of(2)));
  config::Vhost mute = vhost_of();
  mute.hls.acodec = config::Hls::AudioCodec::none;
  CHECK_FALSE(Renditions::wanted(mute.hls, tracks_of(2)));
  CHECK(Renditions::wanted(mute.hls, two_videos()));
  mute.hls.vcodec = config::Hls::VideoCodec::none;
  CHECK_FALSE(Renditions::wanted(mute.hls, two_videos()));
}

}  // namespace weir::test::renditions_test
