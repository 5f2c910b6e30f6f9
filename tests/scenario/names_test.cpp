#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/url.h"
#include "scenario/support/hls_client.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::names_test {

// A stream is its whole name, wherever it is said: in URLs, API, hooks, playlists, on the disk.
using namespace std::chrono_literals;
using rtmp::Role;
using test::Answer, test::get, test::playlist, test::scratch;
using test::HookServer;
using test::LiveServer;
using test::RtmpPeer;

namespace {

struct Name {
  std::string published;
  std::string stream = published;  // as everybody else calls it
};

using test::soon;

// The first bytes of a live stream, whose end does not come.
Answer begin_of(std::uint16_t port, const std::string& target) {
  test::Socket socket(port);
  socket.send("GET " + target + " HTTP/1.0\r\nHost: x\r\n\r\n");
  std::string all;
  base::Buffer room(64 * 1024);
  for (auto end = std::string::npos; end == std::string::npos || all.size() < end + 12; end = all.find("\r\n\r\n")) {
    const int count = socket.receive({room.data(), room.size()}, 5s);
    if (count <= 0) break;
    all.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
  }
  const auto end = all.find("\r\n\r\n");
  if (end == std::string::npos) return {};
  return {std::stoi(all.substr(9, 3)), all.substr(0, end), all.substr(end + 4)};
}

std::vector<std::string> streams_of(const LiveServer& server) {
  const Answer answer = get(server.http_port(), "/api/v1/streams/?count=100");
  std::vector<std::string> names;
  const auto told = nlohmann::json::parse(answer.body);
  for (const auto& stream : told.at("streams")) names.push_back(stream.at("name"));
  return names;
}

}  // namespace

