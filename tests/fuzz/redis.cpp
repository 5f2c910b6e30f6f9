#include <array>
#include <cstdint>
#include <string>

#include "proto/redis/client.h"

// What a server sends, in two pieces: the first byte says where they are cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  if (size == 0) return 0;
  redis::Client client({.user = "", .password = "secret", .database = 0, .name = "weir"});
  const base::Bytes all(data + 1, size - 1);
  const std::size_t cut = all.empty() ? 0 : data[0] % all.size();
  const std::array<std::string, 2> command{"GET", "key"};
  for (const base::Bytes piece : {all.first(cut), all.subspan(cut)}) {
    if (!client.input(piece)) break;
    while (client.poll()) {
    }
    if (client.ready() && client.unanswered() < 8) {
      (void)client.send(command);
      client.subscribe("channel");
    }
    (void)client.take_output();
  }
  return 0;
}
