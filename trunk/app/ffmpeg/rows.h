#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weir::ffmpeg {

// One program, for the API.
struct Row {
  std::string name;  // "transcode ff of live/cam"
  std::string vhost;
  bool running = false;
  std::uint64_t starts = 0;
  std::string fault;  // how it ended the last time, or why it is not run
  // Of one between two streams.
  struct Pipe {
    std::string makes;   // "live/cam_ff"
    std::string format;  // of what it reads, "flv" or "ts"; empty before its first start
    std::uint64_t read_bytes = 0, written_bytes = 0, frames = 0, skips = 0;
    double behind_seconds = 0;  // the live edge, in what it reads
  };
  std::optional<Pipe> pipe;
};

struct Totals {
  std::uint64_t running = 0, waiting = 0;
  std::uint64_t starts = 0;   // since the start
  std::uint64_t refused = 0;  // were not run: a fault of the configuration, a circle, too many
  // By pipes: what programs read and wrote, and how often one went on at a newer key frame, as it read too little.
  std::uint64_t read_bytes = 0, written_bytes = 0, skips = 0;
  Totals& operator+=(const Totals& other) {
    running += other.running;
    waiting += other.waiting;
    starts += other.starts;
    refused += other.refused;
    read_bytes += other.read_bytes;
    written_bytes += other.written_bytes;
    skips += other.skips;
    return *this;
  }
};

}  // namespace weir::ffmpeg
