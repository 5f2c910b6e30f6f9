// Files of nginx-rtmp and MediaMTX, and what is made of them, which the parser of ours reads without a fault of syntax.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/migrate/mediamtx.h"
#include "app/migrate/nginx_rtmp.h"
#include "config/parser.h"
#include "config/tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  if (size == 0 || size > 20'000) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& migration : {migrate::from_nginx_rtmp(text), migrate::from_mediamtx(text)}) {
    config::Problems problems;
    (void)config::parse(migration.draft.text({}), std::make_shared<const std::string>("made"), problems);
    if (migration.mistake.empty() && problems.has_errors()) std::abort();
  }
  return 0;
}
