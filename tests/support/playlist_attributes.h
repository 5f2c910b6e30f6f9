#pragma once

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

namespace weir::test {

// RFC 8216bis 4.2: an attribute list, and what its values may look like. Faults go to `fault`.
struct AttributeList {
  struct Value {
    std::string text;
    bool quoted = false;
  };
  std::map<std::string, Value> values;

  bool has(const std::string& name) const { return values.count(name) != 0; }
  std::string text(const std::string& name) const { return has(name) ? values.at(name).text : std::string(); }
  bool yes(const std::string& name) const { return text(name) == "YES"; }

  template <class Fault>
  static AttributeList parse(std::string_view in, Fault fault) {
    AttributeList out;
    while (!in.empty()) {
      const auto equals = in.find('=');
      if (equals == std::string_view::npos || equals == 0) {
        fault("an attribute without a value");
        break;
      }
      const std::string name(in.substr(0, equals));
      if (name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != std::string::npos) {
        fault("an attribute name of wrong characters: " + name);
      }
      in.remove_prefix(equals + 1);
      Value value;
      if (!in.empty() && in[0] == '"') {
        const auto quote = in.find('"', 1);
        if (quote == std::string_view::npos) {
          fault("a quote without end");
          break;
        }
        value = {std::string(in.substr(1, quote - 1)), true};
        in.remove_prefix(quote + 1);
      } else {
        const auto comma = in.find(',');
        value.text = in.substr(0, comma);
        if (value.text.empty() || value.text.find_first_of("\" \t") != std::string::npos) {
          fault("attribute " + name + " has a value that must be in quotes");
        }
        in.remove_prefix(comma == std::string_view::npos ? in.size() : comma);
      }
      if (!out.values.emplace(name, std::move(value)).second) fault("attribute " + name + " twice");
      if (in.empty()) break;
      if (in[0] != ',') fault("no comma between attributes");
      in.remove_prefix(1);
      if (in.empty()) fault("a comma at the end of attributes");
    }
    out.check_kinds(fault);
    return out;
  }
  template <class Fault>
  std::string need(const std::string& name, Fault fault) const {
    if (!has(name)) fault("attribute " + name + " is missing");
    return text(name);
  }
  template <class Fault>
  void one_of(const std::string& name, std::initializer_list<std::string_view> allowed, Fault fault) const {
    if (has(name) && std::find(allowed.begin(), allowed.end(), text(name)) == allowed.end()) {
      fault(name + " is none of its values: " + text(name));
    }
  }

 private:
  // Which are strings in quotes, which are not, in every tag that has them.
  template <class Fault>
  void check_kinds(Fault fault) const {
    static constexpr std::string_view strings[] = {"URI",   "GROUP-ID",   "NAME",     "LANGUAGE",    "CODECS",
                                                   "AUDIO", "SUBTITLES",  "CHANNELS", "INSTREAM-ID", "ID",
                                                   "CLASS", "START-DATE", "END-DATE", "KEYFORMAT",   "ASSOC-LANGUAGE"};
    static constexpr std::string_view bare[] = {"METHOD",
                                                "IV",
                                                "DURATION",
                                                "BANDWIDTH",
                                                "AVERAGE-BANDWIDTH",
                                                "RESOLUTION",
                                                "FRAME-RATE",
                                                "TYPE",
                                                "DEFAULT",
                                                "AUTOSELECT",
                                                "FORCED",
                                                "INDEPENDENT",
                                                "GAP",
                                                "VIDEO-RANGE",
                                                "PART-TARGET",
                                                "LAST-MSN",
                                                "LAST-PART",
                                                "HOLD-BACK",
                                                "PART-HOLD-BACK",
                                                "CAN-SKIP-UNTIL",
                                                "CAN-BLOCK-RELOAD",
                                                "SKIPPED-SEGMENTS",
                                                "TIME-OFFSET",
                                                "PLANNED-DURATION",
                                                "END-ON-NEXT",
                                                "HDCP-LEVEL"};
    for (const auto& [name, value] : values) {
      const bool is_string = std::find(std::begin(strings), std::end(strings), name) != std::end(strings);
      const bool is_bare = std::find(std::begin(bare), std::end(bare), name) != std::end(bare);
      if (is_string && !value.quoted) fault("attribute " + name + " is not in quotes");
      if (is_bare && value.quoted) fault("attribute " + name + " is in quotes");
    }
  }
};

inline bool all_of_kind(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}
inline bool is_integer(std::string_view text) { return all_of_kind(text, "0123456789") && text.size() <= 20; }
inline bool is_decimal(std::string_view text) {
  return all_of_kind(text, "0123456789.") && std::count(text.begin(), text.end(), '.') <= 1 && text.front() != '.';
}
// 4.1: UTF-8 without byte order mark and control characters.
inline std::string fault_of_text(std::string_view text) {
  if (text.substr(0, 3) == "\xef\xbb\xbf") return "a byte order mark";
  int more = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (more > 0) {
      if ((byte & 0xc0) != 0x80) return "not UTF-8";
      --more;
    } else if (byte < 0x80) {
      if ((byte < 0x20 && c != '\n' && c != '\r') || byte == 0x7f) return "a control character";
    } else {
      more = (byte & 0xe0) == 0xc0 ? 1 : (byte & 0xf0) == 0xe0 ? 2 : (byte & 0xf8) == 0xf0 ? 3 : -1;
      if (more < 0) return "not UTF-8";
    }
  }
  return more == 0 ? "" : "not UTF-8";
}
// 4.4.4.6: milliseconds since 1970, -1 if it is no date with its time and zone.
long long parse_date_time(std::string_view text);

}  // namespace weir::test
