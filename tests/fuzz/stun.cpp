#include <cstdint>

#include "proto/ice/lite_agent.h"
#include "proto/stun/message.h"

// One datagram to the parser, and to an agent that knows the credentials of RFC 5769's samples.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  const base::Bytes datagram(data, size);
  if (stun::parse(datagram)) (void)stun::check_integrity(datagram, "VOkJxbRl1RmTxUk/WvJxBt");
  ice::LiteAgent agent({"evtj", "VOkJxbRl1RmTxUk/WvJxBt"}, {"h6vY", ""});
  (void)agent.input(datagram, {}, base::Instant{});
  return 0;
}
