#pragma once

#include <memory>

#include "net/byte_stream.h"

namespace weir::net {

class Worker;

// The reading end of a pipe, non-blocking: what a program writes. Taken over. Nothing can be written to it
// (Errc::end_of_stream). On the worker's thread.
std::unique_ptr<ByteStream> make_pipe_reader(Worker& worker, int descriptor);

}  // namespace weir::net
