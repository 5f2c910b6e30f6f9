#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

namespace weir::hls {

// What is shown from a moment of the stream to another.
struct TextCue {
  base::Ticks begin{}, end{};
  std::string text;  // UTF-8, lines as they are shown
};

// A WebVTT segment (draft-pantos-hls-rfc8216bis 3.1.4): what of the cues is between two moments, each cut to them, so
// that what goes on in the next segment is told there again. `shift` is what the segments of sound and pictures add to
// all times.
std::string write_webvtt(const std::vector<TextCue>& cues, base::Ticks from, base::Ticks to, base::Ticks shift);

}  // namespace weir::hls
