#include "app/api/json_writer.h"

#include "base/log_line.h"

namespace weir::api {

void JsonWriter::separate(std::string_view name) {
  const char last = text_.size() > 0 ? text_[text_.size() - 1] : '{';
  if (last != '{' && last != '[') append(",");
  if (name.empty()) return;
  append("\"");
  append(name);
  append("\":");
}

JsonWriter& JsonWriter::literal(std::string_view name, std::string_view value) {
  separate(name);
  append(value);
  return *this;
}

JsonWriter& JsonWriter::begin(std::string_view name, char bracket) { return literal(name, {&bracket, 1}); }

JsonWriter& JsonWriter::end(char bracket) {
  text_.push_back(bracket);
  return *this;
}

JsonWriter& JsonWriter::null(std::string_view name) { return literal(name, "null"); }

JsonWriter& JsonWriter::field(std::string_view name, std::string_view value) {
  separate(name);
  append("\"");
  log::append_json_escaped(value, text_);
  append("\"");
  return *this;
}

JsonWriter& JsonWriter::field(std::string_view name, double value) {
  separate(name);
  fmt::format_to(std::back_inserter(text_), "{:.3f}", value);
  return *this;
}

}  // namespace weir::api
