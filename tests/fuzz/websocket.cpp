// A WebSocket client's bytes, cut as the first byte says.
#include "net/websocket.h"

#include <algorithm>

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = data[0] == 0 ? size : data[0];
  base::Bytes in(data + 1, size - 1);
  websocket::Reader reader(300);
  std::size_t total = 0;
  while (!in.empty()) {
    const std::size_t count = std::min(step, in.size());
    reader.input(in.first(count));
    in = in.subspan(count);
    for (;;) {
      const auto event = reader.poll();
      if (event.has_error()) return 0;
      if (!event->has_value()) break;
      for (const std::uint8_t byte : (*event)->payload) total += byte;
      if ((*event)->payload.size() > 300) __builtin_trap();
    }
  }
  (void)websocket::accept_key(base::as_text({data, size}));
  return static_cast<int>(total & 0U);
}
