#include <openssl/evp.h>

#include "unit/session/hls/output_rig.h"

namespace weir::test::options_test {

using namespace std::chrono_literals;
using Rig = test::OutputRig;
using test::vhost_of;

TEST_CASE("hls_ts_floor counts [timestamp] by one, whatever the segments last", "[hls]") {
  config::Vhost vhost = vhost_of(2s);
  vhost.hls.ts_floor = true;
  vhost.hls.ts_file = "[app]/[stream]-[timestamp].ts";
  Rig rig(vhost);
  rig.run(0, 13'000);
  const std::int64_t first = 1'700'000'000 / 2;
  for (std::size_t i = 0; i < rig.files.size(); ++i) {
    CHECK(rig.files[i].uri == "a-" + std::to_string(first + static_cast<std::int64_t>(i)) + ".ts");
  }
  CHECK(rig.files.size() == 6);
}

TEST_CASE("the prefix of segments and the URL of keys, with its query", "[hls]") {
  config::Vhost vhost = vhost_of(2s);
  vhost.hls.entry_prefix = "http://cdn.example.com/x";
  vhost.hls.keys = true;
  vhost.hls.key_url = "https://keys.example.com/k?token=1";
  Rig rig(vhost);
  rig.run(0, 5'000);
  CHECK(rig.texts.back().find("\nhttp://cdn.example.com/x/live/a-0.ts\n") != std::string::npos);
  CHECK(rig.texts.back().find("URI=\"https://keys.example.com/k/live/a-0.key?token=1\"") != std::string::npos);
}

TEST_CASE("the playlist of a session has a relative path if it is wanted", "[hls]") {
  config::Vhost vhost = vhost_of(2s);
  vhost.hls.master_m3u8_path_relative = true;
  Rig rig(vhost);
  rig.run(0, 5'000);
  CHECK(session::hls::with_session(rig.listing->master, "x").find("\na.m3u8?hls_ctx=x\n") != std::string::npos);
}

TEST_CASE("encrypted fMP4 has a clear initialisation before its keys, and becomes what it was", "[hls]") {
  config::Vhost vhost = vhost_of(2s, false, true);
  Rig plain(vhost);
  plain.run(0, 9'000);
  vhost.hls.keys = true;
  vhost.hls.fragments_per_key = 2;
  Rig rig(vhost);
  rig.run(0, 9'000);
  rig.check_all();
  const std::string& text = rig.texts.back();
  CHECK(text.find("#EXT-X-MAP") < text.find("#EXT-X-KEY"));
  const auto segment = rig.newest().segments.at(3);
  const auto hex = segment.key.substr(segment.key.find("0x") + 2, 32);
  const auto vector = test::bytes(hex);
  const auto uri = segment.key.substr(segment.key.find("URI=\"") + 5);
  const auto key = rig.items.at("__defaultVhost__/live/" + uri.substr(0, uri.find('"')))->bytes;
  const auto sealed = rig.items.at("__defaultVhost__/live/a-3.m4s")->bytes;
  std::string opened(sealed.size() + 16, '\0');
  int size = 0, rest = 0;
  const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  auto* out = reinterpret_cast<unsigned char*>(opened.data());
  REQUIRE(EVP_DecryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, key.data(), vector.data()) == 1);
  REQUIRE(EVP_DecryptUpdate(context.get(), out, &size, sealed.data(), static_cast<int>(sealed.size())) == 1);
  REQUIRE(EVP_DecryptFinal_ex(context.get(), out + size, &rest) == 1);
  opened.resize(static_cast<std::size_t>(size + rest));
  CHECK(opened == base::as_text(plain.items.at("__defaultVhost__/live/a-3.m4s")->bytes));

  // Another map in mid-stream is not under the key before it.
  rig.segmenter->on_tracks({test::h264_track(1), test::aac_track()});
  rig.run(10'000, 15'000);
  rig.check_all();
  const std::string& later = rig.texts.back();
  const auto second = later.rfind("#EXT-X-MAP");
  CHECK(later.substr(0, second).ends_with("#EXT-X-KEY:METHOD=NONE\n"));
  CHECK(later.find("#EXT-X-KEY:METHOD=AES-128", second) != std::string::npos);
}

TEST_CASE("what was disposed of comes again with the next frames, under new names", "[hls]") {
  const bool fmp4 = GENERATE(false, true);
  Rig rig(vhost_of(2s, false, fmp4));
  rig.run(0, 9'000);
  rig.segmenter->end();
  rig.output->remove(true);
  CHECK(rig.output->empty());
  CHECK(rig.items.empty());
  CHECK_FALSE(rig.listing);
  const std::size_t before = rig.texts.size();
  rig.run(200'000, 209'000);
  // The first two are short, as a new stream's are.
  rig.texts.erase(rig.texts.begin(), rig.texts.begin() + static_cast<std::ptrdiff_t>(before) + 2);
  rig.check_all();
  CHECK(rig.newest().segments.at(0).uri == (fmp4 ? "a-5.m4s" : "a-5.ts"));
}

TEST_CASE("an event's playlist keeps all from its beginning on, across publishers, to its end", "[hls]") {
  for (const bool low_latency : {false, true}) {
    INFO(low_latency);
    config::Vhost vhost = vhost_of(2s, low_latency);
    vhost.hls.playlist_type = config::Hls::PlaylistType::event;
    Rig first(vhost);
    first.run(0, 60'000);  // six times hls_window
    first.check_all();
    CHECK(first.newest().event);
    CHECK(first.newest().media_sequence == 0);
    CHECK(first.newest().segments.size() >= 28);
    first.segmenter->end();
    first.output->leave(false);
    Rig second(vhost, first.listing->window);
    second.items = first.items;
    second.texts = first.texts;
    second.run(0, 10'000);
    second.check_all();
    CHECK(second.newest().media_sequence == 0);
    second.segmenter->end();
    second.output->leave(true);
    CHECK(second.texts.back().find("#EXT-X-PLAYLIST-TYPE:EVENT") != std::string::npos);
    CHECK(second.texts.back().find("#EXT-X-ENDLIST") != std::string::npos);
    // What follows is another one.
    Rig third(vhost, second.listing->window);
    third.run(0, 5'000);
    CHECK(third.newest().event);
    CHECK(third.newest().segments.size() < 4);
  }
}

TEST_CASE("a playlist that lost a segment is no event's", "[hls]") {
  config::Vhost vhost = vhost_of(2s);
  vhost.hls.playlist_type = config::Hls::PlaylistType::event;
  vhost.hls.memory_per_stream = 150'000;
  Rig rig(vhost);
  rig.run(0, 120'000);
  CHECK_FALSE(rig.newest().event);
  CHECK(rig.newest().media_sequence > 0);
}

}  // namespace weir::test::options_test
