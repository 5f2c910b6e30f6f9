#include "session/webrtc/report.h"

#include "session/webrtc/player.h"
#include "session/webrtc/receiver_figures.h"
#include "support/catch.h"

namespace weir::test::report_test {

using namespace std::chrono_literals;
using session::webrtc::Report;

TEST_CASE("a player's report: what it sent, and what its peer says of that", "[webrtc]") {
  session::webrtc::PlayerFigures figures;
  figures.video.ssrc = 7;
  figures.video.codec = media::Codec::h264;
  figures.video.packets = 1000;
  figures.video.lost = 3;
  figures.video.nacked = 4;
  figures.video.resent = 2;
  figures.video.bitrate_bps = 1'500'000;
  figures.video.jitter = 2100us;
  figures.round_trip = 12'300us;
  figures.key_frame_requests = 1;
  Report report;
  tell(report, figures);
  REQUIRE(report.tracks.size() == 1);  // the answer had no sound
  CHECK(report.tracks[0].video);
  CHECK(media_words(report) ==
        "H264, RTT 12.3 ms, 3 of 1000 packets lost, jitter 2.1 ms, 4 asked for again, 2 sent again, "
        "1 key frames asked for");
  const net::TransportFigures transport = transport_figures(report, false);
  CHECK(transport.rtt == 12'300us);
  CHECK(transport.sent_packets == 1000);
  CHECK(transport.send_lost == 3);
  CHECK(transport.retransmitted == 2);
  CHECK(transport.send_mbps == Approx(1.5));
  CHECK(transport.received_packets == 0);
}

TEST_CASE("a publisher's report: what came, and how", "[webrtc]") {
  session::webrtc::ReceiverFigures figures;
  figures.counts.nacks = 5;
  figures.sources.push_back({.ssrc = 1, .codec = media::Codec::vp8, .packets = 500, .lost = -2, .recovered = 4});
  figures.sources.push_back({.ssrc = 2, .codec = media::Codec::opus, .packets = 250, .lost = 1, .jitter = 900us});
  Report report;
  tell(report, figures);
  REQUIRE(report.tracks.size() == 2);
  CHECK_FALSE(report.round_trip);
  CHECK(media_words(report) == "VP8+Opus, 0 of 750 packets lost, jitter 0.9 ms, 5 asked for again, 4 sent again");
  const net::TransportFigures transport = transport_figures(report, true);
  CHECK(transport.received_packets == 750);
  CHECK(transport.receive_lost == 1);  // repeated packets make a negative loss, and no other track's good
}

TEST_CASE("a session without media has nothing to say of it", "[webrtc]") {
  Report report;
  CHECK(media_words(report).empty());
  report.tracks.push_back({.video = true, .ssrc = 3});
  CHECK(media_words(report).empty());
}

}  // namespace weir::test::report_test
