#include <filesystem>
#include <fstream>

#include "app/auth/token.h"
#include "format/flv/muxer.h"
#include "format/mp4/reader.h"
#include "scenario/support/hls_client.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::vod_test {

// Recordings as HLS.
using namespace std::chrono_literals;
using rtmp::Role;
using test::Answer, test::get, test::LiveServer, test::RtmpPeer;

namespace {

std::string vod_roots(const std::filesystem::path& folder) {
  return "workers 2; http_server { enabled on; listen 127.0.0.1:{HTTP}; dir " + folder.string() +
         "; } http_api { enabled on; listen 127.0.0.1:{HTTP}; }";
}

// Fifteen seconds of pictures with a key frame each second; the path of the recording when it is whole.
std::string fifteen_seconds(const LiveServer& server, const std::filesystem::path& folder) {
  {
    RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam");
    REQUIRE(publisher.wait_publishing());
    publisher.send_headers();
    test::publish(publisher, 0, 375);
    publisher.run_until([] { return false; }, 50ms);
  }
  std::string found;
  test::soon([&] {
    std::error_code failure;
    for (const auto& one : std::filesystem::directory_iterator(folder / "live", failure)) {
      if (one.path().extension() != ".tmp") found = "/live/" + one.path().filename().string();
    }
    return !found.empty();
  });
  REQUIRE_FALSE(found.empty());
  return found;
}

std::string vod_token() {
  hub::Request request;
  request.vhost = std::make_shared<config::Vhost>();
  request.app = "live";
  request.stream = "cam";
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return "token=" + auth::sign_url("s3cret", request, hub::Action::play, now + 600s);
}

// Key frames alone, a segment each.
void write_long_film(const std::filesystem::path& path, int segments) {
  base::Buffer out(flv::prologue_bytes);
  flv::write_prologue({out.data(), out.size()}, flv::FileHeader{});
  flv::append_tag(out, flv::TagType::video, {},
                  test::bytes("17 00 000000 01 42001e ff e1 0004 6742001e 01 0004 68ce3c80"));
  for (int i = 0; i < segments; ++i) {
    flv::append_tag(out, flv::TagType::video, base::Millis(i * 6'000), test::bytes("17 01 000000 00000004 65555555"));
  }
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << base::as_text(out.bytes());
}

base::Bytes bytes_of(const std::string& text) { return base::as_bytes(text); }

}  // namespace

TEST_CASE("a recording is played as HLS, cut at its key frames", "[scenario][hls][vod]") {
  const auto folder = test::scratch("vod");
  const std::string ending = GENERATE(as<std::string>{}, "flv", "mp4");
  LiveServer server("hls { enabled on; } dvr { enabled on; dvr_path " + folder.string() +
                        "/[app]/[stream].[timestamp]." + ending + "; }",
                    vod_roots(folder));
  const std::string path = fifteen_seconds(server, folder);
  const auto port = server.http_port();
  const Answer list = get(port, path + ".m3u8");
  INFO(list.head << list.body);
  REQUIRE(list.status == 200);
  CHECK(list.head.find("Content-Type: application/vnd.apple.mpegurl") != std::string::npos);
  const auto checked = test::validate_playlist(list.body);
  for (const auto& fault : checked.faults) FAIL_CHECK(fault);
  REQUIRE(checked.playlist.segments.size() == 3);  // 6, 6 and 3 s
  CHECK(list.body.find("hls_ctx") == std::string::npos);

  mp4::Reader reader;
  const Answer init = get(port, path + "-init.mp4");
  REQUIRE(init.status == 200);
  REQUIRE(reader.input(bytes_of(init.body)).has_value());
  for (std::size_t i = 0; i < checked.playlist.segments.size(); ++i) {
    const Answer stream = get(port, "/live/" + checked.playlist.segments[i].uri);
    CHECK(stream.status == 200);
    CHECK(stream.head.find("Content-Type: video/mp2t") != std::string::npos);
    CHECK(stream.body.size() % 188 == 0);
    const Answer answer = get(port, path + "-" + std::to_string(i) + ".m4s");  // the same as fragmented MP4
    INFO(answer.head << answer.body.substr(0, 200));
    REQUIRE(answer.status == 200);
    CHECK(answer.head.find("Cache-Control: public, max-age=") != std::string::npos);
    CHECK(answer.head.find("ETag: ") != std::string::npos);
    REQUIRE(reader.input(bytes_of(answer.body)).has_value());
  }
  const auto movie = reader.finish();
  REQUIRE(movie.has_value());
  CHECK(movie->tracks.at(0).samples.size() == 375);

  const std::string last = "/live/" + checked.playlist.segments[2].uri;
  const Answer part = get(port, last, 5s, "Range: bytes=0-187\r\n");
  CHECK(part.status == 206);
  CHECK(part.body == get(port, last).body.substr(0, 188));
  for (const std::string& none : {path + "-3.m4s", std::string("/live/none.mp4.m3u8"),
                                  std::string("/live/none.mp4-0.m4s"), path + "-99999999999.m4s"}) {
    CHECK(get(port, none).status == 404);
  }
  // Somebody publishes a stream of that name: it goes before the file.
  RtmpPeer publisher(server.rtmp_port(), Role::publish, path.substr(6));
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  test::publish(publisher, 0, 30);
  CHECK(test::soon([&] { return get(port, path + ".m3u8").body.find("." + ending + "-") == std::string::npos; }));
  server.stop();
  std::filesystem::remove_all(folder);
}

TEST_CASE("a recording below a mount of its own is played as HLS", "[scenario][hls][vod]") {
  const auto folder = test::scratch("vod-mount");
  write_long_film(folder / "films" / "live" / "long.flv", 3);
  LiveServer server("http_static { enabled on; mount [vhost]/films/; dir " + (folder / "films").string() + "; }",
                    vod_roots(folder / "none"));
  const auto port = server.http_port();
  CHECK(get(port, "/films/live/long.flv").status == 200);
  const Answer list = get(port, "/films/live/long.flv.m3u8");
  INFO(list.head << list.body);
  REQUIRE(list.status == 200);
  const auto checked = test::validate_playlist(list.body);
  for (const auto& fault : checked.faults) FAIL_CHECK(fault);
  REQUIRE(checked.playlist.segments.size() == 3);
  CHECK(get(port, "/films/live/" + checked.playlist.segments[0].uri).status == 200);
  CHECK(get(port, "/films/live/none.flv.m3u8").status == 404);
  CHECK(get(port, "/live/long.flv.m3u8").status == 404);
  server.stop();
  std::filesystem::remove_all(folder);
}

// Each URI has the query, so that a playlist is as large as who asks for it wishes.
TEST_CASE("a playlist of a recording has a size that its asker does not choose", "[scenario][hls][vod]") {
  const auto folder = test::scratch("vod-long");
  write_long_film(folder / "live" / "long.flv", 2'200);
  LiveServer server("hls { enabled on; }", vod_roots(folder));
  const auto port = server.http_port();
  CHECK(get(port, "/live/long.flv.m3u8").status == 200);
  CHECK(get(port, "/live/long.flv.m3u8?token=" + std::string(600, 'x')).status == 200);
  CHECK(get(port, "/live/long.flv.m3u8?token=" + std::string(7'900, 'x')).status == 414);
  server.stop();
  std::filesystem::remove_all(folder);
}

TEST_CASE("a guarded recording is cut for those alone who may play its stream", "[scenario][hls][vod][guard]") {
  const auto folder = test::scratch("vod-guard");
  LiveServer server("auth { enabled on; secret s3cret; publish off; } dvr { enabled on; dvr_path " + folder.string() +
                        "/[app]/[stream].[timestamp].mp4; }",
                    vod_roots(folder));
  const std::string path = fifteen_seconds(server, folder);
  const auto port = server.http_port();
  for (const std::string& asked : {path + ".m3u8", path + "-init.mp4", path + "-0.m4s",
                                   path + "-0.m4s?hls_ctx=invented", path + ".m3u8?token=x", path}) {
    INFO(asked);
    CHECK(get(port, asked).status == 403);
  }
  const Answer list = get(port, path + ".m3u8?" + vod_token());
  if (list.status == 403) {
    WARN("this file system keeps no extended attributes");
    return;
  }
  REQUIRE(list.status == 200);
  CHECK(list.head.find("Cache-Control: private") != std::string::npos);
  const auto checked = test::validate_playlist(list.body);
  REQUIRE(checked.playlist.segments.size() == 3);
  const std::string uri = checked.playlist.segments[1].uri;
  REQUIRE(uri.find("?hls_ctx=") != std::string::npos);
  const std::string id = uri.substr(uri.find("hls_ctx=") + 8, uri.find('&') - uri.find("hls_ctx=") - 8);
  for (int i = 0; i < 4; ++i) {  // on every worker
    const Answer answer = get(port, path + "-1.m4s?hls_ctx=" + id);
    CHECK(answer.status == 200);
    CHECK(answer.head.find("Cache-Control: private") != std::string::npos);
  }
  CHECK(get(port, path + "-init.mp4?hls_ctx=" + id).status == 200);
  CHECK(get(port, "/live/" + uri).status == 200);
  // A player whose session was forgotten while it rested shows its token again.
  CHECK(get(port, path + "-2.m4s?hls_ctx=elsewhere&" + vod_token()).status == 200);
  CHECK(get(port, "/api/v1/clients/").body.find(id) != std::string::npos);
  CHECK(test::ask(port, "DELETE /api/v1/clients/" + id + " HTTP/1.0\r\nHost: x\r\n\r\n").status == 200);
  CHECK(test::soon([&] { return get(port, path + "-1.m4s?hls_ctx=" + id).status == 404; }));
  server.stop();
  std::filesystem::remove_all(folder);
}

}  // namespace weir::test::vod_test
