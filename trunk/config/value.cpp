#include "config/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace weir::config {
namespace {

struct Unit {
  std::string_view suffix;
  double factor;
};
constexpr std::array time_units{Unit{"ms", 1}, Unit{"s", 1e3}, Unit{"m", 60e3}, Unit{"h", 3600e3}, Unit{"d", 86400e3}};
constexpr std::array byte_units{Unit{"k", 1 << 10}, Unit{"m", 1 << 20}, Unit{"g", 1 << 30},
                                Unit{"K", 1 << 10}, Unit{"M", 1 << 20}, Unit{"G", 1 << 30}};

// A decimal number with an optional unit; `bare` is the factor of a number without one.
template <std::size_t N>
std::optional<double> scaled_number(std::string_view text, const std::array<Unit, N>& units, double bare) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (suffix.empty()) return value * bare;
  for (const Unit& unit : units) {
    if (unit.suffix == suffix) return value * unit.factor;
  }
  return std::nullopt;
}

std::optional<double> number_of(const Type& type, std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (type.kind == Kind::duration) return scaled_number(text, time_units, static_cast<double>(type.unit_ms));
  if (type.kind == Kind::bytes) return scaled_number(text, byte_units, 1);
  return scaled_number(text, std::array<Unit, 0>{}, 1);
}

std::string amount(const Type& type, double value) {
  if (type.kind == Kind::duration) {
    return value < 1000 ? fmt::format("{} ms", value) : fmt::format("{} s", value / 1000);
  }
  return fmt::format("{}", value);
}

Reading read_number(const Type& type, const std::string& word) {
  Reading reading;
  auto number = number_of(type, word);
  if (!number) {
    reading.error = fmt::format("'{}' is not {}", word, describe(type));
    return reading;
  }
  const double step = type.kind == Kind::duration && type.whole ? static_cast<double>(type.unit_ms) : 1;
  const bool whole = type.whole || type.kind == Kind::integer || type.kind == Kind::bytes;
  if (const double rounded = std::trunc(*number / step) * step; whole && rounded != *number) {
    reading.warning = fmt::format("the fraction of '{}' is dropped", word);
    *number = rounded;
  }
  if (*number < type.least || *number > type.most) {
    auto message = fmt::format("'{}' is not {}", word, describe(type));
    if (type.outside == Outside::refuse) {
      reading.error = std::move(message);
      return reading;
    }
    if (type.outside == Outside::use_default) {
      reading.warning = message + "; the default is used";
      return reading;
    }
    *number = std::clamp(*number, type.least, type.most);
    reading.warning = message + fmt::format("; {} is used", amount(type, *number));
  }
  reading.value = Value{.integer = static_cast<std::int64_t>(std::llround(*number)), .number = *number};
  return reading;
}

Reading read_flag(const Type& type, const std::string& word) {
  const bool unless_off = type.kind == Kind::flag_on;
  Reading reading;
  const bool on = unless_off ? word != "off" : word == "on";
  reading.value = Value{.integer = on};
  // SRS takes any other word for one of the two without a sound.
  if (word != "on" && word != "off") {
    if (type.guards) {
      reading.error = fmt::format("'{}' is neither on nor off", word);
      return reading;
    }
    reading.warning = fmt::format("'{}' is neither on nor off; it is read as {}", word, on ? "on" : "off");
  }
  return reading;
}

Reading read_choice(const Type& type, const std::string& word) {
  const auto choices = split_words(type.choices);
  const auto found = std::find(choices.begin(), choices.end(), word);
  Reading reading;
  if (found == choices.end()) {
    reading.error = fmt::format("'{}' is not {}", word, describe(type));
  } else {
    reading.value = Value{.integer = found - choices.begin(), .words = {word}};
  }
  return reading;
}

std::string_view describe_item(Kind kind) {
  return kind == Kind::endpoints ? "a port, or an address with a port ('10.0.0.1:1935', '[::]:1935', 'localhost:1935')"
                                 : "an address, a CIDR block or 'all'";
}

template <class T, class Parse>
std::string read_each(const std::vector<std::string>& words, const Type& type, std::vector<T>& into, Parse parse) {
  for (const std::string& word : words) {
    if (word.empty()) continue;  // "" says that the list is empty
    auto one = parse(word);
    if (!one) return fmt::format("'{}' is not {}", word, describe_item(type.kind));
    into.push_back(*std::move(one));
  }
  return {};
}

Reading read_list(const Type& type, const std::vector<std::string>& words) {
  Reading reading;
  Value value;
  if (type.kind == Kind::endpoints) {
    reading.error = read_each(words, type, value.endpoints, parse_endpoint);
  } else if (type.kind == Kind::ranges) {
    reading.error = read_each(words, type, value.ranges, AddressRange::parse);
  } else {
    std::copy_if(words.begin(), words.end(), std::back_inserter(value.words), [](const auto& w) { return !w.empty(); });
  }
  if (reading.error.empty()) reading.value = std::move(value);
  return reading;
}

}  // namespace

Reading read_value(const Type& type, const std::vector<std::string>& words) {
  switch (type.kind) {
    case Kind::words:
    case Kind::endpoints:
    case Kind::ranges:
      return read_list(type, words);
    case Kind::ignored:
    case Kind::special:
    case Kind::block:
      return {};
    default:
      break;
  }
  const bool is_text = type.kind == Kind::text;
  if (words.empty() || (words.front().empty() && !is_text)) {
    return {.warning = is_text ? "" : "no value is given; the default is used"};
  }
  const std::string& word = words.front();
  Reading reading;
  switch (type.kind) {
    case Kind::flag_off:
      reading = read_flag(type, word);
      break;
    case Kind::flag_on:
      reading = read_flag(type, word);
      break;
    case Kind::choice:
      reading = read_choice(type, word);
      break;
    case Kind::text:
      reading.value = Value{.words = {word}};
      break;
    default:
      reading = read_number(type, word);
      break;
  }
  if (words.size() > 1 && reading.warning.empty()) {
    reading.warning = fmt::format("only one value is taken; '{}' is ignored", words[1]);
  }
  return reading;
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto space = std::min(text.find(' '), text.size());
    if (space > 0) words.emplace_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return words;
}

std::string join_words(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " ")); }

std::string describe(const Type& type) {
  switch (type.kind) {
    case Kind::flag_off:
    case Kind::flag_on:
      return "on or off";
    case Kind::integer:
      return fmt::format("a whole number from {:.0f} to {:.0f}", type.least, type.most);
    case Kind::number:
      return fmt::format("a number from {} to {}", type.least, type.most);
    case Kind::duration:
      return fmt::format("a time from {} to {} ({} unless it ends in ms, s, m, h or d)", amount(type, type.least),
                         amount(type, type.most), type.unit_ms == 1 ? "milliseconds" : "seconds");
    case Kind::bytes:
      return fmt::format("a size from {:.0f} to {:.0f} bytes (k, m, g may follow)", type.least, type.most);
    case Kind::text:
      return "text";
    case Kind::words:
      return "a list of words";
    case Kind::choice:
      return fmt::format("one of: {}", fmt::join(split_words(type.choices), ", "));
    case Kind::endpoints:
      return "one or more of [address:]port, an IPv6 address in brackets";
    case Kind::ranges:
      return "a list of addresses, CIDR blocks or 'all'";
    case Kind::ignored:
      return "anything";
    case Kind::special:
      return "several words";
    case Kind::block:
      return "a block";
  }
  return {};
}

}  // namespace weir::config
