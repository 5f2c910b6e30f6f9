#include "format/amf0/json.h"

#include <fmt/format.h>

#include <cmath>

#include "base/log_line.h"

namespace weir::amf0 {
namespace {

constexpr double largest_whole = 9'007'199'254'740'992;  // 2^53: up to here each whole number is one

void append_text(std::string_view text, fmt::memory_buffer& out) {
  out.push_back('"');
  log::append_json_escaped(text, out);
  out.push_back('"');
}

void append_number(double number, fmt::memory_buffer& out) {
  if (!std::isfinite(number)) {
    fmt::format_to(fmt::appender(out), "null");
  } else if (std::trunc(number) == number && std::abs(number) <= largest_whole) {
    fmt::format_to(fmt::appender(out), "{}", static_cast<std::int64_t>(number));
  } else {
    fmt::format_to(fmt::appender(out), "{}", number);
  }
}

// As deep as the reader lets a value be.
void append(const Value& value, fmt::memory_buffer& out) {
  if (value.has_properties()) {
    out.push_back('{');
    for (const Property& property : value.properties()) {
      if (&property != &value.properties().front()) out.push_back(',');
      append_text(property.name, out);
      out.push_back(':');
      append(property.value, out);
    }
    out.push_back('}');
    return;
  }
  switch (value.type()) {
    case Type::number:
    case Type::date:
      return append_number(value.as_number(), out);
    case Type::boolean:
      fmt::format_to(fmt::appender(out), "{}", value.as_boolean());
      return;
    case Type::string:
    case Type::long_string:
    case Type::xml:
      return append_text(value.as_text(), out);
    case Type::strict_array:
      out.push_back('[');
      for (const Value& element : value.elements()) {
        if (&element != &value.elements().front()) out.push_back(',');
        append(element, out);
      }
      out.push_back(']');
      return;
    default:
      fmt::format_to(fmt::appender(out), "null");
  }
}

}  // namespace

std::string to_json(const Value& value) {
  fmt::memory_buffer out;
  append(value, out);
  return fmt::to_string(out);
}

}  // namespace weir::amf0
