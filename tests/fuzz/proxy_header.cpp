// A load balancer's header, cut as the first byte says and read as a connection is read: never beyond what is wanted.
#include "net/proxy/header.h"

#include <algorithm>

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = data[0] == 0 ? size : data[0];
  base::Bytes in(data + 1, size - 1);
  proxy::HeaderReader reader;
  while (!in.empty() && !reader.done()) {
    const std::size_t count = std::min({step, in.size(), reader.wanted()});
    if (count == 0) __builtin_trap();
    const auto taken = reader.input(in.first(count));
    if (!taken) {
      if (reader.complaint().empty() || reader.done()) __builtin_trap();
      return 0;
    }
    if (*taken != count) __builtin_trap();  // a byte of the client was read
    in = in.subspan(count);
  }
  const proxy::Header& header = reader.header();
  if (reader.done() && header.relayed && (header.source.address.empty() || header.destination.address.empty()))
    __builtin_trap();
  return 0;
}
