#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "proto/rtmp/handshake.h"

// Both sides of the handshake, in pieces whose size the first byte tells.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{1} + data[0] * std::size_t{8};

  rtmp::ServerHandshake server((data[0] & 1) != 0);
  rtmp::ClientHandshake client((data[0] & 2) != 0 ? rtmp::ClientHandshake::Form::digest
                                                  : rtmp::ClientHandshake::Form::plain);
  base::Buffer server_out, client_out;
  client.start(client_out);
  bool server_ok = true, client_ok = true;
  for (base::Bytes rest(data + 1, size - 1); !rest.empty(); rest = rest.subspan(std::min(piece, rest.size()))) {
    base::Bytes in = rest.first(std::min(piece, rest.size()));
    if (server_ok && !server.done()) server_ok = server.input(in, server_out).has_value();
    in = rest.first(std::min(piece, rest.size()));
    if (client_ok && !client.done()) client_ok = client.input(in, client_out).has_value();
  }
  return 0;
}
