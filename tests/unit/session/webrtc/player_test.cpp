#include "session/webrtc/player.h"

#include "support/catch.h"
#include "unit/session/webrtc/player_bench.h"

namespace weir::test::player_test {

using namespace std::chrono_literals;
using media::Codec;
using test::ByteVector;
using test::PlayerBench;
using State = hub::Reader::State;

namespace {

// Each packet of a source has the number behind that of the last.
bool without_gap(const std::vector<rtp::Packet>& packets) {
  for (std::size_t i = 1; i < packets.size(); ++i) {
    if (rtp::distance(packets[i - 1].sequence, packets[i].sequence) != 1) return false;
  }
  return !packets.empty();
}

std::int64_t milliseconds_between(std::uint32_t from, std::uint32_t to, int per_millisecond) {
  return static_cast<std::int32_t>(to - from) / per_millisecond;
}

}  // namespace

TEST_CASE("a player gets each picture whole, and its sound", "[webrtc]") {
  PlayerBench bench;
  bench.begin();
  bench.play();
  CHECK(bench.player->state() == State::waiting);
  bench.second(0);
  bench.second(1000);
  bench.pass(100ms);
  const auto frames = bench.frames(PlayerBench::video_ssrc, Codec::h264);
  REQUIRE(frames.size() == bench.published.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    CHECK(PlayerBench::bytes_of(frames[i]) == bench.published[i]);
    CHECK(frames[i].key == (i % 25 == 0));
    CHECK(milliseconds_between(frames[0].timestamp, frames[i].timestamp, 90) == static_cast<std::int64_t>(i) * 40);
  }
  const auto pictures = bench.sink.of(PlayerBench::video_ssrc), sound = bench.sink.of(PlayerBench::audio_ssrc);
  CHECK(without_gap(pictures));
  CHECK(without_gap(sound));
  REQUIRE(sound.size() == 100);
  CHECK(sound[0].payload_type == 111);
  CHECK(pictures[0].payload_type == 102);
  CHECK(milliseconds_between(sound[0].timestamp, sound[99].timestamp, 48) == 99 * 20);
  const auto figures = bench.player->figures();
  CHECK(figures.video.frames == 50);
  CHECK(figures.video.packets == pictures.size());
  CHECK(figures.audio.packets == 100);
}

TEST_CASE("a newcomer gets the cached pictures close together, and then the live edge", "[webrtc]") {
  PlayerBench bench;
  bench.begin();
  bench.second(0, 3000, false);
  bench.second(1000, 3000, false);
  for (std::int64_t at = 2000; at < 2500; at += 20) bench.picture(at, at == 2000, 4000), bench.sound(at);
  bench.settle();
  bench.play();
  CHECK(bench.sink.packets.size() <= session::webrtc::Pacer::burst);  // no more in one go
  bench.pass(100ms);
  const auto cached = bench.frames(PlayerBench::video_ssrc, Codec::h264);
  REQUIRE(cached.size() == 25);
  CHECK(bench.sink.of(PlayerBench::audio_ssrc).empty());
  for (std::size_t i = 0; i < cached.size(); ++i) {
    CHECK(PlayerBench::bytes_of(cached[i]) == bench.published[50 + i]);
    if (i > 0) CHECK(cached[i].timestamp - cached[i - 1].timestamp == 90);
  }
  bench.picture(2520, false);
  bench.sound(2520);
  bench.pass(20ms);
  const auto frames = bench.frames(PlayerBench::video_ssrc, Codec::h264);
  REQUIRE(frames.size() == 26);
  CHECK(milliseconds_between(frames[24].timestamp, frames[25].timestamp, 90) == 40);  // from 2480
  CHECK(bench.sink.of(PlayerBench::audio_ssrc).size() == 1);
  CHECK(without_gap(bench.sink.of(PlayerBench::video_ssrc)));
}

TEST_CASE("where the cached group is too long, a newcomer waits and a key frame is asked for", "[webrtc]") {
  PlayerBench bench;
  bench.vhost->play.gop_cache_max_time = 60s;
  bench.begin();
  for (std::int64_t at = 0; at < 6000; at += 40) bench.picture(at, at == 0);
  bench.settle();
  bench.play();
  bench.pass(50ms);
  CHECK(bench.sink.packets.empty());
  CHECK(bench.keys_wanted == 1);
  CHECK(bench.player->state() == State::waiting);
  CHECK(bench.player->figures().late_starts == 1);
  bench.picture(6000, false);
  bench.pass(40ms);
  CHECK(bench.sink.packets.empty());
  bench.picture(6040, true);
  bench.picture(6080, false);
  bench.pass(40ms);
  CHECK(bench.frames(PlayerBench::video_ssrc, Codec::h264).size() == 2);
}

TEST_CASE("a big key frame leaves in bursts", "[webrtc]") {
  PlayerBench bench;
  bench.begin();
  bench.play();
  bench.pass(1s);
  bench.picture(0, true, 300'000);  // 261 packets
  bench.sound(0);
  bench.settle();
  CHECK(bench.sink.packets.size() == session::webrtc::Pacer::burst);
  REQUIRE(bench.due.has_value());
  CHECK(*bench.due - bench.now == session::webrtc::Pacer::step);
  bench.pass(60ms);
  const auto frames = bench.frames(PlayerBench::video_ssrc, Codec::h264);
  REQUIRE(frames.size() == 1);
  CHECK(PlayerBench::bytes_of(frames[0]) == bench.published[0]);
  CHECK(bench.sink.of(PlayerBench::audio_ssrc).size() == 1);
}

TEST_CASE("numbers and times go on over their edges", "[webrtc]") {
  PlayerBench bench;
  bench.options.random = [n = 0]() mutable { return n++ % 3 == 2 ? 0xffffff00U : 0x7ffeU; };
  bench.begin();
  bench.play();
  for (int i = 0; i < 30; ++i) bench.second(i * 1000, 60'000);
  bench.pass(100ms);
  const auto packets = bench.sink.of(PlayerBench::video_ssrc);
  CHECK(packets.size() > 0x8100);
  CHECK(without_gap(packets));
  const auto frames = bench.frames(PlayerBench::video_ssrc, Codec::h264);
  REQUIRE(frames.size() == bench.published.size());
  for (std::size_t i = 0; i < frames.size(); i += 25) CHECK(PlayerBench::bytes_of(frames[i]) == bench.published[i]);
  CHECK(milliseconds_between(frames.front().timestamp, frames.back().timestamp, 90) == 30'000 - 40);
}

TEST_CASE("a publisher goes and comes back: numbers have no gap, and time is what has passed", "[webrtc]") {
  PlayerBench bench;
  bench.begin();
  bench.play();
  bench.second(0);
  bench.feed.end();
  bench.pass(100ms);
  CHECK(bench.player->state() == State::ended);
  bench.pass(10s);
  bench.begin(Codec::h264, 1);
  bench.second(1000);  // the stream goes on with its time where it was
  bench.pass(100ms);
  const auto frames = bench.frames(PlayerBench::video_ssrc, Codec::h264);
  REQUIRE(frames.size() == 50);
  const auto pause = milliseconds_between(frames[24].timestamp, frames[25].timestamp, 90);
  CHECK(pause >= 10'000);
  CHECK(pause <= 10'300);
  CHECK(without_gap(bench.sink.of(PlayerBench::video_ssrc)));
  // Sound was moved by as much.
  const auto sound = bench.sink.of(PlayerBench::audio_ssrc);
  CHECK(milliseconds_between(sound[49].timestamp, sound[50].timestamp, 48) == pause - 20);
}

TEST_CASE("a stall of the stream is no pause: what comes late keeps its time", "[webrtc]") {
  PlayerBench bench;
  bench.begin();
  bench.play();
  bench.second(0);
  bench.pass(3s);
  bench.second(1000, 3000, false);
  bench.pass(1s);
  const auto frames = bench.frames(PlayerBench::video_ssrc, Codec::h264);
  REQUIRE(frames.size() == 50);
  CHECK(milliseconds_between(frames[24].timestamp, frames[25].timestamp, 90) == 40);
}

TEST_CASE("a change of codec goes on with the same source, if the answer has it", "[webrtc]") {
  PlayerBench bench;
  bench.options.media[0].codecs.push_back({.codec = Codec::vp8, .payload = 96, .clock_rate = 90000});
  bench.begin();
  bench.play();
  bench.second(0);
  bench.begin(Codec::vp8, 1);
  bench.second(1000);
  const auto before = bench.sink.of(PlayerBench::video_ssrc).size();
  bench.begin(Codec::vp9, 2);  // not agreed on
  bench.codec = Codec::vp9;
  bench.second(2000);
  bench.pass(100ms);
  const auto packets = bench.sink.of(PlayerBench::video_ssrc);
  CHECK(without_gap(packets));
  CHECK(packets.front().payload_type == 102);
  CHECK(packets[before - 1].payload_type == 96);
  CHECK(packets.size() == before);
  CHECK(bench.player->figures().video.not_agreed == 25);
  const auto change =
      std::find_if(packets.begin(), packets.end(), [](const auto& one) { return one.payload_type == 96; });
  CHECK(milliseconds_between(packets.front().timestamp, change->timestamp, 90) == 1000);
  CHECK(bench.sink.of(PlayerBench::audio_ssrc).size() == 150);
}

TEST_CASE("a player of sound alone begins at the edge", "[webrtc]") {
  PlayerBench bench;
  bench.options.media.erase(bench.options.media.begin());
  bench.begin();
  bench.second(0, 3000, false);
  bench.settle();
  bench.play();
  bench.pass(50ms);
  CHECK(bench.sink.packets.empty());
  bench.sound(1000);
  bench.pass(20ms);
  CHECK(bench.sink.packets.size() == 1);
}

TEST_CASE("header extensions are those that were agreed on, and the same in each packet", "[webrtc]") {
  PlayerBench bench;
  bench.options.playout_delay = session::webrtc::PlayoutDelay{0ms, 400ms};
  bench.options.media[0].extensions = {.mid = 4, .transport_cc = 3, .abs_capture_time = 7, .playout_delay = 5};
  bench.options.media[1].extensions = {.mid = 4, .transport_cc = 3};
  bench.begin();
  bench.play();
  for (int i = 0; i < 3; ++i) bench.second(i * 1000);
  const auto pictures = bench.sink.of(PlayerBench::video_ssrc), sound = bench.sink.of(PlayerBench::audio_ssrc);
  std::size_t captures = 0;
  for (const auto& packet : pictures) {
    REQUIRE(rtp::find_extension(packet, 3).has_value());
    CHECK(base::as_text(*rtp::find_extension(packet, 4)) == "0");
    CHECK(test::hex(*rtp::find_extension(packet, 5)) == "000028");
    if (const auto capture = rtp::find_extension(packet, 7)) {
      ++captures;
      CHECK(capture->size() == 8);
    } else {
      CHECK(packet.extension.size() == 12);
    }
  }
  CHECK(captures >= 3);
  CHECK(captures <= 4);
  for (const auto& packet : sound) {
    CHECK(base::as_text(*rtp::find_extension(packet, 4)) == "1");
    CHECK_FALSE(rtp::find_extension(packet, 5).has_value());
    CHECK_FALSE(rtp::find_extension(packet, 7).has_value());
  }
}

}  // namespace weir::test::player_test
