#include "format/hls/webvtt.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace weir::hls {
namespace {

std::string timestamp(base::Ticks time) {
  const std::int64_t ms = std::max<std::int64_t>(time.count() / 90, 0);
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

// Markup would be taken for some, and an empty line ends a cue.
std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '\n') {
      if (!out.empty() && out.back() != '\n') out += '\n';
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    }
  }
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

}  // namespace

std::string write_webvtt(const std::vector<TextCue>& cues, base::Ticks from, base::Ticks to, base::Ticks shift) {
  constexpr std::int64_t modulus = std::int64_t{1} << 33;
  std::string out = fmt::format("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:{},LOCAL:00:00:00.000\n",
                                (shift.count() % modulus + modulus) % modulus);
  for (const TextCue& cue : cues) {
    const base::Ticks begin = std::max(cue.begin, from), end = std::min(cue.end, to);
    if (end <= begin) continue;
    fmt::format_to(std::back_inserter(out), "\n{} --> {}\n{}\n", timestamp(begin), timestamp(end), shown(cue.text));
  }
  return out;
}

}  // namespace weir::hls
