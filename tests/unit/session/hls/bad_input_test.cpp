#include "unit/session/hls/output_rig.h"

namespace weir::test::bad_input_test {

using namespace std::chrono_literals;
using Rig = test::OutputRig;
using test::vhost_of;

namespace {

media::Track mp3_track() {
  auto codec = std::make_shared<media::CodecParameters>();
  codec->codec = media::Codec::mp3;
  codec->sample_rate = 44'100;
  codec->channels = 2;
  return {media::TrackId::audio, 0, codec};
}

media::Track h264_of(std::uint32_t generation, std::uint32_t width) {
  media::Track track = test::h264_track(generation);
  auto codec = std::make_shared<media::CodecParameters>(*track.parameters);
  codec->width = width;
  track.parameters = codec;
  return track;
}

std::size_t discontinuities(const Rig& rig) {
  std::size_t count = 0;
  for (const auto& segment : rig.newest().segments) count += segment.discontinuity;
  return count;
}

config::Vhost long_window(bool low_latency, bool fmp4) {
  config::Vhost vhost = vhost_of(2s, low_latency, fmp4);
  vhost.hls.window = 120s;
  return vhost;
}

}  // namespace

TEST_CASE("timestamps that jump ahead and back are discontinuities, and no segment is long for it", "[hls]") {
  const bool low_latency = GENERATE(false, true), fmp4 = GENERATE(false, true);
  Rig rig(long_window(low_latency, fmp4));
  rig.run(10'000, 19'000);
  rig.run(3'600'000, 3'609'000);
  rig.run(1'000, 10'000);
  rig.segmenter->end();
  rig.check_all();
  CHECK(discontinuities(rig) == 2);
  CHECK(rig.newest().segments.size() == 15);
}

TEST_CASE("no key frame for minutes, audio alone, video alone, a track that stops", "[hls]") {
  const bool low_latency = GENERATE(false, true), fmp4 = GENERATE(false, true);
  Rig rare(long_window(low_latency, fmp4));
  rare.feed({.to_ms = 100'000, .gop_ms = 1'000'000});
  rare.check_all();
  CHECK(rare.newest().segments.size() >= 22);

  Rig audio(long_window(low_latency, fmp4));
  audio.segmenter->on_tracks({test::aac_track()});
  audio.feed({.to_ms = 20'000, .video = false});
  audio.check_all();
  CHECK(audio.newest().segments.size() >= 8);

  Rig video(long_window(low_latency, fmp4));
  video.segmenter->on_tracks({test::h264_track()});
  video.feed({.to_ms = 20'000, .audio = false});
  video.check_all();
  CHECK(video.newest().segments.size() == 9);

  Rig stops(long_window(low_latency, fmp4));
  stops.run(0, 7'000);
  stops.feed({.from_ms = 7'000, .to_ms = 30'000, .video = false});
  stops.run(30'000, 40'000);
  stops.check_all();
  CHECK(stops.newest().segments.size() >= 14);
}

TEST_CASE("parameters that come late, change, or change the codec", "[hls]") {
  const bool low_latency = GENERATE(false, true), fmp4 = GENERATE(false, true);
  Rig rig(long_window(low_latency, fmp4));
  rig.segmenter->on_tracks({});
  rig.run(0, 4'000);  // frames before their sequence headers
  CHECK(rig.texts.empty());
  rig.segmenter->on_tracks({test::h264_track()});
  rig.run(4'000, 10'000);
  rig.segmenter->on_tracks({test::h264_track(), test::aac_track()});  // the audio comes later
  rig.run(10'000, 20'000);
  rig.segmenter->on_tracks({h264_of(1, 1280), test::aac_track()});  // another size
  rig.run(20'000, 30'000);
  rig.segmenter->on_tracks({h264_of(1, 1280), mp3_track()});  // another codec
  rig.run(30'000, 40'000);
  rig.check_all();
  CHECK(discontinuities(rig) == 3);
  if (!fmp4) return;
  std::string last;
  std::size_t maps = 0;
  for (const auto& segment : rig.newest().segments) maps += std::exchange(last, segment.map) != segment.map;
  CHECK(maps == 4);
}

TEST_CASE("hls_acodec an and hls_vcodec vn leave a track out; MP3 is carried", "[hls]") {
  config::Vhost vhost = vhost_of(2s);
  vhost.hls.acodec = config::Hls::AudioCodec::none;
  Rig silent(vhost);
  silent.run(0, 9'000);
  const auto master = [](const Rig& rig) { return session::hls::with_session(rig.listing->master, "x"); };
  CHECK(master(silent).find("avc1") != std::string::npos);
  CHECK(master(silent).find("mp4a") == std::string::npos);

  vhost.hls.acodec = config::Hls::AudioCodec::mp3;
  vhost.hls.vcodec = config::Hls::VideoCodec::none;
  Rig blind(vhost);
  blind.segmenter->on_tracks({test::h264_track(), mp3_track()});
  blind.run(0, 9'000);
  blind.check_all();
  CHECK(master(blind).find("avc1") == std::string::npos);
  CHECK(master(blind).find("mp4a") != std::string::npos);
}

}  // namespace weir::test::bad_input_test
