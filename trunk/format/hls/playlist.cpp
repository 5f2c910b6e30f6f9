#include "format/hls/playlist.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace weir::hls {
namespace {

using base::Ticks;

constexpr int skip_boundary = 6;  // target durations, the least that 4.4.3.8 allows
constexpr int hold_back = 3;      // target durations and part targets, likewise
constexpr int parts_kept = 3;     // target durations, 6.2.2: older parts may go

double seconds(Ticks time) { return static_cast<double>(time.count()) / 90'000; }

// Writes a playlist into one string. The URIs get their prefix and query here.
class Writer {
 public:
  Writer(const MediaPlaylist& playlist, const WriteOptions& options) : playlist_(playlist), options_(options) {}

  MediaText write() {
    const auto& [between, last, between_ranges] = playlist_.between;
    out_.reserve(512 + 120 * (playlist_.segments.size() + playlist_.open_parts.size() * 2));
    std::size_t skipped = options_.skip ? skippable() : 0;
    if (skipped <= between && between != 0) skipped = 0;
    MediaText text{.begin = {}, .end = {}, .whole = skipped == 0};
    write_head(skipped);
    Ticks left = open_duration();
    for (const Segment& segment : playlist_.segments) left += segment.duration;
    const Segment* before = nullptr;
    std::size_t number = 0;
    for (const Segment& segment : playlist_.segments) {
      left -= segment.duration;
      if (number++ >= skipped) {
        write_segment(segment, before, left);
      } else if (!options_.skip_ranges) {
        write_ranges(segment.ranges);  // 5.2: players skip segments, and no dates but where they ask for that
      }
      before = &segment;
      if (number != 1 || between == 0) continue;
      number += between;
      before = &last;
      if (text.whole) {
        text.begin = std::exchange(out_, {});
      } else if (!options_.skip_ranges) {
        for (const DateRange* range : between_ranges) write_range(*range);
      }
    }
    write_end(before);
    (text.begin.empty() ? text.begin : text.end) = std::move(out_);
    return text;
  }
  std::string write_one(const Segment& segment, const Segment& before) {
    write_segment(segment, &before, Ticks::max());
    return std::move(out_);
  }

 private:
  template <class... Values>
  void line(fmt::format_string<Values...> text, Values&&... values) {
    fmt::format_to(std::back_inserter(out_), text, std::forward<Values>(values)...);
    out_ += '\n';
  }

  std::string media_uri(const std::string& uri) const {
    return options_.prefix.empty() ? with_query(uri, options_.query)
                                   : with_query(fmt::format("{}{}", options_.prefix, uri), options_.query);
  }
  std::string side_uri(const std::string& uri) const {
    return options_.key_and_map_too ? with_query(uri, options_.query) : uri;
  }

  Ticks open_duration() const {
    Ticks total{};
    for (const Part& part : playlist_.open_parts) total += part.duration;
    return total;
  }

  // How many segments a player that has the playlist need not be told again: those that begin before the skip boundary.
  std::size_t skippable() const {
    if (!playlist_.low_latency || !playlist_.low_latency->can_skip || playlist_.ended) return 0;
    Ticks distance = open_duration();
    const Ticks boundary = skip_boundary_of(playlist_.target_duration);
    std::size_t kept = 0;
    while (kept < playlist_.segments.size()) {
      const Ticks end = distance;
      if (end >= boundary) break;
      distance += playlist_.segments[playlist_.segments.size() - 1 - kept].duration;
      ++kept;
    }
    return playlist_.segments.size() + playlist_.between.segments - kept;
  }

  // The least that knows all that is used, section 8.
  int version() const {
    if (playlist_.low_latency && playlist_.low_latency->can_skip) return options_.skip_ranges ? 10 : 9;
    if (playlist_.low_latency || playlist_.open_map || playlist_.between.last.map) return 6;
    int least = playlist_.pictures ? 4 : 3;
    for (const Segment& segment : playlist_.segments) {
      if (segment.map) return 6;
      if (segment.range) least = 4;
    }
    return least;
  }

  void write_head(std::size_t skipped) {
    out_ += "#EXTM3U\n";
    line("#EXT-X-VERSION:{}", version());
    line("#EXT-X-TARGETDURATION:{}", playlist_.target_duration);
    if (playlist_.low_latency) {
      const LowLatency& low = *playlist_.low_latency;
      out_ += "#EXT-X-SERVER-CONTROL:";
      if (low.can_block_reload) out_ += "CAN-BLOCK-RELOAD=YES,";
      if (low.can_skip)
        fmt::format_to(std::back_inserter(out_), "CAN-SKIP-UNTIL={}.0,CAN-SKIP-DATERANGES=YES,",
                       skip_boundary * playlist_.target_duration);
      line("PART-HOLD-BACK={:.5f},HOLD-BACK={}.0", seconds(low.part_target) * hold_back,
           hold_back * playlist_.target_duration);
      line("#EXT-X-PART-INF:PART-TARGET={:.5f}", seconds(low.part_target));
    }
    line("#EXT-X-MEDIA-SEQUENCE:{}", playlist_.media_sequence);
    if (playlist_.discontinuity_sequence != 0)
      line("#EXT-X-DISCONTINUITY-SEQUENCE:{}", playlist_.discontinuity_sequence);
    if (playlist_.on_demand) out_ += "#EXT-X-PLAYLIST-TYPE:VOD\n";
    if (playlist_.event) out_ += "#EXT-X-PLAYLIST-TYPE:EVENT\n";
    if (playlist_.pictures) out_ += "#EXT-X-I-FRAMES-ONLY\n";
    if (playlist_.independent_segments) out_ += "#EXT-X-INDEPENDENT-SEGMENTS\n";
    if (skipped == 0) return;
    if (options_.skip_ranges) {
      line("#EXT-X-SKIP:SKIPPED-SEGMENTS={},RECENTLY-REMOVED-DATERANGES=\"{}\"", skipped,
           fmt::join(playlist_.removed_ranges, "\t"));
    } else {
      line("#EXT-X-SKIP:SKIPPED-SEGMENTS={}", skipped);
    }
  }

  void write_key(const std::optional<Key>& key, const std::optional<Key>& before) {
    if (key == before) return;
    if (!key) {
      out_ += "#EXT-X-KEY:METHOD=NONE\n";
    } else if (key->iv.empty()) {
      line("#EXT-X-KEY:METHOD=AES-128,URI=\"{}\"", side_uri(key->uri));
    } else {
      line("#EXT-X-KEY:METHOD=AES-128,URI=\"{}\",IV=0x{}", side_uri(key->uri), key->iv);
    }
  }

  void write_map(const std::optional<Map>& map, const std::optional<Map>& before) {
    if (!map || map == before) return;
    if (map->range) {
      line("#EXT-X-MAP:URI=\"{}\",BYTERANGE=\"{}@{}\"", side_uri(map->uri), map->range->length, map->range->offset);
    } else {
      line("#EXT-X-MAP:URI=\"{}\"", side_uri(map->uri));
    }
  }

  // A map takes the key that stands before it (4.4.4.4), and is never encrypted here.
  void write_map_and_key(const Segment& segment, const Segment& last) {
    const bool new_map = segment.map && segment.map != last.map;
    if (new_map) write_key(std::nullopt, last.key);
    write_map(segment.map, last.map);
    write_key(segment.key, new_map ? std::nullopt : last.key);
  }

  void write_date_time(const std::optional<WallTime>& time) {
    if (!time) return;
    line("#EXT-X-PROGRAM-DATE-TIME:{}", date_time(*time));
  }

  static std::string date_time(WallTime time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(whole)),
                       (time - whole).count());
  }

