#include "support/playlist_validator.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

namespace weir::test {
namespace {

using Attributes = std::map<std::string, std::string>;

constexpr double epsilon = 0.0005;

bool all_of_kind(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}
bool is_integer(std::string_view text) { return all_of_kind(text, "0123456789") && text.size() <= 20; }
bool is_decimal(std::string_view text) {
  return all_of_kind(text, "0123456789.") && std::count(text.begin(), text.end(), '.') <= 1 && text.front() != '.';
}

class Checker {
 public:
  Validation run(std::string_view text) {
    if (text.substr(0, 8) != "#EXTM3U\n") fault("the first line is not #EXTM3U");
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

  // 4.2: NAME=value, values with commas in quotes.
  Attributes attributes(std::string_view text) {
    Attributes out;
    while (!text.empty()) {
      const auto equals = text.find('=');
      if (equals == std::string_view::npos || equals == 0) {
        fault("an attribute without a value");
        break;
      }
      const std::string name(text.substr(0, equals));
      if (!all_of_kind(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"))
        fault("an attribute name of wrong characters: " + name);
      text.remove_prefix(equals + 1);
      std::string value;
      if (!text.empty() && text[0] == '"') {
        const auto quote = text.find('"', 1);
        if (quote == std::string_view::npos) {
          fault("a quote without end");
          break;
        }
        value = text.substr(1, quote - 1);
        text.remove_prefix(quote + 1);
      } else {
        const auto comma = text.find(',');
        value = text.substr(0, comma);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma);
      }
      if (!out.emplace(name, value).second) fault("attribute " + name + " twice");
      if (!text.empty()) {
        if (text[0] != ',') fault("no comma between attributes");
        text.remove_prefix(1);
        if (text.empty()) fault("a comma at the end of attributes");
      }
    }
    return out;
  }
  std::string need(const Attributes& attributes, const std::string& name) {
    const auto found = attributes.find(name);
    if (found == attributes.end()) {
      fault("attribute " + name + " is missing");
      return {};
    }
    return found->second;
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
    if (head && !list().segments.empty()) fault(name + " behind the first segment");
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
    } else if (name == "#EXT-X-PLAYLIST-TYPE") {
      if (value != "EVENT" && value != "VOD") fault("a playlist type that does not exist");
    } else if (name == "#EXT-X-ENDLIST") {
      list().ended = true;
    } else if (name == "#EXT-X-INDEPENDENT-SEGMENTS") {
      once(name);
    } else if (name == "#EXTINF") {
      extinf(value);
    } else if (name == "#EXT-X-DISCONTINUITY") {
      next_.discontinuity = true;
    } else if (name == "#EXT-X-PROGRAM-DATE-TIME") {
      if (value.size() < 20 || value[10] != 'T') fault("a date without its time: " + std::string(value));
      next_.date_time = value;
    } else if (name == "#EXT-X-BYTERANGE") {
      version_needed(4, name);
    } else if (name == "#EXT-X-GAP") {
      if (!value.empty()) fault("EXT-X-GAP with a value");
    } else if (name == "#EXT-X-KEY") {
      key(value);
    } else if (name == "#EXT-X-MAP") {
      version_needed(6, name);
      need(attributes(value), "URI");
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
      const Attributes given = attributes(value);
      const std::string type = need(given, "TYPE");
      if (type != "PART" && type != "MAP") fault("a preload hint of unknown type");
      if (!list().preload_hint.empty()) fault("two preload hints for parts");
      list().preload_hint = need(given, "URI");
    } else if (name == "#EXT-X-SKIP") {
      version_needed(9, name);
      list().skipped = static_cast<std::size_t>(integer(need(attributes(value), "SKIPPED-SEGMENTS")));
      if (list().skipped == 0) fault("a delta update that skips nothing");
    } else if (name == "#EXT-X-RENDITION-REPORT") {
      const Attributes given = attributes(value);
      need(given, "URI");
      integer(need(given, "LAST-MSN"));
    } else {
      fault("a tag that is not known: " + name);
    }
  }

  void version_needed(int least, const std::string& name) {
    if (list().version < least) fault(name + " needs version " + std::to_string(least));
  }

  void key(std::string_view value) {
    const Attributes given = attributes(value);
    const std::string method = need(given, "METHOD");
    if (method == "NONE") {
      if (given.size() != 1) fault("a key of method NONE with other attributes");
      key_.clear();
      return;
    }
    if (method != "AES-128" && method != "SAMPLE-AES") fault("a key method that does not exist: " + method);
    need(given, "URI");
    const auto iv = given.find("IV");
    if (iv != given.end()) {
      version_needed(2, "IV");
      const std::string_view digits = std::string_view(iv->second);
      if (digits.substr(0, 2) != "0x" || digits.size() != 34 ||
          !all_of_kind(digits.substr(2), "0123456789abcdefABCDEF")) {
        fault("an initialisation vector that is not 128 bits");
      }
    }
    key_ = value;
  }

  // 4.4.3.8
  void server_control(const Attributes& given) {
    const auto number = [&](const char* name) { return given.count(name) != 0 ? decimal(given.at(name)) : 0; };
    list().can_skip_until = number("CAN-SKIP-UNTIL");
    list().hold_back = number("HOLD-BACK");
    list().part_hold_back = number("PART-HOLD-BACK");
    list().can_block_reload = given.count("CAN-BLOCK-RELOAD") != 0 && given.at("CAN-BLOCK-RELOAD") == "YES";
  }

  void part(const Attributes& given) {
    ParsedPlaylist::Part part{.uri = need(given, "URI"),
                              .duration = decimal(need(given, "DURATION")),
                              .independent = given.count("INDEPENDENT") != 0};
    if (list().part_target == 0) fault("a part without EXT-X-PART-INF before it");
    if (part.duration > list().part_target + epsilon) fault("a part longer than the part target");
    if (part.independent && given.at("INDEPENDENT") != "YES") fault("INDEPENDENT may only be YES");
    if (!uris_.insert(part.uri).second && given.count("BYTERANGE") == 0) fault("a part named twice: " + part.uri);
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
    if (!next_.parts.empty() && std::abs(total - next_.duration) > 0.1)
      fault("the parts are not as long as their segment");
    list().segments.push_back(std::move(next_));
    next_ = {};
    has_duration_ = false;
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
    list().open_parts = std::move(next_.parts);
    for (std::size_t i = 0; i + 1 < p.open_parts.size(); ++i) check_least(p.open_parts[i]);
    const double target = p.target_duration;
    if (p.part_target != 0) {
      if (p.part_hold_back == 0) fault("parts without PART-HOLD-BACK");
      if (p.part_hold_back < 2 * p.part_target - epsilon) fault("PART-HOLD-BACK below two part targets");
      if (p.part_target > target) fault("parts longer than segments");
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
  bool has_duration_ = false;
};

}  // namespace

Validation validate_playlist(std::string_view text) { return Checker().run(text); }

std::vector<std::string> validate_update(const ParsedPlaylist& before, const ParsedPlaylist& after) {
  std::vector<std::string> faults;
  if (after.target_duration != before.target_duration) faults.push_back("the target duration changed");
  if (after.media_sequence < before.media_sequence) faults.push_back("the media sequence went back");
  if (before.ended) faults.push_back("changed after its end");
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
    if (now.discontinuity != old.discontinuity) faults.push_back("a discontinuity came or went: " + old.uri);
    if (now.key != old.key || now.map != old.map) faults.push_back("a segment's key or map changed: " + old.uri);
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

std::vector<std::string> validate_master(std::string_view text) {
  std::vector<std::string> faults;
  if (text.substr(0, 8) != "#EXTM3U\n") faults.push_back("the first line is not #EXTM3U");
  bool expects_uri = false, any = false;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    if (line.substr(0, 18) == "#EXT-X-STREAM-INF:") {
      if (expects_uri) faults.push_back("a variant without URI");
      if (line.find("BANDWIDTH=") == std::string_view::npos) faults.push_back("a variant without BANDWIDTH");
      expects_uri = any = true;
    } else if (line[0] != '#') {
      if (!expects_uri) faults.push_back("a URI without EXT-X-STREAM-INF");
      expects_uri = false;
    } else if (line.substr(0, 7) == "#EXTINF") {
      faults.push_back("a segment in a master playlist");
    }
  }
  if (expects_uri || !any) faults.push_back("no variant");
  return faults;
}

}  // namespace weir::test
