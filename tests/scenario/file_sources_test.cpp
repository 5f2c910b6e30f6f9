#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "scenario/support/camera.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/sound_files.h"

namespace weir::test::file_sources_test {

// Files without pictures, lists of files, and standard input.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::MessageType;
using rtmp::Role;
using test::LiveServer;
using test::RtmpPeer;
using test::soon;

namespace {

struct FilesFolder {
  FilesFolder() : path(std::filesystem::temp_directory_path() / ("weir-files-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path / "day");
  }
  ~FilesFolder() { std::filesystem::remove_all(path); }
  void put(const std::string& name, base::Bytes bytes) const {
    std::ofstream(path / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  std::string root() const {
    return "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; } http_server { enabled on; listen "
           "127.0.0.1:{HTTP}; dir " +
           path.string() + "; }";
  }
  std::filesystem::path path;
};

std::string source_of(const std::string& url) { return "min_latency on; source live/copy { url " + url + "; }"; }

json only_row(const LiveServer& server) {
  const auto all = test::rows(server, "sources");
  return all.size() == 1 ? all[0] : json();
}

bool tells(const LiveServer& server, const std::string& text) {
  return soon([&] {
    const json now = only_row(server);
    return now.is_object() && now["error"].get<std::string>().find(text) != std::string::npos;
  });
}

// Without the headers of H.264 and AAC.
std::vector<std::int64_t> times_of(const RtmpPeer& player, MessageType type) {
  constexpr int aac = 10;
  std::vector<std::int64_t> times;
  for (const auto& message : player.media) {
    if (message.type != type) continue;
    const bool may_be_header = type == MessageType::video || message.payload.data()[0] >> 4 == aac;
    if (!may_be_header || message.payload.data()[1] != 0) times.push_back(message.time_ms);
  }
  return times;
}

}  // namespace

TEST_CASE("a file of MP3 or AAC is played over and over, without a gap", "[scenario][sources]") {
  const FilesFolder folder;
  folder.put("a.mp3", test::mp3_file());
  folder.put("a.aac", test::adts_file());
  const std::string name = GENERATE(as<std::string>{}, "a.mp3", "a.aac");
  const std::size_t units = test::sound_units(name == "a.mp3" ? "flv/h264_mp3.flv" : "flv/h264_aac.flv");
  LiveServer server(source_of("file:" + name), folder.root());
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  const auto begun = std::chrono::steady_clock::now();
  REQUIRE(player.run_until([&] { return times_of(player, MessageType::audio).size() > 2 * units; }, 60s));
  const auto times = times_of(player, MessageType::audio);
  for (std::size_t i = 1; i < times.size(); ++i) {
    CHECK(times[i] > times[i - 1]);
    CHECK(times[i] <= times[i - 1] + 60);
  }
  // Not faster than it sounds.
  CHECK(std::chrono::steady_clock::now() - begun + 3s > std::chrono::milliseconds(times.back() - times.front()));
}

TEST_CASE("a list of files is played one after another, on one timeline", "[scenario][sources]") {
  const FilesFolder folder;
  folder.put("day/one.flv", test::test_file("flv/h264_mp3.flv"));
  folder.put("day/two.ts", test::test_file("ts/h264_aac.ts"));
  folder.put("three.mp3", test::mp3_file());
  const std::string list = "#EXTM3U\none.flv\nnone.flv\ntwo.ts\n/three.mp3\n";
  folder.put("day/show.m3u", base::as_bytes(list));
  LiveServer server(source_of("file:day/show.m3u"), folder.root());
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  // Two rounds: the pictures of the first two files come twice, with sound of three kinds between them.
  std::size_t codecs = 0;
  const auto changes = [&] {
    codecs = 0;
    int before = -1;
    for (const auto& message : player.media) {
      if (message.type != MessageType::audio) continue;
      const int codec = message.payload.data()[0] >> 4;
      codecs += codec != before;
      before = codec;
    }
    return codecs;
  };
  REQUIRE(player.run_until([&] { return changes() >= 5; }, 60s));
  CHECK_FALSE(player.closed);
  for (const MessageType type : {MessageType::audio, MessageType::video}) {
    const auto times = times_of(player, type);
    for (std::size_t i = 1; i < times.size(); ++i) {
      INFO(i << " " << times[i - 1] << " " << times[i]);
      CHECK(times[i] >= times[i - 1]);
      CHECK(times[i] <= times[i - 1] + 2'500);  // no pictures while the third one sounds
    }
  }
  CHECK(only_row(server)["source"] == "file:day/show.m3u");
  CHECK(only_row(server)["state"] == "receiving");
}

TEST_CASE("what is wrong with a list is said in words", "[scenario][sources]") {
  const FilesFolder folder;
  const auto [text, words] = GENERATE(table<std::string, std::string>({
      {"", "a.list names no file"},
      {"../x.flv", "a.list line 1: '..' leads out of the folder"},
      {"none.flv\n", "none.flv"},
      {"a.txt\n", "a list holds no lists"},
  }));
  folder.put("a.list", base::as_bytes(text));
  LiveServer server(source_of("file:a.list"), folder.root());
  CHECK(tells(server, words));
}

TEST_CASE("standard input is a stream, as long as something comes", "[scenario][sources]") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const int kept = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  REQUIRE(::dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
  ::close(ends[0]);
  {
    LiveServer server(source_of("-"), FilesFolder().root());
    RtmpPeer player(server.rtmp_port(), Role::play, "copy");
    const auto clip = test::test_file("flv/h264_aac.flv");
    REQUIRE(::write(ends[1], clip.data(), clip.size()) == static_cast<ssize_t>(clip.size()));
    CHECK(player.run_until([&] { return test::pictures(player) >= 5; }));
    CHECK(only_row(server)["source"] == "-");
    ::close(ends[1]);
    CHECK(tells(server, "standard input is at its end"));
  }
  if (kept >= 0) {
    ::dup2(kept, STDIN_FILENO);
    ::close(kept);
  } else {
    ::close(STDIN_FILENO);
  }
}

TEST_CASE("standard input that is no pipe is said to be none, and is one stream's", "[scenario][sources]") {
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int kept = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  REQUIRE(::dup2(nothing, STDIN_FILENO) == STDIN_FILENO);
  {
    LiveServer server(source_of("-"), FilesFolder().root());
    CHECK(tells(server, "standard input is no pipe"));
  }
  if (kept >= 0) {
    ::dup2(kept, STDIN_FILENO);
    ::close(kept);
  }
  ::close(nothing);
}

}  // namespace weir::test::file_sources_test
