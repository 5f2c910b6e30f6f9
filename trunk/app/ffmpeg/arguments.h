#pragma once

#include <string>
#include <vector>

#include "config/transcode.h"

namespace weir::ffmpeg {

// The words that FFmpeg is started with, as SRS does it: options before the input, the input, filters, codecs, the
// output, which replaces a file. `input` and `output` are whole; nothing here is looked at by a shell.
struct Job {
  std::string program;
  std::string log_level;  // of ff_log_level; empty: FFmpeg's own
  config::Engine engine;  // of ingest where it is off or names no codec: copies
  std::string input, output;
  bool paced = false;   // a file, read at its own speed
  bool copies = false;  // whatever the engine says of codecs
};
std::vector<std::string> arguments_of(const Job& job);

}  // namespace weir::ffmpeg
