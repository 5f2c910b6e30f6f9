#include "support/playlist_validator.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "support/playlist_attributes.h"

namespace weir::test {
namespace {

constexpr double epsilon = 0.0005;

class Checker {
 public:
  Validation run(std::string_view text) {
    if (text.substr(0, 8) != "#EXTM3U\n") fault("the first line is not #EXTM3U");
    if (const auto wrong = fault_of_text(text); !wrong.empty()) fault(wrong);
    if (!text.empty() && text.back() != '\n') fault("the last line has no end");
    while (!text.empty()) {
      ++number_;
      const auto end = text.find('\n');
      std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      if (line.empty()) continue;
      if (line[0] == '#') {
        if (line.substr(0, 4) == "#EXT") tag(line);
      } else {
        uri(line);
      }
    }
    finish();
    return std::move(out_);
  }

 private:
  ParsedPlaylist& list() { return out_.playlist; }
  void fault(const std::string& what) { out_.faults.push_back("line " + std::to_string(number_) + ": " + what); }
  void once(const std::string& name) {
    if (!seen_.insert(name).second) fault(name + " twice");
  }

  AttributeList attributes(std::string_view text) {
    return AttributeList::parse(text, [this](const std::string& what) { fault(what); });
  }
  std::string need(const AttributeList& given, const std::string& name) {
    return given.need(name, [this](const std::string& what) { fault(what); });
  }
  void only_yes(const AttributeList& given, const std::string& name) {
    if (given.has(name) && !given.yes(name)) fault(name + " may only be YES");
  }
  double decimal(const std::string& text) {
    if (!is_decimal(text)) fault("not a decimal number: " + text);
    return std::strtod(text.c_str(), nullptr);
  }
  long integer(std::string_view text) {
    if (!is_integer(text)) fault("not an integer: " + std::string(text));
    return std::strtol(std::string(text).c_str(), nullptr, 10);
  }

  void tag(std::string_view line) {
    const auto colon = line.find(':');
    const std::string name(line.substr(0, colon));
    const std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    list().tags.push_back(name);
    if (list().ended && name != "#EXT-X-VERSION") fault(name + " behind the end of the list");
    const bool head = name == "#EXT-X-TARGETDURATION" || name == "#EXT-X-MEDIA-SEQUENCE" ||
                      name == "#EXT-X-DISCONTINUITY-SEQUENCE" || name == "#EXT-X-PART-INF" ||
                      name == "#EXT-X-SERVER-CONTROL" || name == "#EXT-X-SKIP" || name == "#EXT-X-PLAYLIST-TYPE";
    if (head) once(name);
    if (head && (!list().segments.empty() || has_duration_ || !next_.parts.empty())) {
      fault(name + " behind the first segment");
    }
    if (name == "#EXTM3U") {
      if (number_ != 1) fault("#EXTM3U again");
    } else if (name == "#EXT-X-VERSION") {
      once(name);
      list().version = static_cast<int>(integer(value));
    } else if (name == "#EXT-X-TARGETDURATION") {
      list().target_duration = static_cast<int>(integer(value));
    } else if (name == "#EXT-X-MEDIA-SEQUENCE") {
      list().media_sequence = integer(value);
    } else if (name == "#EXT-X-DISCONTINUITY-SEQUENCE") {
      list().discontinuity_sequence = integer(value);
      if (next_.discontinuity) fault("EXT-X-DISCONTINUITY-SEQUENCE behind a discontinuity");  // 4.4.3.3
    } else if (name == "#EXT-X-PLAYLIST-TYPE") {
      if (value != "EVENT" && value != "VOD") fault("a playlist type that does not exist");
      list().event = value == "EVENT";
    } else if (name == "#EXT-X-ENDLIST") {
      list().ended = true;
    } else if (name == "#EXT-X-I-FRAMES-ONLY") {
      once(name);
      version_needed(4, name);
      list().pictures = true;
    } else if (name == "#EXT-X-INDEPENDENT-SEGMENTS") {
      once(name);
    } else if (name == "#EXTINF") {
      extinf(value);
    } else if (name == "#EXT-X-DISCONTINUITY") {
      next_.discontinuity = true;
    } else if (name == "#EXT-X-PROGRAM-DATE-TIME") {
      if (parse_date_time(value) < 0) fault("no date with its time and zone: " + std::string(value));
      if (!next_.date_time.empty()) fault("two dates of one segment");
      next_.date_time = value;
      has_date_ = true;
    } else if (name == "#EXT-X-BYTERANGE") {
      version_needed(4, name);
      byte_range(value);
    } else if (name == "#EXT-X-GAP") {
      if (!value.empty()) fault("EXT-X-GAP with a value");
      next_.gap = true;
    } else if (name == "#EXT-X-BITRATE") {
      integer(value);
    } else if (name == "#EXT-X-DATERANGE") {
      date_range(attributes(value));
    } else if (name == "#EXT-X-START") {
      once(name);
      need(attributes(value), "TIME-OFFSET");
    } else if (name == "#EXT-X-KEY") {
      key(value);
    } else if (name == "#EXT-X-MAP") {
      version_needed(6, name);
      if (need(attributes(value), "URI").empty()) fault("a map of nothing");
      map_ = value;
    } else {
      low_latency_tag(name, value);
    }
  }

