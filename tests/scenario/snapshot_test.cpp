#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "scenario/support/camera.h"
#include "support/catch.h"

namespace weir::test::snapshot_test {

// Pictures of live streams, by a program of the test's own in the place of FFmpeg.

using namespace std::chrono_literals;
using rtmp::Role;
using test::Camera;
using test::get;
using test::LiveServer;
using test::soon;

namespace {

// Reads a film, writes what looks like a JPEG, and notes that it ran.
struct Program {
  explicit Program(const std::string& body)
      : folder(std::filesystem::temp_directory_path() / ("weir-snapshot-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder);
    std::ofstream(path()) << "#!/bin/sh\necho run >> " << (folder / "runs").string() << "\n" << body << "\n";
    ::chmod(path().c_str(), 0755);
  }
  ~Program() { std::filesystem::remove_all(folder); }
  std::string path() const { return (folder / "make").string(); }
  std::size_t runs() const {
    std::ifstream file(folder / "runs");
    return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(file), {}, '\n'));
  }
  std::filesystem::path folder;
};

const std::string jpeg = "\xff\xd8\xff\xe0 a picture \xff\xd9";
const std::string draws = "cat > $0.film; printf '\\377\\330\\377\\340 a picture \\377\\331'";
const std::string with_metrics = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

std::string drawn_by(const Program& program, const std::string& more = "") {
  return "min_latency on; snapshot { enabled on; ffmpeg " + program.path() + "; " + more + " }";
}

}  // namespace

TEST_CASE("a stream's newest key frame is given as a picture, made once for many", "[scenario][snapshot]") {
  const Program program(draws);
  LiveServer server(drawn_by(program, "cache 60;"), with_metrics);
  CHECK(get(server.http_port(), "/live/cam.jpg").status == 404);
  Camera camera(server);
  REQUIRE(soon([&] { return get(server.http_port(), "/live/cam.jpg").status == 200; }));
  const auto answer = get(server.http_port(), "/live/cam.jpg?token=x");
  CHECK(answer.body == jpeg);
  CHECK(answer.head.find("Content-Type: image/jpeg") != std::string::npos);
  CHECK(answer.head.find("max-age=60") != std::string::npos);
  CHECK(program.runs() == 1);
  std::ifstream film(program.path() + ".film", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(film), {}};
  CHECK(bytes.find("moov") != std::string::npos);
  CHECK(bytes.find("moof") != std::string::npos);
  CHECK(get(server.http_port(), "/metrics").body.find("weir_snapshots_made_total 1\n") != std::string::npos);
  // Another stream, and none at all.
  CHECK(get(server.http_port(), "/live/other.jpg").status == 404);
  server.reload("min_latency on;", with_metrics);
  CHECK(get(server.http_port(), "/live/cam.jpg").status == 404);
}

TEST_CASE("who may not play a stream sees no picture of it", "[scenario][snapshot]") {
  const Program program(draws);
  LiveServer server(drawn_by(program) + " security { enabled on; allow publish all; deny play all; }");
  Camera camera(server);
  CHECK(get(server.http_port(), "/live/cam.jpg").status == 403);
  CHECK(program.runs() == 0);
}

TEST_CASE("a program that fails, and what has no picture, are answered in words", "[scenario][snapshot]") {
  const std::string body =
      GENERATE(as<std::string>{}, "exit 3", "echo no picture", "cat > /dev/null; head -c 20000000 /dev/zero");
  const Program program(body);
  LiveServer server(drawn_by(program, "cache 60;"), with_metrics);
  Camera camera(server);
  std::string said;
  REQUIRE(soon([&] {
    const auto answer = get(server.http_port(), "/live/cam.jpg", 20s);
    said = answer.body;
    return answer.status == 500;
  }));
  CHECK(said == "no picture could be made of this stream\n");
  CHECK(get(server.http_port(), "/live/cam.jpg").status == 500);
  CHECK(program.runs() == 1);  // it is not tried for each request
  LiveServer without("min_latency on; snapshot { enabled on; ffmpeg /no/such/program; }");
  Camera other(without);
  CHECK(soon([&] { return get(without.http_port(), "/live/cam.jpg").status == 500; }));
}

TEST_CASE("requests beyond the row are told to come back", "[scenario][snapshot]") {
  // It is held up until the test lets it go.
  const Program program("while [ ! -e $0.go ]; do sleep 0.05; done\n" + draws);
  LiveServer server(drawn_by(program), with_metrics + " ");
  std::vector<std::unique_ptr<Camera>> cameras;
  std::vector<std::thread> askers;
  std::atomic<int> pictures{0}, later{0};
  constexpr int count = 24;  // on two workers
  for (int i = 0; i < count; ++i) cameras.push_back(std::make_unique<Camera>(server, "cam" + std::to_string(i)));
  for (const auto& camera : cameras) REQUIRE(camera->peer.client.publishing());
  for (int i = 0; i < count; ++i) {
    askers.emplace_back([&, i] {
      const auto answer = get(server.http_port(), "/live/cam" + std::to_string(i) + ".jpg", 60s);
      if (answer.status == 200) ++pictures;
      if (answer.status == 503 && answer.head.find("Retry-After: 1") != std::string::npos) ++later;
    });
  }
  CHECK(soon([&] { return later >= count - 16; }));
  std::ofstream(program.path() + ".go") << "go";
  for (std::thread& asker : askers) asker.join();
  CHECK(pictures + later == count);
  CHECK(pictures >= 1);
}

}  // namespace weir::test::snapshot_test
