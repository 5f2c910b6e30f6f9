#include <sys/stat.h>

#include <fstream>

#include "scenario/support/hls_client.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::hls_test {

using namespace std::chrono_literals;
using rtmp::Role;
using test::Answer, test::get, test::publish, test::playlist, test::scratch;
using test::LiveServer;
using test::RtmpPeer;

TEST_CASE("a stream is played by HLS: from memory on every worker, and as files", "[scenario][hls]") {
  const auto folder = scratch("files");
  LiveServer server("hls { enabled on; hls_fragment 1; hls_window 5; hls_path " + folder.string() + "; }");
  CHECK(get(server.http_port(), "/live/a.m3u8").status == 404);
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "a");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish(publisher, 0, 110);
  const std::string text = playlist(server, "/live/a.m3u8?hls_ctx=me", 4);
  const auto checked = test::validate_playlist(text);
  CHECK(checked.faults.empty());
  REQUIRE(checked.playlist.segments.size() == 4);
  CHECK(checked.playlist.segments[0].uri == "a-0.ts?hls_ctx=me");

  // Over many connections, so that both workers are asked.
  for (int i = 0; i < 8; ++i) {
    Answer segment;  // the other worker is told a turn later
    REQUIRE(test::soon([&] {
      segment = get(server.http_port(), "/live/a-1.ts?hls_ctx=me");
      return segment.status == 200;
    }));
    CHECK(segment.body.size() % 188 == 0);
    CHECK(segment.body[0] == 0x47);
    CHECK(segment.head.find("video/mp2t") != std::string::npos);
    CHECK(segment.head.find("max-age") != std::string::npos);
    CHECK(get(server.http_port(), "/live/a.m3u8?hls_ctx=me").status == 200);
  }
  const Answer part = get(server.http_port(), "/live/a-1.ts", 5s, "Range: bytes=188-375\r\n");
  CHECK(part.status == 206);
  CHECK(part.body.size() == 188);
  CHECK(get(server.http_port(), "/live/a-99.ts").status == 404);
  CHECK(get(server.http_port(), "/live/..%2f..%2fetc/passwd").status == 400);

  const Answer master = get(server.http_port(), "/live/a.m3u8");
  CHECK(test::validate_master(master.body).empty());
  CHECK(master.body.find("/live/a.m3u8?hls_ctx=") != std::string::npos);

  CHECK(std::filesystem::exists(folder / "live/a-0.ts"));
  std::ifstream file(folder / "live/a.m3u8");
  const std::string on_disk((std::istreambuf_iterator<char>(file)), {});
  CHECK(test::validate_playlist(on_disk).faults.empty());
  CHECK(on_disk.find("hls_ctx") == std::string::npos);
}

