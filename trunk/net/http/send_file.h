#pragma once

#include <cstdint>

#include "base/result.h"
#include "net/task.h"

namespace weir::http {

class Exchange;

// Sends a part of an open file as the body that Exchange::start_sized() promised. The kernel sends its own pages, so
// nothing is copied; only for connections that are not encrypted. What fails ends the connection. `file` stays open.
net::Task<base::Result<void>> send_file_body(Exchange& exchange, int file, std::uint64_t offset, std::uint64_t size);

}  // namespace weir::http
