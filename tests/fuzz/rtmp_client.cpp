#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "proto/rtmp/client.h"

// A client of either kind behind its handshake, which sends when it may. The second byte says how the input is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  if (size < 2) return 0;
  const std::size_t piece = std::size_t{1} + data[1] * std::size_t{4};
  rtmp::ClientOptions options;
  options.role = (data[0] & 1) != 0 ? rtmp::Role::publish : rtmp::Role::play;
  options.tc_url = "rtmp://h/live";
  options.stream = "s";
  options.drain = (data[0] & 2) != 0;
  rtmp::Client client(options);
  std::vector<std::uint8_t> greeting(1 + 2 * rtmp::handshake_size, 0);
  greeting[0] = 3;
  base::Result<void> result = client.input(greeting);
  std::uint32_t time = 0;
  for (base::Bytes rest(data + 2, size - 2); result && !rest.empty();) {
    const std::size_t skip = std::min(client.skippable(), rest.size());
    if (skip > 0 && (data[0] & 4) != 0) {
      client.skip(skip);
      rest = rest.subspan(skip);
      continue;
    }
    const std::size_t count = std::min(piece, rest.size());
    result = client.input(rest.first(count));
    while (client.poll()) {
    }
    if (client.publishing()) client.send(rtmp::MessageType::video, time += 40, rest.first(count));
    rest = rest.subspan(count);
    client.take_output();
  }
  client.close();
  return 0;
}
