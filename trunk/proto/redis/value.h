#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::redis {

// One value of RESP 3. What differs only for a person who reads it is the same here: simple and bulk strings, lists,
// sets and maps (whose keys and values follow one another), numbers with a point and large ones (their text).
struct Value {
  enum class Kind : std::uint8_t { null, text, error, integer, boolean, list, push };
  Kind kind = Kind::null;
  std::string text;          // of text and error
  std::int64_t integer = 0;  // of integer and boolean
  std::vector<Value> items;  // of list and push

  bool is_text(std::string_view what) const { return kind == Kind::text && text == what; }
  bool is_error() const { return kind == Kind::error; }
};

}  // namespace weir::redis
