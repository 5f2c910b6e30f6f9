#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "session/hls/hls_output.h"

// Breaks as playlists tell of them: draft-pantos-hls-rfc8216bis 4.4.5.1.1.

namespace weir::session::hls {

namespace m3u8 = ::weir::hls;

namespace {

constexpr std::size_t most_breaks = 32;                // that are remembered
constexpr std::size_t most_cues = 16;                  // of a segment
constexpr std::size_t most_range_bytes = 1024 * 1024;  // of a playlist, however long it is

}  // namespace

std::size_t HlsOutput::range_bytes(const std::vector<m3u8::DateRange>& ranges) {
  std::size_t sum = 0;
  for (const m3u8::DateRange& range : ranges) sum += range.section.size();
  return sum;
}

// A range has one id for its life, which no other has: that of the event, and when it begins. Encoders say the same
// several times over. A section may be of 4 kB, and nothing else bounds how many a publisher sends.
void HlsOutput::on_cue(const CutCue& cue) {
  using Kind = scte35::Section::Kind;
  const scte35::Section& said = cue.said;
  if (said.idle || said.kind == Kind::cancel || open_ranges_.size() == most_cues) return;
  if (range_bytes_ + range_bytes(open_ranges_) + 2 * cue.section.size() > most_range_bytes) return;
  const auto same = [&said](const Break& one) { return one.crc == said.crc; };
  if (std::any_of(breaks_.begin(), breaks_.end(), same)) return;
  const auto of_event = std::find_if(breaks_.rbegin(), breaks_.rend(), [&said](const Break& one) {
    return one.event == said.event && one.told.mark == m3u8::DateRange::Mark::out;
  });
  const bool running = of_event != breaks_.rend() && !of_event->over;
  m3u8::DateRange range{.start = cue.date, .section = scte35::hex(cue.section)};
  if (said.kind == Kind::out) {
    if (running) return;
    range.mark = m3u8::DateRange::Mark::out;
    range.planned = said.duration;
  } else if (said.kind == Kind::in) {
    range.mark = m3u8::DateRange::Mark::in;
    if (running && cue.date >= of_event->told.start) {
      of_event->over = true;
      range.start = of_event->told.start;
      range.end = cue.date;
      range.id = of_event->told.id;
    }
  }
  if (range.id.empty()) {
    const std::uint32_t number = said.kind == Kind::other ? said.crc : said.event;
    range.id = fmt::format("{}-{}", number, range.start.time_since_epoch().count());
  }
  open_ranges_.push_back(range);
  breaks_.push_back({.event = said.event, .crc = said.crc, .told = std::move(range)});
  if (breaks_.size() > most_breaks) breaks_.pop_front();
}

}  // namespace weir::session::hls
