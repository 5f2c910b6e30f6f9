#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

// HTTP Live Streaming: RFC 8216 and draft-pantos-hls-rfc8216bis. Section numbers in this folder are those of draft 15.
namespace weir::hls {

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

struct ByteRange {
  std::uint64_t length = 0, offset = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

// 4.4.4.4. A segment without a key among others with one gets METHOD=NONE.
struct Key {
  std::string uri;
  std::string iv;  // 32 hexadecimal digits; empty: the sequence number is the vector
  friend bool operator==(const Key&, const Key&) = default;
};

// 4.4.4.5
struct Map {
  std::string uri;
  std::optional<ByteRange> range;
  friend bool operator==(const Map&, const Map&) = default;
};

// 4.4.4.9
struct Part {
  std::string uri;
  base::Ticks duration{};
  bool independent = false;  // has a key frame
  bool gap = false;
  std::optional<ByteRange> range;
};

// 4.4.5.1, of a break or whatever else SCTE 35 says. Those with the same id say the same of what both say.
struct DateRange {
  std::string id;
  WallTime start{};
  std::optional<WallTime> end;
  std::optional<base::Ticks> planned;
  enum class Mark : std::uint8_t { out, in, command };
  Mark mark = Mark::command;
  std::string section;  // "0xFC30..."
};

struct Segment {
  std::string uri;
  base::Ticks duration{};
  std::string title;
  bool discontinuity = false;  // before it
  bool gap = false;            // it is missing
  std::optional<WallTime> date_time;
  std::optional<Key> key;
  std::optional<Map> map;
  std::optional<ByteRange> range;
  std::vector<Part> parts;
  std::vector<DateRange> ranges;  // told of while it was made
  // What segment_lines() gave for it, once it has no parts any more: they are not made anew with each playlist. Of one
  // with such neighbours on both sides the writer needs its duration and no more.
  std::shared_ptr<const std::string> lines;
};

// Low latency, 4.4.3.7 and 4.4.3.8. The distances from the end at which players stay follow from the durations.
struct LowLatency {
  base::Ticks part_target{};     // no part is longer
  bool can_skip = false;         // delta updates, 6.2.5.1, of dates too
  bool can_block_reload = true;  // 6.2.5.2
};

struct RenditionReport {  // 4.4.5.4
  std::string uri;
  std::uint64_t last_sequence = 0;
  std::optional<std::uint64_t> last_part;
};

// What a media playlist says. `target_duration` must not change in the life of a live playlist (6.2.1): take
// target_duration_of the longest segment that may come.
struct MediaPlaylist {
  std::uint32_t target_duration = 10;
  std::uint64_t media_sequence = 0;          // of the first segment
  std::uint64_t discontinuity_sequence = 0;  // how many discontinuities have left
  std::vector<Segment> segments;
  bool ended = false;
  bool event = false;                 // nothing is ever removed
  bool on_demand = false;             // nothing is ever added either: 4.4.3.5
  bool independent_segments = false;  // each begins with a key frame: 4.4.2.1
  bool pictures = false;              // of each segment there is one key frame and nothing else: 4.4.3.6
  std::optional<LowLatency> low_latency;
  std::vector<Part> open_parts;  // of the segment that is not complete
  bool open_discontinuity = false;
  std::optional<WallTime> open_date_time;
  std::optional<Map> open_map;
  std::vector<DateRange> open_ranges;
  std::string preload_hint;  // URI of the next part; empty for none
  std::vector<RenditionReport> reports;
  // Segments behind the first that are text already, which MediaText leaves a place for.
  struct Between {
    std::uint64_t segments = 0;              // none: there are none
    Segment last;                            // of them
    std::vector<const DateRange*> ranges{};  // theirs
  };
  Between between{};
  std::vector<std::string> removed_ranges{};  // ids of those that were here a skip boundary ago, and are no more
};

struct WriteOptions {
  bool skip = false;             // as a delta update, if enough is old enough
  bool skip_ranges = false;      // and old ranges of dates are left out of it: _HLS_skip=v2
  std::string_view query;        // added to each URI of segments, parts and hints: "hls_ctx=1234"
  std::string_view prefix;       // put before each of them: hls_entry_prefix
  bool key_and_map_too = false;  // `query` also on the URIs of keys and maps
};

std::string write_media_playlist(const MediaPlaylist& playlist, const WriteOptions& options = {});
// The same before and behind its `between`, which is not part of a delta update.
struct MediaText {
  std::string begin, end;
  bool whole = true;  // it is no delta update
};
MediaText write_around(const MediaPlaylist& playlist, const WriteOptions& options = {});
// How far back a delta update goes.
base::Ticks skip_boundary_of(std::uint32_t target_duration);
// The lines of a segment behind `before`, without parts, for playlists that are written with these options.
std::string segment_lines(const Segment& segment, const Segment& before, const WriteOptions& options = {});

// 4.4.3.1: an EXTINF rounded to the nearest second is at most the target duration.
constexpr std::uint32_t target_duration_of(base::Ticks longest) {
  const std::int64_t seconds = (longest.count() + 45'000) / 90'000;
  return seconds < 1 ? 1 : static_cast<std::uint32_t>(seconds);
}

// The key frames of a variant alone, for those who seek with pictures: 4.4.6.3.
struct Pictures {
  std::string uri;  // empty: there is none
  std::uint64_t bandwidth_bps = 1;
  std::string codec;
};

struct Variant {  // 4.4.6.2
  std::string uri;
  std::uint64_t bandwidth_bps = 1;
  std::uint64_t average_bandwidth_bps = 0;  // 0: not told
  std::string codecs;                       // RFC 6381, with commas
  std::uint32_t width = 0, height = 0;
  double frame_rate = 0;
  enum class Range : std::uint8_t { none, sdr, hlg, pq };
  Range range = Range::none;  // of a video
  // CEA-608 of the video's own; else players are told that there are none, and do not show a button for them.
  bool closed_captions = false;
  Pictures pictures;
  std::string sounds;  // the group of tracks of sound that go with it; empty: it has its own
  std::string texts;   // likewise of what is shown in words; empty: nothing
};
// A track of sound with a playlist of its own, which a player may choose beside any variant: 4.4.6.1.
struct Sound {
  std::string uri;
  std::string name;           // what a player shows; no two of a group are equal
  std::uint8_t channels = 0;  // 0: not told
  std::string group = "audio";
};
// Words with a playlist of their own: 4.4.6.1.
struct Text {
  std::string uri;
  std::string name;
  std::string group = "text";
};
struct MasterPlaylist {
  std::vector<Variant> variants;
  std::vector<Sound> sounds;          // those of a group one behind another; players begin with its first
  bool independent_segments = false;  // of all of them
  std::vector<Text> texts{};
};
std::string write_master_playlist(const MasterPlaylist& playlist);

// A URI with one more query parameter; `uri` itself for an empty one.
std::string with_query(std::string_view uri, std::string_view query);

}  // namespace weir::hls
