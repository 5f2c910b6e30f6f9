#include "session/hls/hls_output.h"

#include "unit/session/hls/output_rig.h"

namespace weir::test::hls_output_test {

using namespace weir::session::hls;
using namespace std::chrono_literals;

namespace {

using Rig = test::OutputRig;
using test::vhost_of;

}  // namespace

TEST_CASE("the playlists of a stream keep the rules from the first to the last", "[hls]") {
  const bool low_latency = GENERATE(false, true), fmp4 = GENERATE(false, true);
  Rig rig(vhost_of(2s, low_latency, fmp4));
  rig.run(0, 60'000);
  rig.segmenter->end();
  rig.output->leave(true);
  rig.check_all();
  REQUIRE(rig.listing);
  CHECK(rig.listing->progress.ended);
  CHECK(test::validate_playlist(rig.texts.back()).playlist.ended);
  CHECK(rig.files.size() == 30);
  CHECK(rig.files[3].uri == (fmp4 ? "a-3.m4s" : "a-3.ts"));
  // What left the window long ago is gone: two windows of 10 s are five segments each, and one that is opened.
  std::size_t segments = 0;
  for (const auto& [place, item] : rig.items) segments += place.find("-init") == std::string::npos;
  CHECK(segments < (low_latency ? 75 : 14));
  rig.output->remove(true);
  CHECK(rig.items.empty());
  CHECK(rig.budget.used() == 0);
}

TEST_CASE("a delta update says the same as the whole playlist", "[hls]") {
  config::Vhost vhost = vhost_of(1s, true, true);
  vhost.hls.window = 30s;
  Rig rig(vhost);
  rig.run(0, 40'000);
  const auto whole = test::validate_playlist(base::as_text(rig.listing->full.plain)).playlist;
  const auto delta = test::validate_playlist(base::as_text(rig.listing->delta.plain));
  CHECK(delta.faults.empty());
  REQUIRE(delta.playlist.skipped > 0);
  const auto joined = test::apply_delta(whole, delta.playlist);
  REQUIRE(joined);
  CHECK(joined->segments.size() == whole.segments.size());
}

TEST_CASE("each player's session is put into one prepared page", "[hls]") {
  Rig rig(vhost_of(2s, true));
  rig.run(0, 9000);
  const std::string own = with_session(rig.listing->full_own, "abcd1234");
  CHECK(test::validate_playlist(own).faults.empty());
  CHECK(own.find("a-0.ts?hls_ctx=abcd1234\n") != std::string::npos);
  CHECK(own.find('\x01') == std::string::npos);
  const std::string master = with_session(rig.listing->master, "abcd1234");
  CHECK(test::validate_master(master).empty());
  CHECK(master.find("/live/a.m3u8?hls_ctx=abcd1234\n") != std::string::npos);
  CHECK(rig.listing->full.gzip.size() < rig.listing->full.plain.size());
}

TEST_CASE("the next publisher goes on where the one before left", "[hls]") {
  Rig first(vhost_of(2s));
  first.run(0, 9000);
  first.segmenter->end();
  first.output->leave(false);
  REQUIRE(first.listing->window);
  CHECK_FALSE(first.listing->progress.ended);
  Rig second(vhost_of(2s), first.listing->window);
  second.items = first.items;
  second.texts.push_back(first.texts.back());
  second.run(0, 5000);
  second.check_all();
  const auto playlist = test::validate_playlist(second.texts.back()).playlist;
  REQUIRE(playlist.segments.size() == 6);
  CHECK(playlist.segments[4].discontinuity);
  CHECK(playlist.segments[4].uri == "a-5.ts");
}

TEST_CASE("hls_recover off begins with an empty playlist but not with old names", "[hls]") {
  Rig first(vhost_of(2s));
  first.run(0, 9000);
  first.segmenter->end();
  first.output->leave(true);
  config::Vhost vhost = vhost_of(2s);
  vhost.hls.recover = false;
  Rig second(vhost, first.listing->window);
  second.run(0, 3000);
  const auto playlist = test::validate_playlist(second.texts.back()).playlist;
  REQUIRE(playlist.segments.size() == 1);
  CHECK(playlist.segments[0].uri == "a-5.ts");
}

TEST_CASE("keys change as configured and each segment says its own", "[hls]") {
  config::Vhost vhost = vhost_of(2s);
  vhost.hls.keys = true;
  vhost.hls.fragments_per_key = 2;
  Rig rig(vhost);
  rig.run(0, 30'000);
  rig.check_all();
  const auto playlist = test::validate_playlist(rig.texts.back()).playlist;
  for (const auto& segment : playlist.segments) {
    CHECK(segment.key.find("METHOD=AES-128,URI=\"a-") != std::string::npos);
    const ItemRef item = rig.items.at("__defaultVhost__/live/" + segment.uri);
    CHECK(item->bytes.size() % 16 == 0);
    // By chance a byte or two may be what MPEG-TS would have there.
    const std::uint8_t* const at = item->bytes.data();
    REQUIRE(item->bytes.size() > 376);
    CHECK_FALSE((at[0] == 0x47 && at[188] == 0x47 && at[376] == 0x47));
  }
  std::size_t keys = 0;
  for (const auto& [place, item] : rig.items) keys += place.ends_with(".key");
  CHECK(keys <= 7);
}

TEST_CASE("memory is bounded: by stream the window gets shorter, in total segments are left out", "[hls]") {
  config::Vhost vhost = vhost_of(1s);
  vhost.hls.window = 60s;
  vhost.hls.memory_per_stream = 128 * 1024;
  Rig rig(vhost);
  rig.run(0, 60'000);
  CHECK(rig.budget.used() <= 128 * 1024);
  rig.check_all();

  vhost.hls.memory_total = 10 * 1024;
  Rig poor(vhost);
  poor.run(0, 20'000);
  CHECK(poor.budget.used() <= 10 * 1024);
  CHECK(poor.texts.back().find("#EXT-X-GAP") != std::string::npos);
}

TEST_CASE("names that would leave the folder are refused, odd ones are encoded", "[hls]") {
  CHECK_FALSE(Rig(vhost_of(2s), nullptr, "../../etc/x").output->usable());
  CHECK_FALSE(Rig(vhost_of(2s), nullptr, "a\nb").output->usable());
  Rig odd(vhost_of(2s), nullptr, "caf\xc3\xa9 1");
  odd.run(0, 5000);
  CHECK(odd.texts.back().find("caf%C3%A9%201-0.ts") != std::string::npos);
  CHECK(odd.items.contains("__defaultVhost__/live/caf\xc3\xa9 1-0.ts"));
}

TEST_CASE("a part that was hinted at never comes with another initialisation", "[hls]") {
  Rig first(vhost_of(1s, true, true));
  first.run(0, 5'000);
  const auto before = first.newest();
  first.segmenter->end();
  first.output->leave(false);
  const std::string hint = first.newest().preload_hint;
  Rig second(vhost_of(1s, true, true), first.listing->window);
  second.items = first.items;
  second.run(0, 3'000);
  REQUIRE(second.newest().segments.back().map != before.segments.back().map);
  for (const auto& [place, item] : second.items) {
    const bool hinted = place.ends_with("/" + hint) || place.ends_with("/" + before.preload_hint);
    CHECK((!hinted || first.items.contains(place)));
  }
}

TEST_CASE("what belongs to a stream has names that no other stream's playlist has", "[hls]") {
  for (const char* name : {"cam~iframes", "cam~video", "cam~video3", "cam~audio1", "cam~text", "a~b~audio12"}) {
    CHECK(session::hls::HlsOutput::is_of_a_part(name));
  }
  for (const char* name : {"cam-iframes", "cam~", "~video", "cam~video2x", "cam~videos", "a~audio1~b", "audio1", ""}) {
    CHECK_FALSE(session::hls::HlsOutput::is_of_a_part(name));
  }
}

TEST_CASE("segments are named relative to their playlist", "[hls]") {
  CHECK(relative_uri("live/a.m3u8", "live/a-1.ts") == "a-1.ts");
  CHECK(relative_uri("live/a.m3u8", "live/a/1.ts") == "a/1.ts");
  CHECK(relative_uri("live/x/a.m3u8", "seg/a 1.ts") == "../../seg/a%201.ts");
  CHECK(relative_uri("a.m3u8", "b/1.ts") == "b/1.ts");
  CHECK(prefixed_uri("http://cdn", "live/a.m3u8", "live/a-1.ts") == "http://cdn/live/a-1.ts");
}

}  // namespace weir::test::hls_output_test
