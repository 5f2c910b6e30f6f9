#pragma once

#include <string>

#include "net/proxy/header.h"

namespace weir::proxy {

// Reads the header off a stream, and not one byte behind it. The time limit is the caller's (Watchdog). An error: Errc,
// with `complaint` telling the wrong byte, or the stream's.
net::Task<base::Result<Header>> read_header(net::ByteStream& stream, std::string& complaint);

}  // namespace weir::proxy
