// A Range header against a file of any size: a part lies inside of it.
#include <cstdlib>
#include <cstring>

#include "net/http/conditions.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::uint64_t file_size = 0;
  if (size < sizeof file_size) return 0;
  std::memcpy(&file_size, data, sizeof file_size);
  const std::string_view value(reinterpret_cast<const char*>(data + sizeof file_size), size - sizeof file_size);
  for (const std::uint64_t of : {file_size, file_size % 1000, std::uint64_t{0}}) {
    const http::RangeRequest range = http::parse_range(value, of);
    if (range.kind != http::RangeKind::part) continue;
    if (range.range.size == 0 || range.range.first >= of || range.range.size > of - range.range.first) std::abort();
  }
  (void)http::parse_http_date(value);
  return 0;
}