  void low_latency_tag(const std::string& name, std::string_view value) {
    if (name == "#EXT-X-SERVER-CONTROL") {
      server_control(attributes(value));
    } else if (name == "#EXT-X-PART-INF") {
      list().part_target = decimal(need(attributes(value), "PART-TARGET"));
      if (list().part_target <= 0) fault("a part target of nothing");
    } else if (name == "#EXT-X-PART") {
      part(attributes(value));
    } else if (name == "#EXT-X-PRELOAD-HINT") {
      const AttributeList given = attributes(value);
      const std::string type = need(given, "TYPE");
      if (type != "PART" && type != "MAP") fault("a preload hint of unknown type");
      if (type == "PART" && !list().preload_hint.empty()) fault("two preload hints for parts");
      if (type == "PART") list().preload_hint = need(given, "URI");
      if (uris_.count(need(given, "URI")) != 0) fault("a hint of what is there: " + given.text("URI"));
    } else if (name == "#EXT-X-SKIP") {
      version_needed(9, name);
      const AttributeList given = attributes(value);
      list().skipped = static_cast<std::size_t>(integer(need(given, "SKIPPED-SEGMENTS")));
      // Section 8: version 10 where ranges of dates are skipped too
      if (given.has("RECENTLY-REMOVED-DATERANGES")) version_needed(10, "RECENTLY-REMOVED-DATERANGES");
      if (list().skipped == 0) fault("a delta update that skips nothing");
    } else if (name == "#EXT-X-RENDITION-REPORT") {
      const AttributeList given = attributes(value);
      if (need(given, "URI").find("://") != std::string::npos) fault("a rendition report that is not relative");
      integer(need(given, "LAST-MSN"));
      if (list().part_target != 0) integer(need(given, "LAST-PART"));
    } else {
      fault("a tag that is not known: " + name);
    }
  }

  void version_needed(int least, const std::string& name) {
    if (list().version < least) fault(name + " needs version " + std::to_string(least));
  }

  // 4.4.4.4
  void key(std::string_view value) {
    const AttributeList given = attributes(value);
    const std::string method = need(given, "METHOD");
    if (method == "NONE") {
      if (given.values.size() != 1) fault("a key of method NONE with other attributes");
      key_.clear();
      return;
    }
    if (method != "AES-128" && method != "SAMPLE-AES" && method != "SAMPLE-AES-CTR") {
      fault("a key method that does not exist: " + method);
    }
    need(given, "URI");
    if (given.has("KEYFORMAT") || given.has("KEYFORMATVERSIONS")) version_needed(5, "KEYFORMAT");
    if (given.has("IV")) {
      version_needed(2, "IV");
      const std::string digits = given.text("IV");
      if (digits.substr(0, 2) != "0x" || digits.size() != 34 ||
          !all_of_kind(std::string_view(digits).substr(2), "0123456789abcdefABCDEF")) {
        fault("an initialisation vector that is not 128 bits");
      }
    }
    key_ = value;
  }