  void write_ranges(const std::vector<DateRange>& ranges) {
    for (const DateRange& range : ranges) write_range(range);
  }

  void write_range(const DateRange& range) {
    fmt::format_to(std::back_inserter(out_), "#EXT-X-DATERANGE:ID=\"{}\",START-DATE=\"{}\"", range.id,
                   date_time(range.start));
    if (range.end) {
      fmt::format_to(std::back_inserter(out_), ",END-DATE=\"{}\",DURATION={:.3f}", date_time(*range.end),
                     std::chrono::duration<double>(*range.end - range.start).count());
    }
    if (range.planned) fmt::format_to(std::back_inserter(out_), ",PLANNED-DURATION={:.3f}", seconds(*range.planned));
    const std::string_view name = range.mark == DateRange::Mark::out  ? "SCTE35-OUT"
                                  : range.mark == DateRange::Mark::in ? "SCTE35-IN"
                                                                      : "SCTE35-CMD";
    line(",{}={}", name, range.section);
  }

  void write_part(const Part& part) {
    fmt::format_to(std::back_inserter(out_), "#EXT-X-PART:DURATION={:.5f},URI=\"{}\"", seconds(part.duration),
                   media_uri(part.uri));
    if (part.range)
      fmt::format_to(std::back_inserter(out_), ",BYTERANGE=\"{}@{}\"", part.range->length, part.range->offset);
    if (part.independent) out_ += ",INDEPENDENT=YES";
    if (part.gap) out_ += ",GAP=YES";
    out_ += '\n';
  }

