#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::test {

// What a media playlist says, as far as the rules need it.
struct ParsedPlaylist {
  struct Part {
    std::string uri;
    double duration = 0;
    bool independent = false;
  };
  struct Segment {
    std::string uri;
    double duration = 0;
    bool discontinuity = false, gap = false;
    std::string range;                // "bytes@from"
    std::string key, map, date_time;  // attributes as written, in force for this segment
    std::vector<Part> parts;
  };
  int version = 1;
  int target_duration = 0;
  long media_sequence = 0, discontinuity_sequence = 0;
  std::size_t skipped = 0;
  bool ended = false, event = false, pictures = false;
  double part_target = 0, part_hold_back = 0, hold_back = 0, can_skip_until = 0;
  bool can_block_reload = false;
  std::vector<Segment> segments;
  std::vector<Part> open_parts;
  std::string preload_hint;
  std::vector<std::string> tags;  // names of all tags in order
};

struct Validation {
  ParsedPlaylist playlist;
  std::vector<std::string> faults;  // "line 7: ..." each; empty if the rules are kept
};

// Checks a media playlist by the rules of draft-pantos-hls-rfc8216bis (4.1 to 4.4.5, section 8), and that its dates
// follow one another.
Validation validate_playlist(std::string_view text);

// Checks a later playlist of the same stream against an earlier one (6.2.1, 6.2.2). Neither is a delta update.
std::vector<std::string> validate_update(const ParsedPlaylist& before, const ParsedPlaylist& after);

// Puts the segments that a delta update skips into it, taken from an earlier playlist. None if they are not there.
std::optional<ParsedPlaylist> apply_delta(const ParsedPlaylist& before, const ParsedPlaylist& delta);

// Checks a multivariant playlist (4.4.6).
std::vector<std::string> validate_master(std::string_view text);

}  // namespace weir::test
