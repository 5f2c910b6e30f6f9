#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/bench/target.h"

namespace weir::bench {

enum class Mode : std::uint8_t { stream, churn };

struct Options {
  Mode mode = Mode::stream;
  std::optional<Target> publish, play;
  std::uint32_t publishers = 0, players = 0;
  std::uint32_t streams = 0;  // 0: one per publisher; above 1 the names get _0, _1, ...
  std::uint32_t ramp = 500;   // connections a second
  double seconds = 12, warmup = 3;
  double drain_ms = 0;         // 0: read what is ready at once
  double publish_tick_ms = 0;  // 0: each message at its time, in a send of its own
  std::uint32_t chunk_size = 4096;
  std::uint32_t parse_every = 1;                 // of so many players one is followed frame by frame after the start
  double starved_seconds = 2;                    // silence that counts as starved
  std::uint32_t sources = 1;                     // source addresses 127.0.0.1 to .N
  std::uint32_t rounds = 10000, concurrent = 8;  // churn
  std::string input;                             // FLV; empty: a synthetic clip
  double kbps = 500, gop_seconds = 2;
  int pid = 0;        // of the server
  std::string json;   // file, or "-"
  bool idle = false;  // nobody publishes and nobody is meant to receive
  bool help = false;
};

struct ParsedOptions {
  Options options;
  std::string mistake;  // empty: all is well
};

ParsedOptions parse_options(std::span<const std::string_view> arguments);
std::string_view help_text();

}  // namespace weir::bench