  // `behind`: how much of the playlist follows this segment.
  void write_segment(const Segment& segment, const Segment* before, Ticks behind) {
    if (before && segment.lines) {
      out_ += *segment.lines;
      return;
    }
    static const Segment nothing;
    const Segment& last = before ? *before : nothing;
    if (segment.discontinuity) out_ += "#EXT-X-DISCONTINUITY\n";
    write_map_and_key(segment, last);
    write_date_time(segment.date_time);
    write_ranges(segment.ranges);
    if (segment.gap) out_ += "#EXT-X-GAP\n";
    if (playlist_.low_latency && !playlist_.ended &&
        behind < std::chrono::seconds(parts_kept * std::int64_t{playlist_.target_duration})) {
      for (const Part& part : segment.parts) write_part(part);
    }
    line("#EXTINF:{:.5f},{}", seconds(segment.duration), segment.title);
    if (segment.range) line("#EXT-X-BYTERANGE:{}@{}", segment.range->length, segment.range->offset);
    out_ += media_uri(segment.uri);
    out_ += '\n';
  }

  void write_end(const Segment* before) {
    if (playlist_.ended) {
      out_ += "#EXT-X-ENDLIST\n";
      return;
    }
    if (!playlist_.low_latency) return;
    if (!playlist_.open_parts.empty()) {
      if (playlist_.open_discontinuity) out_ += "#EXT-X-DISCONTINUITY\n";
      write_map(playlist_.open_map, before ? before->map : std::nullopt);
      write_date_time(playlist_.open_date_time);
      write_ranges(playlist_.open_ranges);
      for (const Part& part : playlist_.open_parts) write_part(part);
    }
    if (!playlist_.preload_hint.empty()) {
      line("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{}\"", media_uri(playlist_.preload_hint));
    }
    for (const RenditionReport& report : playlist_.reports) {
      fmt::format_to(std::back_inserter(out_), "#EXT-X-RENDITION-REPORT:URI=\"{}\",LAST-MSN={}", report.uri,
                     report.last_sequence);
      if (report.last_part) fmt::format_to(std::back_inserter(out_), ",LAST-PART={}", *report.last_part);
      out_ += '\n';
    }
  }

  const MediaPlaylist& playlist_;
  const WriteOptions& options_;
  std::string out_;
};

}  // namespace

std::string write_media_playlist(const MediaPlaylist& playlist, const WriteOptions& options) {
  MediaText text = Writer(playlist, options).write();
  return text.end.empty() ? std::move(text.begin) : text.begin + text.end;
}

MediaText write_around(const MediaPlaylist& playlist, const WriteOptions& options) {
  return Writer(playlist, options).write();
}

base::Ticks skip_boundary_of(std::uint32_t target_duration) {
  return std::chrono::seconds(skip_boundary * std::int64_t{target_duration});
}

std::string segment_lines(const Segment& segment, const Segment& before, const WriteOptions& options) {
  return Writer({}, options).write_one(segment, before);
}