  // 4.4.4.2
  void byte_range(std::string_view value) {
    next_.range = value;
    const auto at = value.find('@');
    integer(value.substr(0, at));
    if (at != std::string_view::npos) integer(value.substr(at + 1));
    if (at == std::string_view::npos && list().segments.empty()) fault("a first byte range without its place");
  }

  // 4.4.5.1
  void date_range(const AttributeList& given) {
    need(given, "ID");
    has_date_range_ = true;
    const std::string start = given.text("START-DATE"), end = given.text("END-DATE");
    if (!start.empty() && parse_date_time(start) < 0) fault("no date: " + start);
    if (!end.empty() && parse_date_time(end) < parse_date_time(start)) fault("a range that ends before it begins");
    for (const char* length : {"DURATION", "PLANNED-DURATION"}) {
      if (given.has(length)) decimal(given.text(length));
    }
    only_yes(given, "END-ON-NEXT");
    if (given.has("END-ON-NEXT") && (!given.has("CLASS") || given.has("DURATION") || !end.empty())) {
      fault("END-ON-NEXT without a class, or with an end");
    }
  }

  // 4.4.3.8
  void server_control(const AttributeList& given) {
    const auto number = [&](const char* name) { return given.has(name) ? decimal(given.text(name)) : 0; };
    list().can_skip_until = number("CAN-SKIP-UNTIL");
    list().hold_back = number("HOLD-BACK");
    list().part_hold_back = number("PART-HOLD-BACK");
    list().can_block_reload = given.yes("CAN-BLOCK-RELOAD");
    only_yes(given, "CAN-BLOCK-RELOAD");
    only_yes(given, "CAN-SKIP-DATERANGES");
    if (given.has("CAN-SKIP-DATERANGES") && !given.has("CAN-SKIP-UNTIL")) fault("CAN-SKIP-DATERANGES alone");
  }

  // 4.4.4.9
  void part(const AttributeList& given) {
    ParsedPlaylist::Part part{.uri = need(given, "URI"),
                              .duration = decimal(need(given, "DURATION")),
                              .independent = given.has("INDEPENDENT")};
    if (list().part_target == 0) fault("a part without EXT-X-PART-INF before it");
    if (part.duration > list().part_target + epsilon) fault("a part longer than the part target");
    only_yes(given, "INDEPENDENT");
    only_yes(given, "GAP");
    if (has_duration_) fault("a part behind the EXTINF of its segment");
    if (given.has("BYTERANGE")) {
      version_needed(4, "BYTERANGE");
    } else if (!uris_.insert(part.uri).second) {
      fault("a part named twice: " + part.uri);
    }
    next_.parts.push_back(std::move(part));
  }

  // 4.4.4.1 and 4.4.3.1
  void extinf(std::string_view value) {
    if (has_duration_) fault("two EXTINF for one segment");
    const auto comma = value.find(',');
    if (comma == std::string_view::npos) fault("EXTINF without a comma");
    const std::string text(value.substr(0, comma));
    next_.duration = decimal(text);
    if (list().version < 3 && text.find('.') != std::string::npos) fault("a fraction of seconds needs version 3");
    if (std::lround(next_.duration) > list().target_duration)
      fault("a segment longer than the target duration: " + text);
    has_duration_ = true;
  }

