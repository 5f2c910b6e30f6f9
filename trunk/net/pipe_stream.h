#pragma once

#include <memory>

#include "net/byte_stream.h"

namespace weir::net {

class Worker;

// The reading end of a pipe, non-blocking: what a program writes. Taken over. Nothing can be written to it
// (Errc::end_of_stream). On the worker's thread.
std::unique_ptr<ByteStream> make_pipe_reader(Worker& worker, int descriptor);

// The writing end, non-blocking: what a program reads. Taken over. Nothing can be read from it; readable() ends, and
// try_read() says Errc::end_of_stream, when nobody reads any longer, as try_write() does. SIGPIPE is ignored in this
// process (main). On the worker's thread.
std::unique_ptr<ByteStream> make_pipe_writer(Worker& worker, int descriptor);

}  // namespace weir::net