std::string with_query(std::string_view uri, std::string_view query) {
  if (query.empty()) return std::string(uri);
  return fmt::format("{}{}{}", uri, uri.find('?') == std::string_view::npos ? '?' : '&', query);
}

namespace {

std::string_view range_name(Variant::Range range) {
  return range == Variant::Range::pq ? "PQ" : range == Variant::Range::hlg ? "HLG" : "SDR";
}

std::string pictures_line(const Variant& variant) {
  std::string out =
      fmt::format("#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={}", std::max<std::uint64_t>(variant.pictures.bandwidth_bps, 1));
  const auto add = std::back_inserter(out);
  if (!variant.pictures.codec.empty()) fmt::format_to(add, ",CODECS=\"{}\"", variant.pictures.codec);
  if (variant.width != 0 && variant.height != 0)
    fmt::format_to(add, ",RESOLUTION={}x{}", variant.width, variant.height);
  if (variant.range != Variant::Range::none) fmt::format_to(add, ",VIDEO-RANGE={}", range_name(variant.range));
  fmt::format_to(add, ",URI=\"{}\"\n", variant.pictures.uri);
  return out;
}

}  // namespace

std::string write_master_playlist(const MasterPlaylist& playlist) {
  std::string out = "#EXTM3U\n";
  const auto add = [&out]<class... Values>(fmt::format_string<Values...> text, Values&&... values) {
    fmt::format_to(std::back_inserter(out), text, std::forward<Values>(values)...);
  };
  if (playlist.independent_segments) out += "#EXT-X-INDEPENDENT-SEGMENTS\n";
  const bool captions = std::any_of(playlist.variants.begin(), playlist.variants.end(),
                                    [](const Variant& variant) { return variant.closed_captions; });
  if (captions) {  // 4.4.6.1; the first channel is what cameras and encoders fill
    out += R"(#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="CC1",AUTOSELECT=YES,DEFAULT=YES,INSTREAM-ID="CC1")"
           "\n";
  }
  for (const Sound& sound : playlist.sounds) {
    const bool first = &sound == &playlist.sounds.front() || sound.group != (&sound - 1)->group;
    add(R"(#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{}",NAME="{}",DEFAULT={},AUTOSELECT=YES)", sound.group, sound.name,
        first ? "YES" : "NO");
    if (sound.channels != 0) add(",CHANNELS=\"{}\"", sound.channels);
    add(",URI=\"{}\"\n", sound.uri);
  }
  for (const Text& text : playlist.texts) {
    add("#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"{}\",NAME=\"{}\",DEFAULT=YES,AUTOSELECT=YES,URI=\"{}\"\n", text.group,
        text.name, text.uri);
  }
  for (const Variant& variant : playlist.variants) {
    add("#EXT-X-STREAM-INF:BANDWIDTH={}", std::max<std::uint64_t>(variant.bandwidth_bps, 1));
    if (variant.average_bandwidth_bps != 0) add(",AVERAGE-BANDWIDTH={}", variant.average_bandwidth_bps);
    if (!variant.codecs.empty()) add(",CODECS=\"{}\"", variant.codecs);
    if (variant.width != 0 && variant.height != 0) add(",RESOLUTION={}x{}", variant.width, variant.height);
    if (variant.frame_rate > 0) add(",FRAME-RATE={:.3f}", variant.frame_rate);
    if (variant.range != Variant::Range::none) {
      add(",VIDEO-RANGE={}", range_name(variant.range));
      // 4.4.6.2: if one says NONE, all do.
      out += captions ? ",CLOSED-CAPTIONS=\"cc\"" : ",CLOSED-CAPTIONS=NONE";
    }
    if (!variant.sounds.empty()) add(",AUDIO=\"{}\"", variant.sounds);
    if (!variant.texts.empty()) add(",SUBTITLES=\"{}\"", variant.texts);
    add("\n{}\n", variant.uri);
  }
  for (const Variant& variant : playlist.variants) {
    if (!variant.pictures.uri.empty()) out += pictures_line(variant);
  }
  return out;
}

}  // namespace weir::hls