  void uri(std::string_view line) {
    if (!has_duration_) fault("a segment without EXTINF");
    if (list().ended) fault("a segment behind the end of the list");
    next_.uri = line;
    next_.key = key_;
    next_.map = map_;
    // 4.4.4.9: parts of a segment, but for its last, last at least 85 per cent of the target; all together as long as
    // it.
    double total = 0;
    for (std::size_t i = 0; i < next_.parts.size(); ++i) {
      total += next_.parts[i].duration;
      if (i + 1 < next_.parts.size()) check_least(next_.parts[i]);
    }
    if (!next_.parts.empty() && std::abs(total - next_.duration) > 0.0001 * static_cast<double>(next_.parts.size() + 1))
      fault("the parts are not as long as their segment");
    if (!next_.gap) check_date();
    list().segments.push_back(std::move(next_));
    next_ = {};
    has_duration_ = false;
  }
  // Dates follow one another as the segments do, within a frame, unless a discontinuity comes between.
  void check_date() {
    const long long date = next_.date_time.empty() ? -1 : parse_date_time(next_.date_time);
    if (date >= 0 && expected_date_ >= 0 && !next_.discontinuity &&
        std::abs(static_cast<double>(date) - expected_date_) > 41) {
      fault("a date that does not follow from the one before");
    }
    if (date >= 0) expected_date_ = static_cast<double>(date);
    if (date < 0 && next_.discontinuity) expected_date_ = -1;
    if (expected_date_ >= 0) expected_date_ += next_.duration * 1000;
  }
  void check_least(const ParsedPlaylist::Part& part) {
    if (part.duration < 0.85 * list().part_target - epsilon)
      fault("a part shorter than 85 per cent of the target: " + part.uri);
  }

  void finish() {
    number_ = 0;
    const ParsedPlaylist& p = list();
    if (p.target_duration == 0) fault("no EXT-X-TARGETDURATION");
    if (has_duration_) fault("EXTINF without a segment");
    if (has_date_range_ && !has_date_) fault("a date range without any date");
    if (list().ended && !next_.parts.empty()) fault("parts of a segment that will never come");
    list().open_parts = std::move(next_.parts);
    for (std::size_t i = 0; i + 1 < p.open_parts.size(); ++i) check_least(p.open_parts[i]);
    const double target = p.target_duration;
    if (p.part_target != 0) {
      if (p.part_hold_back == 0) fault("parts without PART-HOLD-BACK");
      if (p.part_hold_back < 2 * p.part_target - epsilon) fault("PART-HOLD-BACK below two part targets");
      if (p.part_target > target) fault("parts longer than segments");
    }
    if (p.part_target == 0 && p.part_hold_back != 0) fault("PART-HOLD-BACK without parts");
    if (p.part_hold_back != 0 && p.hold_back != 0 && p.part_hold_back > p.hold_back) {
      fault("players of parts stay further behind than others");
    }
    if (p.hold_back != 0 && p.hold_back < 3 * target) fault("HOLD-BACK below three target durations");
    if (p.can_skip_until != 0 && p.can_skip_until < 6 * target) fault("CAN-SKIP-UNTIL below six target durations");
    if (p.skipped != 0 && p.can_skip_until == 0) fault("a delta update without CAN-SKIP-UNTIL");
    if (p.skipped == 0 && p.ended == false) check_window(target);
    if (p.skipped != 0) check_skip();
  }
  // 6.2.2: nothing is removed that leaves less than three target durations.
  void check_window(double target) {
    double total = 0;
    for (const auto& segment : list().segments) total += segment.duration;
    if (list().media_sequence > 0 && total < 3 * target - epsilon)
      fault("segments were removed from a playlist too short for it");
  }
  void check_skip() {
    double left = 0;
    for (const auto& segment : list().segments) left += segment.duration;
    for (const auto& part : list().open_parts) left += part.duration;
    if (left < list().can_skip_until - epsilon) fault("a delta update skips what is newer than the skip boundary");
  }

  Validation out_;
  int number_ = 0;
  std::set<std::string> seen_, uris_;
  ParsedPlaylist::Segment next_;
  std::string key_, map_;
  bool has_duration_ = false, has_date_range_ = false, has_date_ = false;
  double expected_date_ = -1;  // ms since 1970, of the next segment
};

}  // namespace

namespace {

// All of `before` are at the begin of `after`.
bool same_parts(const std::vector<ParsedPlaylist::Part>& before, const std::vector<ParsedPlaylist::Part>& after) {
  if (after.size() < before.size()) return false;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].uri != after[i].uri || std::abs(before[i].duration - after[i].duration) > epsilon) return false;
  }
  return true;
}

}  // namespace

