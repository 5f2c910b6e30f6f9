#include "format/dash/ladder.h"

#include <algorithm>
#include <utility>

namespace weir::dash {
namespace {

using base::Ticks;
using namespace std::chrono_literals;

constexpr Ticks near = 20ms;               // half a frame: the same moment
constexpr Ticks sliver = 100ms;            // what a segment has of a period, for it to be told there
constexpr Ticks most_apart = 3s;           // by the dates, of what one encoder made: one way may be longer
constexpr std::uint64_t joined = 1 << 30;  // ids of periods that begin where a rung joins

Ticks ticks(std::uint64_t time, std::uint32_t scale) {
  const auto whole = static_cast<std::int64_t>(time), unit = static_cast<std::int64_t>(scale);
  return Ticks{whole / unit * 90'000 + whole % unit * 90'000 / unit};
}

// What decides of alignment: the video, else the first of sound.
const Representation* leader_of(const Period& period) {
  const auto& all = period.representations;
  const auto video = std::find_if(all.begin(), all.end(), [](const Representation& one) { return one.video; });
  return video != all.end() ? &*video : all.empty() ? nullptr : &all.front();
}

// A period of a rung in the presentation.
struct Line {
  const Rung* rung = nullptr;
  const Period* period = nullptr;
  Ticks shift{};      // from the media's time to the presentation's
  Ticks begin, end;   // of its segments, in the presentation's time
  bool same = false;  // as the first one's, to the tick
};

void measure(Line& line) {
  const Representation& leader = *leader_of(*line.period);
  line.begin = ticks(leader.segments.front().start, leader.timescale) + line.shift;
  line.end = ticks(leader.segments.back().start + leader.segments.back().duration, leader.timescale) + line.shift;
}

// Whether segments of the two begin together, but for some that had to be cut elsewhere.
bool begin_together(const Representation& a, const Representation& b) {
  const auto begins = [](const Representation& one) {
    std::vector<Ticks> all;
    for (const TimelineSegment& segment : one.segments) all.push_back(ticks(segment.start, one.timescale));
    return all;
  };
  const std::vector<Ticks> left = begins(a), right = begins(b);
  const Ticks from = std::max(left.front(), right.front()) - near, to = std::min(left.back(), right.back()) + near;
  std::size_t looked_at = 0, shared = 0;
  for (const auto* one : {&left, &right}) {
    const auto& other = one == &left ? right : left;
    for (const Ticks at : *one) {
      if (at < from || at > to) continue;
      const auto like = std::lower_bound(other.begin(), other.end(), at - near);
      ++looked_at;
      shared += like != other.end() && *like <= at + near;
    }
  }
  return shared > 0 && shared * 2 > looked_at;
}

Line place(const Rung& rung, const Period& period, const Mpd& first, bool is_first) {
  Line line{.rung = &rung, .period = &period};
  const Ticks dated = period.start - period.media_start +
                      std::chrono::duration_cast<Ticks>(rung.mpd->availability_start - first.availability_start);
  line.shift = is_first ? period.start - period.media_start : dated;
  line.same = is_first;
  for (auto like = first.periods.rbegin(); !line.same && like != first.periods.rend(); ++like) {
    const Ticks shift = like->start - like->media_start;
    if (std::chrono::abs(shift - dated) > most_apart || !leader_of(*like)) continue;
    if (!begin_together(*leader_of(*like), *leader_of(period))) continue;
    line.shift = shift;
    line.same = true;
  }
  measure(line);
  return line;
}

// What a rung has between two moments of the presentation; of several that it has there, the newest.
void add(Period& to, Ticks until, const Line& line, const std::optional<LowLatency>& low_latency) {
  for (const Representation& given : line.period->representations) {
    Representation one = given;
    one.segments.clear();
    for (std::size_t i = 0; i < given.segments.size(); ++i) {
      const TimelineSegment& segment = given.segments[i];
      const Ticks begin = ticks(segment.start, given.timescale) + line.shift;
      const Ticks end = ticks(segment.start + segment.duration, given.timescale) + line.shift;
      if (end <= to.start + sliver || begin >= until - sliver) continue;
      if (one.segments.empty()) one.first_number = given.first_number + i;
      one.segments.push_back(segment);
    }
    one.media_start = to.start - line.shift;
    if (one.segments.empty() || *one.media_start < Ticks{}) continue;
    if (low_latency) {  // its number at the begin of this period
      const Ticks since = line.period->media_start - *one.media_start, half = low_latency->segment / 2;
      const std::int64_t before = (since < Ticks{} ? since - half : since + half) / low_latency->segment;
      one.first_number = given.first_number - static_cast<std::uint64_t>(before);
    }
    one.aligned = line.same;
    if (!line.rung->name.empty()) {
      one.id += line.rung->name;
      if (line.period->id > 0) one.id += "-" + std::to_string(line.period->id);
    }
    one.initialization = line.rung->folder + one.initialization;
    one.media = line.rung->folder + one.media;
    to.representations.push_back(std::move(one));
  }
}

// Players change between representations of one set, and not from a decoder of one kind to that of another.
bool same_set(const Representation& a, const Representation& b, bool shared) {
  const auto family = [](std::string_view codecs) { return codecs.substr(0, codecs.find('.')); };
  if (a.video != b.video || family(a.codecs) != family(b.codecs)) return false;
  return a.video || (shared && a.place == b.place);
}

}  // namespace

void order_by_set(std::vector<Representation>& all, bool shared) {
  unsigned next = 0;
  for (auto one = all.begin(); one != all.end(); ++one) {
    const auto like = std::find_if(all.begin(), one, [&](const auto& other) { return same_set(*one, other, shared); });
    one->set = like == one ? next++ : like->set;
  }
  std::vector<Representation> ordered;
  for (unsigned set = 0; set < next; ++set) {
    for (Representation& one : all) {
      if (one.set == set) ordered.push_back(std::move(one));
    }
  }
  all = std::move(ordered);
}

Mpd join(const std::vector<Rung>& rungs, std::size_t first) {
  const Mpd& base = *rungs[first].mpd;
  std::vector<Line> lines;
  for (const Rung& rung : rungs) {
    for (const Period& period : rung.mpd->periods) {
      if (!leader_of(period)) continue;
      Line line = place(rung, period, base, &rung == &rungs[first]);
      // Segments of one nominal length have one rhythm.
      if (line.same || !base.low_latency) lines.push_back(line);
    }
  }
  Mpd out = base;
  out.periods.clear();
  for (const Period& period : base.periods) {
    out.periods.push_back({.id = period.id, .start = period.start, .media_start = period.media_start});
  }
  const auto begins = [](const Period& a, const Period& b) { return a.start < b.start; };
  for (const Line& line : lines) {
    // Where its time began, which never changes, and not which segment is the oldest now.
    const Ticks start = line.period->media_start + line.shift;
    const bool known = std::any_of(out.periods.begin(), out.periods.end(),
                                   [&](const Period& one) { return std::chrono::abs(one.start - start) <= sliver; });
    if (line.same || known || out.periods.empty() || start < out.periods.front().start) continue;
    const Period period{.id = joined + static_cast<std::uint64_t>(start.count() / 90), .start = start};
    out.periods.insert(std::upper_bound(out.periods.begin(), out.periods.end(), period, begins), period);
  }
  for (std::size_t i = 0; i < out.periods.size(); ++i) {
    Period& period = out.periods[i];
    const Ticks until = i + 1 < out.periods.size() ? out.periods[i + 1].start : Ticks::max();
    for (const Rung& rung : rungs) {
      const Line* newest = nullptr;
      for (const Line& line : lines) {
        if (line.rung == &rung && line.begin < until - sliver && line.end > period.start + sliver) newest = &line;
      }
      if (newest) add(period, until, *newest, base.low_latency);
    }
    order_by_set(period.representations, true);
  }
  std::erase_if(out.periods, [](const Period& period) { return period.representations.empty(); });
  for (const Rung& rung : rungs) {
    out.published = std::max(out.published, rung.mpd->published);
    out.update_period = std::min(out.update_period, rung.mpd->update_period);
    out.longest_segment = std::max(out.longest_segment, rung.mpd->longest_segment);
    out.delay = std::max(out.delay, rung.mpd->delay);
    if (!rung.mpd->duration) out.duration.reset();
    if (out.events.empty()) out.events = rung.mpd->events;
    out.cues = out.cues || rung.mpd->cues;
  }
  return out;
}

}  // namespace weir::dash
