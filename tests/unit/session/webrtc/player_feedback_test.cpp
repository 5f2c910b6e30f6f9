#include "session/webrtc/player.h"
#include "support/catch.h"
#include "unit/session/webrtc/player_bench.h"

namespace weir::test::player_feedback_test {

using namespace std::chrono_literals;
using media::Codec;
using test::ByteVector;
using test::PlayerBench;

namespace {

constexpr std::uint32_t video = PlayerBench::video_ssrc, audio = PlayerBench::audio_ssrc, rtx = PlayerBench::rtx_ssrc;

// Loses the pictures' packets of these places, and says which numbers they had.
struct Loss {
  PlayerBench& bench;
  std::set<std::size_t> places;
  std::size_t place = 0;
  std::vector<std::uint16_t> lost{};
  std::vector<ByteVector> bytes{};

  void begin() {
    bench.sink.drop = [this](const rtp::Packet& packet) {
      if (packet.ssrc != video || !places.contains(place++)) return false;
      lost.push_back(packet.sequence);
      bytes.push_back(bench.sink.packets.back());
      return true;
    };
  }
  void ask(std::uint32_t ssrc = video) {
    bench.sink.drop = nullptr;
    bench.peer_says([&](base::ByteWriter& w) { rtp::write_nack(w, 1, ssrc, lost); });
  }
};

std::vector<rtp::RtcpItem> reports_of(const PlayerBench& bench) {
  std::vector<rtp::RtcpItem> out;
  for (const ByteVector& one : bench.sink.reports) {
    const auto items = rtp::parse_rtcp(one);
    REQUIRE(items.has_value());
    out.insert(out.end(), items->begin(), items->end());
  }
  return out;
}

template <class Item>
std::vector<Item> only(const std::vector<rtp::RtcpItem>& items) {
  std::vector<Item> out;
  for (const auto& item : items) {
    if (const auto* one = std::get_if<Item>(&item)) out.push_back(*one);
  }
  return out;
}

}  // namespace

TEST_CASE("what was lost is sent again out of the feed's log, bit by bit the same", "[webrtc]") {
  PlayerBench bench;
  bench.options.media[0].extensions = {.mid = 4, .transport_cc = 3, .abs_capture_time = 7};
  bench.begin();
  bench.play();
  Loss loss{bench, {0, 7, 8, 31, 50}};
  loss.begin();
  bench.second(0);
  REQUIRE(loss.lost.size() == 5);
  const std::size_t before = bench.sink.packets.size();
  loss.ask();
  REQUIRE(bench.sink.packets.size() == before + 5);
  // Another packet under the same number would give away the key of GCM.
  for (std::size_t i = 0; i < 5; ++i) CHECK(bench.sink.packets[before + i] == loss.bytes[i]);
  const auto frames = bench.frames(video, Codec::h264);
  REQUIRE(frames.size() == 25);
  for (std::size_t i = 0; i < 25; ++i) CHECK(PlayerBench::bytes_of(frames[i]) == bench.published[i]);
  CHECK(bench.player->figures().video.resent == 5);
}

TEST_CASE("a worker without time sends nothing again", "[webrtc]") {
  session::webrtc::Breaker breaker;
  REQUIRE(breaker.sample({}, 100));
  PlayerBench bench;
  bench.options.breaker = &breaker;
  bench.begin();
  bench.play();
  Loss loss{bench, {0, 7}};
  loss.begin();
  bench.second(0);
  const std::size_t before = bench.sink.packets.size();
  loss.ask();
  CHECK(bench.sink.packets.size() == before);
  REQUIRE(breaker.sample({}, 10));
  loss.ask();
  CHECK(bench.sink.packets.size() == before + 2);
}

TEST_CASE("where RTX was agreed, it comes on a source of its own", "[webrtc]") {
  PlayerBench bench;
  bench.options.media[0].retransmission_ssrc = rtx;
  bench.options.media[0].codecs[0].retransmission = std::uint8_t{103};
  bench.options.media[0].extensions.transport_cc = 3;
  bench.begin();
  bench.play();
  Loss loss{bench, {3, 9, 10, 11, 40}};
  loss.begin();
  bench.second(0);
  loss.ask();
  const auto again = bench.sink.of(rtx);
  REQUIRE(again.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(again[i].payload_type == 103);
    CHECK(again[i].sequence == static_cast<std::uint16_t>(again[0].sequence + i));
    CHECK((again[i].payload[0] << 8 | again[i].payload[1]) == loss.lost[i]);
  }
  // The whole transport is counted without gap, whatever the source.
  std::vector<int> numbers;
  for (const ByteVector& one : bench.sink.packets) {
    const auto packet = *rtp::parse(one);
    const auto number = rtp::find_extension(packet, 3);
    if (number) numbers.push_back((*number)[0] << 8 | (*number)[1]);
  }
  CHECK(numbers.back() + 1 == static_cast<int>(numbers.size() + loss.lost.size()));
  const auto frames = bench.frames(video, Codec::h264, rtx);
  REQUIRE(frames.size() == 25);
  for (std::size_t i = 0; i < 25; ++i) CHECK(PlayerBench::bytes_of(frames[i]) == bench.published[i]);
}

TEST_CASE("no packet is sent again twice within a round trip, and none that is forgotten", "[webrtc]") {
  PlayerBench bench;
  bench.begin();
  bench.play();
  Loss loss{bench, {4}};
  loss.begin();
  bench.second(0);
  loss.ask();
  loss.ask();
  CHECK(bench.player->figures().video.resent == 1);
  CHECK(bench.player->figures().video.held_back == 1);
  bench.pass(110ms);
  loss.ask();
  CHECK(bench.player->figures().video.resent == 2);
  for (int i = 1; i < 4; ++i) bench.second(i * 1000);
  loss.ask();
  CHECK(bench.player->figures().video.resent == 2);
  CHECK(bench.player->figures().video.not_kept == 1);
  loss.lost = {static_cast<std::uint16_t>(loss.lost[0] + 20'000)};  // never sent
  loss.ask();
  loss.ask(0x9999);  // nobody's
  CHECK(bench.player->figures().video.not_kept == 2);
}

TEST_CASE("a peer that asks for everything gets no more than a share again", "[webrtc]") {
  PlayerBench bench;
  bench.begin();
  bench.play();
  bench.second(0, 30'000);
  const auto sent = bench.player->figures().video;
  for (int round = 0; round < 20; ++round) {
    std::vector<std::uint16_t> all;
    for (const auto& packet : bench.sink.of(video)) all.push_back(packet.sequence);
    all.resize(std::min<std::size_t>(all.size(), 800));
    bench.peer_says([&](base::ByteWriter& w) { rtp::write_nack(w, 1, video, all); });
    bench.now += 200ms;
  }
  const auto figures = bench.player->figures().video;
  CHECK(figures.resent_bytes > 50'000);
  CHECK(figures.resent_bytes < 128 * 1024 + sent.bytes / 2);
  CHECK(figures.held_back > 0);
}

TEST_CASE("a request for a key frame reaches the publisher, but not each of many", "[webrtc]") {
  PlayerBench bench;
  bench.begin();
  bench.play();
  bench.second(0);
  for (int i = 0; i < 5; ++i) bench.peer_says([](base::ByteWriter& w) { rtp::write_picture_loss(w, 1, video); });
  CHECK(bench.keys_wanted == 1);
  bench.now += 600ms;
  bench.peer_says([](base::ByteWriter& w) { rtp::write_full_intra(w, 1, video, 5); });
  CHECK(bench.keys_wanted == 2);
  bench.now += 600ms;
  bench.peer_says([](base::ByteWriter& w) { rtp::write_full_intra(w, 1, video, 5); });  // the same one again
  CHECK(bench.keys_wanted == 2);
  bench.peer_says([](base::ByteWriter& w) { rtp::write_picture_loss(w, 1, audio); });  // of no picture
  CHECK(bench.keys_wanted == 2);
  CHECK(bench.player->figures().key_frame_requests == 6);
}

TEST_CASE("a request for a key frame goes on from one that is there already", "[webrtc]") {
  PlayerBench bench;
  bench.begin();
  bench.play();
  bench.second(0);
  for (int i = 0; i < 5; ++i) bench.picture(1000 + 40 * i, i == 0, 200'000);  // held back in bursts
  bench.settle();
  bench.picture(1200, true);
  bench.picture(1240, false);
  bench.settle();
  bench.peer_says([](base::ByteWriter& w) { rtp::write_picture_loss(w, 1, video); });
  CHECK(bench.keys_wanted == 0);
  bench.pass(50ms);
  const auto frames = bench.frames(video, Codec::h264);
  REQUIRE(frames.size() >= 27);
  CHECK(PlayerBench::bytes_of(frames[frames.size() - 2]) == bench.published[bench.published.size() - 2]);
  CHECK(frames[frames.size() - 2].key);
}

TEST_CASE("sender reports put picture and sound on one line of time", "[webrtc]") {
  PlayerBench bench;
  bench.begin();
  bench.play();
  CHECK(bench.sink.reports.empty());
  bench.picture(0, true);
  bench.sound(0);
  bench.pass(100ms);
  auto reports = only<rtp::SenderReport>(reports_of(bench));
  REQUIRE(reports.size() == 2);  // within 100 ms of the first packet
  for (int i = 1; i < 4; ++i) bench.second(i * 1000 - 900);
  reports = only<rtp::SenderReport>(reports_of(bench));
  REQUIRE(reports.size() == 8);
  const auto pictures = bench.sink.of(video), sound = bench.sink.of(audio);
  for (std::size_t i = 0; i < reports.size(); i += 2) {
    CHECK(reports[i].ssrc == video);
    CHECK(reports[i + 1].ssrc == audio);
    CHECK(reports[i].ntp == reports[i + 1].ntp);
    // The stream's time zero was sent at the first instant: both say the same of the time that passed since.
    const std::int64_t by_video = (reports[i].timestamp - pictures[0].timestamp) / 90;
    const std::int64_t by_sound = (reports[i + 1].timestamp - sound[0].timestamp) / 48;
    CHECK(std::abs(by_video - by_sound) <= 1);
    const std::uint64_t passed = (reports[i].ntp - bench.options.wall.ntp) * 1000 >> 32;
    CHECK(std::abs(by_video - static_cast<std::int64_t>(passed)) <= 1);
  }
  CHECK(reports[6].packets > 50);
  CHECK(reports[7].octets == reports[7].packets * 80);
  // SDES with the same name for both: 8.3.3 of the compound is looked for as text.
  const std::string text(bench.sink.reports.back().begin(), bench.sink.reports.back().end());
  CHECK(text.find("weir") != text.rfind("weir"));
}

TEST_CASE("receiver reports become figures", "[webrtc]") {
  PlayerBench bench;
  bench.begin();
  bench.play();
  bench.second(0);
  const auto reports = only<rtp::SenderReport>(reports_of(bench));
  REQUIRE_FALSE(reports.empty());
  // The report left 900 ms ago (the first, 50 ms after the beginning); the peer held it for 850 ms.
  const auto passed = bench.now - bench.options.wall.at;
  rtp::ReportBlock block;
  block.ssrc = video;
  block.fraction_lost = 64;
  block.lost = 12;
  block.jitter = 900;
  block.last_report = static_cast<std::uint32_t>(reports[0].ntp >> 16);
  const auto report_at = std::chrono::milliseconds((reports[0].ntp - bench.options.wall.ntp) * 1000 >> 32);
  block.delay = static_cast<std::uint32_t>(
      (std::chrono::duration_cast<std::chrono::milliseconds>(passed) - report_at - 80ms).count() * 65536 / 1000);
  bench.peer_says([&](base::ByteWriter& w) { rtp::write_receiver_report(w, 1, std::span(&block, 1)); });
  const auto figures = bench.player->figures();
  CHECK(figures.video.fraction_lost == 0.25);
  CHECK(figures.video.lost == 12);
  CHECK(figures.video.jitter == 10ms);
  CHECK(figures.round_trip > 75ms);
  CHECK(figures.round_trip < 85ms);
  // Nonsense changes nothing.
  block.delay = 0x00800000;  // longer than the report is old
  bench.peer_says([&](base::ByteWriter& w) { rtp::write_receiver_report(w, 1, std::span(&block, 1)); });
  CHECK(bench.player->figures().round_trip < 85ms);
  bench.player->rtcp(test::bytes("80c8ffff00"), bench.now);
  CHECK(bench.player->figures().garbled == 1);
}

TEST_CASE("a player that leaves says so, and one whose peer leaves hears of it", "[webrtc]") {
  PlayerBench bench;
  int changes = 0;
  bench.options.changed = [&] { ++changes; };
  bench.begin();
  bench.play();
  bench.second(0);
  changes = 0;
  bench.peer_says([](base::ByteWriter& w) { rtp::write_bye(w, 1); });
  CHECK(bench.player->left());
  CHECK(changes == 1);
  bench.sink.reports.clear();
  bench.player->leave();
  const auto byes = only<rtp::Bye>(reports_of(bench));
  REQUIRE(byes.size() == 2);
  CHECK(byes[0].sources == std::vector<std::uint32_t>{video});
  const std::size_t before = bench.sink.packets.size();
  bench.second(1000);
  CHECK(bench.sink.packets.size() == before);
  CHECK(bench.player->tick(bench.now) == base::Instant::max());
}

}  // namespace weir::test::player_feedback_test
