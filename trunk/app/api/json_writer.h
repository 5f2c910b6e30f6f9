#pragma once

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::api {

// Writes JSON text as it goes, for long lists: about a tenth of what a tree of values costs. Members stand in the order
// of the calls. Whoever uses it keeps begin and end in pairs. Text that is not UTF-8 becomes U+FFFD.
class JsonWriter {
 public:
  // The name is given inside an object, and left out inside an array.
  JsonWriter& begin_object(std::string_view name = {}) { return begin(name, '{'); }
  JsonWriter& begin_array(std::string_view name = {}) { return begin(name, '['); }
  JsonWriter& end_object() { return end('}'); }
  JsonWriter& end_array() { return end(']'); }

  JsonWriter& null(std::string_view name);
  JsonWriter& field(std::string_view name, std::string_view value);
  JsonWriter& field(std::string_view name, double value);  // finite; three digits behind the point
  template <class T>
    requires std::same_as<T, bool>
  JsonWriter& field(std::string_view name, T value) {
    return literal(name, value ? "true" : "false");
  }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  JsonWriter& field(std::string_view name, T value) {
    return literal(name, std::to_string(value));
  }

  std::string_view text() const { return {text_.data(), text_.size()}; }

 private:
  JsonWriter& begin(std::string_view name, char bracket);
  JsonWriter& end(char bracket);
  JsonWriter& literal(std::string_view name, std::string_view value);
  void separate(std::string_view name);
  void append(std::string_view text) { text_.append(text); }

  fmt::memory_buffer text_;
};

}  // namespace weir::api
