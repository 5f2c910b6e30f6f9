#include <filesystem>
#include <fstream>

#include "scenario/support/live_server.h"
#include "scenario/support/rtmp_peer.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::exec_test {

using namespace std::chrono_literals;
using rtmp::Role;
using test::LiveServer;
using test::RtmpPeer;

namespace {

// Processes of this machine whose command line has the text.
std::size_t processes_with(const std::string& text) {
  std::size_t count = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    std::ifstream file(entry.path() / "cmdline");
    const std::string line{std::istreambuf_iterator<char>(file), {}};
    if (line.find(text) != std::string::npos && line.find("sleep") != std::string::npos) ++count;
  }
  return count;
}

using test::soon;

}  // namespace

TEST_CASE("programs run while a stream is published", "[scenario]") {
  const auto folder = std::filesystem::temp_directory_path() / ("weir-exec-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const std::string mark = std::to_string(40'000'000 + ::getpid());
  LiveServer server("exec { enabled on; publish /bin/sleep " + mark + "; publish /bin/echo [app] [stream] >" +
                    folder.string() + "/[stream].txt; publish /no/such/program; }");
  {
    RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam");
    REQUIRE(publisher.wait_publishing());
    CHECK(soon([&] { return processes_with(mark) == 1; }));
    CHECK(soon([&] {
      std::ifstream file(folder / "cam.txt");
      std::string line;
      return std::getline(file, line) && line == "live cam";
    }));
    publisher.client.close();
    publisher.flush();
  }
  CHECK(soon([&] { return processes_with(mark) == 0; }));
  std::filesystem::remove_all(folder);
}

}  // namespace weir::test::exec_test