Validation validate_playlist(std::string_view text) { return Checker().run(text); }

std::vector<std::string> validate_update(const ParsedPlaylist& before, const ParsedPlaylist& after) {
  std::vector<std::string> faults;
  if (after.target_duration != before.target_duration) faults.push_back("the target duration changed");
  if (after.media_sequence < before.media_sequence) faults.push_back("the media sequence went back");
  if (before.ended && (after.segments.size() != before.segments.size() || !after.ended)) {
    faults.push_back("changed after its end");
  }
  if (before.part_target != 0 && after.part_target != 0 && std::abs(after.part_target - before.part_target) > epsilon) {
    faults.push_back("the part target changed");
  }
  if ((before.event || after.event) && after.media_sequence != before.media_sequence) {
    faults.push_back("a segment was removed from an EVENT playlist");
  }
  const long removed = after.media_sequence - before.media_sequence;
  long discontinuities = 0;
  for (long i = 0; i < static_cast<long>(before.segments.size()); ++i) {
    const auto& old = before.segments[static_cast<std::size_t>(i)];
    if (i < removed) {
      discontinuities += old.discontinuity ? 1 : 0;
      continue;
    }
    const long at = i - removed;
    if (at < 0) continue;
    if (at >= static_cast<long>(after.segments.size())) {
      faults.push_back("a segment vanished from the end: " + old.uri);
      continue;
    }
    const auto& now = after.segments[static_cast<std::size_t>(at)];
    if (now.uri != old.uri)
      faults.push_back("segment " + std::to_string(before.media_sequence + i) + " became another: " + now.uri);
    if (std::abs(now.duration - old.duration) > epsilon) faults.push_back("a segment's duration changed: " + old.uri);
    if (now.date_time != old.date_time) faults.push_back("a segment's date changed: " + old.uri);
    if (!now.parts.empty() && !old.parts.empty() && !same_parts(old.parts, now.parts)) {
      faults.push_back("the parts of a segment changed: " + old.uri);
    }
    if (now.discontinuity != old.discontinuity) faults.push_back("a discontinuity came or went: " + old.uri);
    if (now.key != old.key || now.map != old.map) faults.push_back("a segment's key or map changed: " + old.uri);
  }
  // What was told of the open segment is told of it as long as it is told of.
  const long next = before.media_sequence + static_cast<long>(before.segments.size()) - after.media_sequence;
  if (!before.open_parts.empty() && next >= 0) {
    const bool open = next == static_cast<long>(after.segments.size());
    const auto& now = open ? after.open_parts
                      : next < static_cast<long>(after.segments.size())
                          ? after.segments[static_cast<std::size_t>(next)].parts
                          : before.open_parts;
    if (!(now.empty() && !open) && !same_parts(before.open_parts, now)) faults.push_back("parts were taken back");
  }
  if (removed <= static_cast<long>(before.segments.size()) &&
      after.discontinuity_sequence != before.discontinuity_sequence + discontinuities) {
    faults.push_back("the discontinuity sequence does not count what was removed");
  }
  return faults;
}

std::optional<ParsedPlaylist> apply_delta(const ParsedPlaylist& before, const ParsedPlaylist& delta) {
  const long first = delta.media_sequence - before.media_sequence;
  const auto count = static_cast<long>(delta.skipped);
  if (first < 0 || first + count > static_cast<long>(before.segments.size())) return {};
  ParsedPlaylist out = delta;
  out.skipped = 0;
  out.segments.assign(before.segments.begin() + first, before.segments.begin() + first + count);
  const std::string key = out.segments.empty() ? "" : out.segments.back().key,
                    map = out.segments.empty() ? "" : out.segments.back().map;
  for (auto segment : delta.segments) {  // tags that are not repeated stay in force
    if (segment.key.empty()) segment.key = key;
    if (segment.map.empty()) segment.map = map;
    out.segments.push_back(std::move(segment));
  }
  return out;
}

}  // namespace weir::test
