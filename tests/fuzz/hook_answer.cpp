// What a hook server answers.
#include "app/hooks/verdict.h"

#include <string_view>

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const bool let_in = hooks::judge(200, body).has_value();
  if (hooks::judge(500, body)) __builtin_trap();
  const auto urls = hooks::forward_urls(201, body);
  if (urls && !let_in) __builtin_trap();
  if (urls && urls->size() > 64) __builtin_trap();
  return 0;
}
