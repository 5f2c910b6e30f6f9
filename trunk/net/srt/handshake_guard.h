#pragma once

#include "base/result.h"

namespace weir::net {

// Has the kernel drop handshakes that libsrt must not see: those whose packet filter (a text such as
// "fec,cols:10,rows:5") is empty, which crashes libsrt 1.5.1, or has a number above 99, for which it takes memory
// without bound. It parses them before the listener's callback, so nobody else can. One datagram of anybody would do.
// Others pass, and what is no handshake costs two instructions. Call on a UDP socket before libsrt has it.
base::Result<void> guard_srt_handshakes(int udp_socket);

}  // namespace weir::net
