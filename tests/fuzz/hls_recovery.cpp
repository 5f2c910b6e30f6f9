// The playlist and segments that a killed server left on its disk, and an output that goes on from them.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "session/hls/hls_output.h"
#include "session/hls/recovery.h"

using namespace weir;

namespace {

struct Folder {
  std::string path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-fuzz-hls-XXXXXX").string();
    path = ::mkdtemp(name.data());
    std::filesystem::create_directories(path + "/live");
    std::ofstream(path + "/live/a-1.ts") << std::string(188, 'G');
    std::ofstream(path + "/live/a-1.m4s") << std::string(100, 'm');
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  if (size == 0) return 0;
  std::ofstream(folder.path + "/live/a.m3u8", std::ios::binary)
      .write(reinterpret_cast<const char*>(data + 1), static_cast<std::streamsize>(size - 1));
  auto vhost = std::make_shared<config::Vhost>();
  vhost->hls.enabled = true;
  vhost->hls.path = folder.path;
  vhost->hls.use_fmp4 = (data[0] & 1U) != 0;
  vhost->hls.keys = (data[0] & 2U) != 0;
  if ((data[0] & 4U) != 0) vhost->hls.entry_prefix = "http://cdn/x";
  const auto window = session::hls::read_window(*vhost, "live", "a");
  if (!window) return 0;
  session::hls::Budget budget;
  {
    session::hls::Outlet outlet{.vhost = vhost, .app = "live", .stream = "a", .budget = budget};
    outlet.broadcast = [](const std::shared_ptr<const session::hls::Update>&) {};
    outlet.on_file = [](const session::hls::SegmentFile&) {};
    session::hls::HlsOutput output(std::move(outlet), window);
    (void)output.rules();
    output.leave(true);
  }
  if (budget.used() != 0) std::abort();
  return 0;
}
