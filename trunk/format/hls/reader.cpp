#include "format/hls/reader.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/text.h"

namespace weir::hls {

using base::Result;

const char* describe(ReadErrc code) {
  switch (code) {
    case ReadErrc::ok:
      return "no error";
    case ReadErrc::no_playlist:
      return "it does not begin with #EXTM3U";
    case ReadErrc::too_large:
      return "it is larger than 1 MiB, has a line longer than 8 KiB, or more than 10,000 segments";
    case ReadErrc::bad_line:
      return "a tag has a value that cannot be read";
    case ReadErrc::no_segments:
      return "it names nothing to play";
    case ReadErrc::unknown_encryption:
      return "it is encrypted, and not by AES-128 with a key of its own";
  }
  return "unknown error of a playlist";
}

namespace {

constexpr double longest_seconds = 24 * 3600;

// The value of an attribute without its quotation marks (4.2); the first of that name.
std::optional<std::string_view> attribute(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t equals = list.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view key = base::trim(list.substr(0, equals), " \t,");
    list.remove_prefix(equals + 1);
    std::string_view value;
    if (list.starts_with('"')) {
      const std::size_t close = list.find('"', 1);
      if (close == std::string_view::npos) return std::nullopt;
      value = list.substr(1, close - 1);
      list.remove_prefix(close + 1);
    } else {
      value = base::trim(list.substr(0, list.find(',')), " \t");
      list.remove_prefix(std::min(list.size(), list.find(',')));
    }
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<base::Ticks> duration_of(std::string_view text) {
  double seconds = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  if (fault != std::errc{} || end != text.data() + text.size() || !(seconds >= 0 && seconds <= longest_seconds)) {
    return std::nullopt;
  }
  return base::Ticks(static_cast<std::int64_t>(seconds * static_cast<double>(base::Ticks::period::den)));
}

// "length[@offset]"; without an offset it begins at `next`.
std::optional<ByteRange> range_of(std::string_view text, std::uint64_t next) {
  constexpr std::uint64_t most = std::uint64_t{1} << 62;
  const std::size_t at = text.find('@');
  const auto length = base::parse_number(text.substr(0, at));
  const auto offset = at == std::string_view::npos ? std::optional(next) : base::parse_number(text.substr(at + 1));
  if (!length || !offset || *length == 0 || *length > most || *offset > most) return std::nullopt;
  return ByteRange{*length, *offset};
}

// The lines that are neither empty nor comments, one after another.
class Lines {
 public:
  Lines(std::string_view text, std::size_t longest) : rest_(text), longest_(longest) {}
  // None at the end.
  std::optional<std::string_view> next() {
    while (!rest_.empty()) {
      const std::string_view line = base::trim(rest_.substr(0, rest_.find('\n')));
      const std::size_t end = rest_.find('\n');
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
      too_long_ = too_long_ || line.size() > longest_;
      if (line.empty() || (line.starts_with('#') && !line.starts_with("#EXT"))) continue;
      return line;
    }
    return std::nullopt;
  }
  bool too_long() const { return too_long_; }

 private:
  std::string_view rest_;
  std::size_t longest_;
  bool too_long_ = false;
};

class Reader {
 public:
  explicit Reader(const ReadLimits& limits) : limits_(limits) {}

  Result<void> take(std::string_view line) {
    if (!line.starts_with('#')) return take_uri(line);
    const auto [name, value] = base::split_first(line, ':');
    if (name == "#EXT-X-STREAM-INF") return take_variant(value);
    if (name == "#EXTINF") return take_duration(value);
    if (name == "#EXT-X-KEY") return take_key(value);
    if (name == "#EXT-X-MAP") return take_map(value);
    if (name == "#EXT-X-BYTERANGE") {
      range_text_ = value;
    } else if (name == "#EXT-X-TARGETDURATION") {
      const auto seconds = base::parse_number(value);
      if (!seconds || *seconds > static_cast<std::uint64_t>(longest_seconds)) return ReadErrc::bad_line;
      media_.target_duration = std::max(1U, static_cast<std::uint32_t>(*seconds));
      is_media_ = true;
    } else if (name == "#EXT-X-MEDIA-SEQUENCE") {
      return take_number(value, media_.media_sequence);
    } else if (name == "#EXT-X-DISCONTINUITY-SEQUENCE") {
      return take_number(value, media_.discontinuity_sequence);
    } else if (name == "#EXT-X-DISCONTINUITY") {
      open_.discontinuity = true;
    } else if (name == "#EXT-X-GAP") {
      open_.gap = true;
    } else if (name == "#EXT-X-ENDLIST") {
      media_.ended = is_media_ = true;
    } else if (name == "#EXT-X-PLAYLIST-TYPE") {
      media_.event = value == "EVENT";
    } else if (name == "#EXT-X-INDEPENDENT-SEGMENTS") {
      media_.independent_segments = master_.independent_segments = true;
    }
    return {};
  }

  Result<Playlist> finish() {
    if (!master_.variants.empty()) return Playlist(std::move(master_));
    if (!is_media_ && media_.segments.empty()) return ReadErrc::no_segments;
    if (media_.ended && media_.segments.empty()) return ReadErrc::no_segments;
    return Playlist(std::move(media_));
  }

 private:
  Result<void> take_number(std::string_view value, std::uint64_t& number) {
    // A server may count on for longer than anybody plays; the sum with all segments fits all the same.
    const auto read = base::parse_number(value);
    if (!read || *read > (std::uint64_t{1} << 62)) return ReadErrc::bad_line;
    number = *read;
    is_media_ = true;
    return {};
  }

  Result<void> take_duration(std::string_view value) {
    const auto duration = duration_of(base::trim(value.substr(0, value.find(','))));
    if (!duration) return ReadErrc::bad_line;
    open_.duration = *duration;
    has_duration_ = is_media_ = true;
    return {};
  }

  Result<void> take_key(std::string_view value) {
    const auto method = attribute(value, "METHOD");
    if (!method) return ReadErrc::bad_line;
    if (*method == "NONE") {
      key_.reset();
      return {};
    }
    if (*method != "AES-128" || attribute(value, "KEYFORMAT").value_or("identity") != "identity") {
      return ReadErrc::unknown_encryption;
    }
    Key key{.uri = std::string(attribute(value, "URI").value_or("")), .iv = {}};
    if (key.uri.empty()) return ReadErrc::bad_line;
    if (const auto vector = attribute(value, "IV")) {
      const bool prefixed = vector->starts_with("0x") || vector->starts_with("0X");
      constexpr std::size_t digits = 32;
      const std::string_view hex = prefixed ? vector->substr(2) : std::string_view();
      if (hex.empty() || hex.size() > digits || hex.find_first_not_of("0123456789abcdefABCDEF") != hex.npos) {
        return ReadErrc::bad_line;
      }
      key.iv = std::string(digits - hex.size(), '0') + std::string(hex);
    }
    key_ = std::move(key);
    return {};
  }

  Result<void> take_map(std::string_view value) {
    Map map{.uri = std::string(attribute(value, "URI").value_or("")), .range = {}};
    if (map.uri.empty()) return ReadErrc::bad_line;
    if (const auto range = attribute(value, "BYTERANGE")) {
      map.range = range_of(*range, 0);
      if (!map.range) return ReadErrc::bad_line;
    }
    map_ = std::move(map);
    return {};
  }

  Result<void> take_variant(std::string_view value) {
    Variant variant;
    variant.bandwidth_bps = base::parse_number(attribute(value, "BANDWIDTH").value_or("")).value_or(1);
    variant.average_bandwidth_bps = base::parse_number(attribute(value, "AVERAGE-BANDWIDTH").value_or("")).value_or(0);
    variant.codecs = attribute(value, "CODECS").value_or("");
    const auto [width, height] = base::split_first(attribute(value, "RESOLUTION").value_or(""), 'x');
    constexpr std::uint64_t largest = 1 << 16;
    variant.width = static_cast<std::uint32_t>(std::min(largest, base::parse_number(width).value_or(0)));
    variant.height = static_cast<std::uint32_t>(std::min(largest, base::parse_number(height).value_or(0)));
    variant_ = std::move(variant);
    return {};
  }

  Result<void> take_uri(std::string_view uri) {
    if (variant_) {
      if (master_.variants.size() >= limits_.segments) return ReadErrc::too_large;
      variant_->uri = uri;
      master_.variants.push_back(*std::move(variant_));
      variant_.reset();
      return {};
    }
    if (!has_duration_) return {};  // of no segment
    if (media_.segments.size() >= limits_.segments) return ReadErrc::too_large;
    Segment segment = std::exchange(open_, {});
    has_duration_ = false;
    segment.uri = uri;
    if (!range_text_.empty()) {
      const Segment* before = media_.segments.empty() ? nullptr : &media_.segments.back();
      const bool goes_on = before && before->range && before->uri == uri;
      segment.range =
          range_of(std::exchange(range_text_, {}), goes_on ? before->range->offset + before->range->length : 0);
      if (!segment.range) return ReadErrc::bad_line;
    }
    segment.key = key_;
    segment.map = map_;
    // Each segment has its own copy of what was said once.
    copied_ += (key_ ? key_->uri.size() : 0) + (map_ ? map_->uri.size() : 0);
    if (copied_ > 2 * limits_.bytes) return ReadErrc::too_large;
    media_.segments.push_back(std::move(segment));
    return {};
  }

  // given
  ReadLimits limits_;

  // state
  MediaPlaylist media_;
  MasterPlaylist master_;
  bool is_media_ = false;
  Segment open_;  // what was said of the next one
  bool has_duration_ = false;
  std::string_view range_text_;
  std::optional<Key> key_;
  std::optional<Map> map_;
  std::optional<Variant> variant_;
  std::size_t copied_ = 0;
};

}  // namespace

Result<Playlist> read_playlist(std::string_view text, const ReadLimits& limits) {
  if (text.size() > limits.bytes) return ReadErrc::too_large;
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  Lines lines(text, limits.line_bytes);
  const auto first = lines.next();
  if (!first || !first->starts_with("#EXTM3U")) return ReadErrc::no_playlist;
  Reader reader(limits);
  while (const auto line = lines.next()) {
    if (lines.too_long()) return ReadErrc::too_large;
    TRY_VOID(reader.take(*line));
  }
  if (lines.too_long()) return ReadErrc::too_large;
  return reader.finish();
}

}  // namespace weir::hls
