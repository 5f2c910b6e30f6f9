#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/endpoint.h"

namespace weir::config {

enum class Kind : std::uint8_t {
  flag_off,  // off unless it says "on"
  flag_on,   // on unless it says "off"
  integer,
  number,
  duration,  // milliseconds inside; `unit_ms` is that of a bare number
  bytes,
  text,
  words,
  choice,
  endpoints,
  ranges,   // of addresses
  ignored,  // whatever stands there
  special,  // read by a function of its own, as often as it is written
  block,
};

// What to do with a number out of range.
enum class Outside : std::uint8_t { refuse, clamp, use_default };

// How the words of a directive become a value, and which values are good.
struct Type {
  Kind kind = Kind::text;
  double least = 0;  // in the unit of `kind`
  double most = 0;
  Outside outside = Outside::refuse;
  std::int64_t unit_ms = 1;
  bool whole = false;          // a fraction is dropped, as SRS does there
  bool guards = false;         // of a flag: another word than on and off is refused, where SRS reads it as one of them
  std::string_view choices{};  // separated by spaces; the value is the index

  constexpr Type clamped() const { return with(Outside::clamp); }
  constexpr Type or_default() const { return with(Outside::use_default); }
  constexpr Type guarding() const {
    Type changed = *this;
    changed.guards = true;
    return changed;
  }
  constexpr Type with(Outside what) const {
    Type changed = *this;
    changed.outside = what;
    return changed;
  }
};

struct Value {
  std::int64_t integer = 0;  // also a flag, milliseconds, bytes, an index of a choice
  double number = 0;
  std::vector<std::string> words{};
  std::vector<Endpoint> endpoints{};
  std::vector<AddressRange> ranges{};
};

struct Reading {
  std::optional<Value> value{};  // none: the default is used
  std::string error{};
  std::string warning{};
};

Reading read_value(const Type& type, const std::vector<std::string>& words);
std::vector<std::string> split_words(std::string_view text);  // at spaces, without empty ones
std::string join_words(const std::vector<std::string>& words);
// "on or off", "a number from 1 to 5", ...; for messages and the reference.
std::string describe(const Type& type);

}  // namespace weir::config
