#include <cstdint>
#include <cstdlib>

#include "app/devices/memory.h"

// A devices_file that somebody wrote; what we write of it must be readable by ourselves, and the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  const auto read = devices::parse({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  std::string text(devices::head);
  for (const auto& one : *read) text += (text.size() > devices::head.size() ? ",\n" : "") + devices::line_of(one);
  const auto again = devices::parse(text + std::string(devices::tail));
  if (!again || again->size() != read->size()) std::abort();
  return 0;
}