TEST_CASE("a stream is played, listed, told of and kept under the name it is published with", "[scenario][names]") {
  const std::vector<Name> names{
      {"plain"},
      {"192.168.1.10"},
      {"192.168.1.11"},
      {"cam.front"},
      {"cam"},
      {"a..b"},
      {"v1.2.3-rc.1"},
      {"trailing."},
      {".hidden"},
      {"front door"},
      {"50%"},
      {"a%20b"},
      {"q\"uo'te<&>"},
      {"cash$flow"},
      {"T\xc3\xbcr \xe5\x89\x8d\xe9\x96\x80"},
      {"back\\slash"},
      {"[stream]"},
      {"cam-1"},
      {"cam-iframes"},  // what belongs to "cam" has names with a tilde
      {"cam-video"},
      {"cam-audio1"},
      {"cam-text"},
      {std::string(180, 'n')},
      {" pasted\r\n", "pasted"},
      {"ext.flv", "ext"},
      {"movie.mp4", "movie"},
  };
  const auto folder = scratch("names");
  HookServer hook;
  LiveServer server("publish { normal_timeout 120000; } hls { enabled on; hls_fragment 1; hls_path " + folder.string() +
                        "; }" + "dash { enabled on; dash_fragment 1; dash_path " + folder.string() + "; }" +
                        "dvr { enabled on; dvr_path " + folder.string() + "/rec/[app]/[stream].flv; }" +
                        "http_hooks { enabled on; on_publish " + hook.url() + "; on_dvr " + hook.url() + "; }",
                    "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  std::vector<std::unique_ptr<RtmpPeer>> publishers;
  for (const Name& name : names) {
    INFO(name.published);
    publishers.push_back(std::make_unique<RtmpPeer>(server.rtmp_port(), Role::publish, name.published));
    REQUIRE(publishers.back()->wait_publishing());
    publishers.back()->send_headers();
    test::publish(*publishers.back(), 0, 60);
  }
  std::vector<std::string> listed;
  CHECK(soon([&] { return (listed = streams_of(server)).size() == names.size(); }));
  std::vector<std::string> wanted;
  for (const Name& name : names) wanted.push_back(name.stream);
  CHECK_THAT(listed, Catch::UnorderedEquals(wanted));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Name& name = names[i];
    INFO(name.published);
    CHECK(std::count(listed.begin(), listed.end(), name.stream) == 1);
    const auto told = nlohmann::json::parse(hook.calls().at(i).body);
    CHECK(told["stream"] == name.stream);
    CHECK(told["stream_url"] == "/live/" + name.stream);

    RtmpPeer player(server.rtmp_port(), Role::play, name.published);
    CHECK(player.wait_media(3));
    for (const std::string& asked : {name.stream, name.published}) {
      if (asked.ends_with('\n')) continue;
      const std::string url = "/live/" + base::percent_encode(asked);
      CHECK(begin_of(server.http_port(), url + ".flv").body.starts_with("FLV"));
      CHECK(begin_of(server.http_port(), url + ".ts").body.starts_with("G"));
      CHECK(begin_of(server.http_port(), url + ".mp4").body.substr(4, 4) == "ftyp");
      CHECK(begin_of(server.http_port(), url + ".aac").body.starts_with("\xff\xf1"));
      const std::string text = playlist(server, url + ".m3u8?hls_ctx=of" + std::to_string(i), 1);
      const auto checked = test::validate_playlist(text);
      CHECK(checked.faults.empty());
      REQUIRE_FALSE(checked.playlist.segments.empty());
      const std::string segment = "/live/" + checked.playlist.segments[0].uri;
      CHECK(get(server.http_port(), segment).status == 200);
      CHECK(get(server.http_port(), url + ".mpd").status == 200);
    }
    const std::string mpd = get(server.http_port(), "/live/" + base::percent_encode(name.stream) + ".mpd").body;
    const auto at = mpd.find("initialization=\"");
    REQUIRE(at != std::string::npos);
    const std::string init = mpd.substr(at + 16, mpd.find('"', at + 16) - at - 16);
    CHECK(init.find_first_of("<>&\"' ") == std::string::npos);
    CHECK(get(server.http_port(), "/live/" + init).status == 200);
    CHECK(std::filesystem::exists(folder / "live" / (name.stream + ".m3u8")));
  }
  for (auto& publisher : publishers) {
    publisher->client.close();
    publisher->flush();
  }
  CHECK(soon([&] { return hook.count("on_dvr") == names.size(); }));
  for (const Name& name : names) {
    INFO(name.published);
    // No file is hidden or looks like a folder elsewhere: session/common/path_pattern.h.
    std::string file = base::replace_all(name.stream, "\\", "_");
    if (file.starts_with('.')) file[0] = '_';
    CHECK(std::filesystem::exists(folder / "rec/live" / (file + ".flv")));
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("what is no stream to come is 404 at once, and a stream to come is waited for", "[scenario][names]") {
  LiveServer server("hls { enabled on; hls_to_disk off; } dvr { enabled on; dvr_path /nonexistent/[stream].flv; }");
  const auto port = server.http_port();
  for (const char* path : {"/live/x-12.ts", "/live/x-12.3.ts", "/live/x.1760000000123.mp4", "/live/x.1760000000123.flv",
                           "/videos/gone.mp4", "/videos/gone.mp3", "/a/b/c/gone.ts", "/a/b/c/gone.flv", "/gone.ts",
                           "/videos/192.168.1.10.aac"}) {
    INFO(path);
    const Answer answer = get(port, path, 2s);
    CHECK(answer.status == 404);
    CHECK(answer.body.size() > 0);
    test::Socket head(port);
    head.send(std::string("HEAD ") + path + " HTTP/1.0\r\nHost: x\r\n\r\n");
    base::Buffer room(4096);
    const int count = head.receive({room.data(), room.size()}, 2s);
    REQUIRE(count > 12);
    CHECK(std::string(reinterpret_cast<const char*>(room.data()), 12) == "HTTP/1.1 404");
  }
  for (const char* path : {"/live/early.flv", "/other/early.flv", "/live/early.ts", "/live/early.mp4"}) {
    INFO(path);
    CHECK(get(port, path, 200ms).status == 200);
  }
}

}  // namespace weir::test::names_test
