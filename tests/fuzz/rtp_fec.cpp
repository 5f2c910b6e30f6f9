// Forward error correction of RTP: what is repaired is a packet, and whatever comes is bounded.
#include <algorithm>
#include <cstdlib>

#include "proto/rtp/fec.h"

using namespace weir;

// A byte says what follows, and how long it is: media, or FEC.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rtp::FecDecoder decoder;
  rtp::FecEncoder encoder({.columns = 3, .rows = 4});
  base::Bytes rest(data, size);
  while (rest.size() >= 2) {
    const bool is_fec = (rest[0] & 1) != 0;
    const std::size_t count = std::min<std::size_t>(rest[1] + rtp::header_bytes, rest.size() - 2);
    const base::Bytes datagram = rest.subspan(2, count);
    rest = rest.subspan(2 + count);
    const auto packet = rtp::parse(datagram);
    if (!packet) continue;
    if (is_fec) {
      decoder.fec(*packet);
    } else {
      decoder.media(*packet, datagram);
      encoder.input(datagram, [&](rtp::FecEncoder::Stream, base::Bytes bytes) {
        const auto made = rtp::parse(bytes);
        if (!made || !rtp::parse_fec_head(made->payload)) std::abort();
        decoder.fec(*made);
      });
    }
    while (const auto back = decoder.poll()) {
      if (back->size() < rtp::header_bytes || back->size() > rtp::header_bytes + rtp::most_fec_payload_bytes)
        std::abort();
    }
  }
  return 0;
}