TEST_CASE("low latency: who asks for a part that is to come is answered when it is there", "[scenario][hls]") {
  const bool fmp4 = GENERATE(false, true);
  LiveServer server(
      "hls { enabled on; hls_fragment 1; hls_window 5; hls_to_disk off; hls_low_latency on; hls_use_fmp4 " +
          std::string(fmp4 ? "on" : "off") + "; }",
      "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "l");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish(publisher, 0, 56);
  const std::string base_url = "/live/l.m3u8?hls_ctx=x";
  auto before = test::validate_playlist(playlist(server, base_url, 2));
  test::soon([&] {  // the server may be at its frame still
    before = test::validate_playlist(get(server.http_port(), base_url).body);
    return !before.playlist.open_parts.empty();
  });
  CHECK(before.faults.empty());
  const auto& list = before.playlist;
  REQUIRE(list.segments.size() == 2);
  REQUIRE(list.open_parts.size() == 1);
  CHECK(list.can_block_reload);
  REQUIRE_FALSE(list.preload_hint.empty());
  CHECK(get(server.http_port(), "/live/" + list.open_parts.at(0).uri).status == 200);

  Answer reload, hinted;
  std::thread waiter([&] {
    reload = get(server.http_port(), base_url + "&_HLS_msn=2&_HLS_part=" + std::to_string(list.open_parts.size()));
  });
  std::thread asker([&] { hinted = get(server.http_port(), "/live/" + list.preload_hint); });
  CHECK(test::soon([&] { return test::held(server) > 0; }));
  publish(publisher, 56, 64);
  waiter.join();
  asker.join();
  CHECK(reload.status == 200);
  const auto after = test::validate_playlist(reload.body);
  CHECK(after.faults.empty());
  CHECK(after.playlist.open_parts.size() > list.open_parts.size());
  CHECK(test::validate_update(list, after.playlist).empty());
  CHECK(hinted.status == 200);
  CHECK(hinted.body.size() > 100);

  // 6.2.5.2, and numbers that are none
  for (const char* bad : {"&_HLS_msn=99", "&_HLS_part=1", "&_HLS_msn=-1", "&_HLS_msn=x", "&_HLS_msn=2&_HLS_part=99999",
                          "&_HLS_msn=99999999999999999999999", "&_HLS_skip=NO"}) {
    INFO(bad);
    CHECK(get(server.http_port(), base_url + bad).status == 400);
  }
  const Answer skip = get(server.http_port(), base_url + "&_HLS_skip=YES");
  CHECK(test::validate_playlist(skip.body).faults.empty());
}

TEST_CASE("a publisher that comes back goes on in the same playlist, on whichever worker", "[scenario][hls]") {
  LiveServer server("hls { enabled on; hls_fragment 1; hls_window 20; hls_to_disk off; }");
  std::optional<test::ParsedPlaylist> before;
  for (std::size_t round = 0; round < 5; ++round) {
    RtmpPeer publisher(server.rtmp_port(), Role::publish, "again");
    REQUIRE(publisher.wait_publishing());
    publisher.send_headers();
    publish(publisher, 0, 60);
    const auto checked = test::validate_playlist(playlist(server, "/live/again.m3u8?hls_ctx=p", 3 * round + 2));
    CHECK(checked.faults.empty());
    if (before) {
      for (const auto& fault : test::validate_update(*before, checked.playlist)) FAIL_CHECK(fault);
    }
    before = checked.playlist;
    REQUIRE(before->segments.size() >= 3 * round + 2);
    if (round > 0) CHECK(before->segments[3 * round].discontinuity);
    publisher.client.close();
    publisher.flush();
    playlist(server, "/live/again.m3u8?hls_ctx=p", 3 * round + 3);
  }
}

TEST_CASE("files that cannot be written do not stop the stream", "[scenario][hls]") {
  LiveServer server("hls { enabled on; hls_fragment 1; hls_window 5; hls_path /proc/nowhere; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "f");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish(publisher, 0, 80);
  CHECK(test::validate_playlist(playlist(server, "/live/f.m3u8?hls_ctx=p", 3)).playlist.segments.size() == 3);
  CHECK(get(server.http_port(), "/live/f-2.ts").status == 200);
}

TEST_CASE("hls_on_error disconnect drops the publisher whose files cannot be written", "[scenario][hls]") {
  LiveServer server("hls { enabled on; hls_fragment 1; hls_path /proc/nowhere; hls_on_error disconnect; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "f");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish(publisher, 0, 80);
  CHECK(publisher.wait_closed());
}

TEST_CASE("the folder is deleted under our feet and made anew", "[scenario][hls]") {
  const auto folder = scratch("deleted");
  LiveServer server("hls { enabled on; hls_fragment 1; hls_window 5; hls_path " + folder.string() + "; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "d");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish(publisher, 0, 30);
  playlist(server, "/live/d.m3u8?hls_ctx=p", 1);
  // The playlist is the last that is written.
  REQUIRE(test::soon([&] { return std::filesystem::exists(folder / "live/d.m3u8"); }));
  CHECK(std::filesystem::remove_all(folder) > 0);
  publish(publisher, 30, 60);
  playlist(server, "/live/d.m3u8?hls_ctx=p", 2);
  test::soon([&] { return std::filesystem::exists(folder / "live/d.m3u8"); });
  CHECK(std::filesystem::exists(folder / "live/d-1.ts"));
  CHECK(std::filesystem::exists(folder / "live/d.m3u8"));
}

TEST_CASE("a reload switches HLS on and off for a stream that is live", "[scenario][hls]") {
  LiveServer server("");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "r");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish(publisher, 0, 10);
  CHECK(get(server.http_port(), "/live/r.m3u8").status == 404);
  server.reload("hls { enabled on; hls_fragment 1; hls_to_disk off; }");
  int at = 10;
  CHECK(test::soon([&] {  // from the next round of the server's housekeeping on
    publish(publisher, at, at + 25);
    at += 25;
    return get(server.http_port(), "/live/r.m3u8?hls_ctx=p").status == 200;
  }));
  server.reload("");
  CHECK(test::soon([&] { return get(server.http_port(), "/live/r.m3u8").status == 404; }));
}

TEST_CASE("DASH says segments that are there, and what time it is", "[scenario][hls]") {
  LiveServer server("hls { hls_to_disk off; } dash { enabled on; dash_fragment 1; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "m");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish(publisher, 0, 110);
  Answer mpd;
  test::soon([&] {
    mpd = get(server.http_port(), "/live/m.mpd");
    return mpd.body.find("r=\"3\"") != std::string::npos;
  });
  REQUIRE(mpd.status == 200);
  CHECK(mpd.head.find("application/dash+xml") != std::string::npos);
  INFO(mpd.body);
  CHECK(mpd.body.find(R"(<S t="0" d="90000" r="3"/>)") != std::string::npos);
  CHECK(get(server.http_port(), "/live/m/video-init.mp4").body.find("avc1") != std::string::npos);
  for (const char* name : {"/live/m/video-0.m4s", "/live/m/video-3.m4s"}) {
    const Answer segment = get(server.http_port(), name);
    CHECK(segment.status == 200);
    CHECK(segment.body.find("moof") != std::string::npos);
  }
  CHECK(get(server.http_port(), "/live/m.mpd?time=now").body.size() == std::string("2026-01-01T00:00:00.000Z").size());
}

}  // namespace weir::test::hls_test
