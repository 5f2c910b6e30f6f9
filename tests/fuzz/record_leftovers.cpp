// A recording that a crash cut off anywhere, with anything in it: completed or left alone, and never in the way again.
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/record/leftovers.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string folder = [] {
    std::string name = (std::filesystem::temp_directory_path() / "weir-fuzz-dvr-XXXXXX").string();
    return std::string(::mkdtemp(name.data()));
  }();
  if (size == 0) return 0;
  static constexpr std::array<const char*, 3> endings{"flv", "mp4", "ts"};
  const std::string ending = endings[data[0] % endings.size()];
  const std::string name = folder + "/cam.1000." + ending;
  std::ofstream(name + ".tmp", std::ios::binary)
      .write(reinterpret_cast<const char*>(data + 1), static_cast<std::streamsize>(size - 1));
  (void)record::adopt_leftovers(folder + "/[stream].[timestamp]." + ending);
  // What was completed is not longer than it was, but for the tables of an MP4 and the index of an FLV.
  std::error_code ignored;
  const auto after = std::filesystem::file_size(name, ignored);
  if (!ignored && ending == "ts" && after > size) std::abort();
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    std::filesystem::remove_all(entry.path(), ignored);
  return 0;
}
