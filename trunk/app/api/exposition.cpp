#include "app/api/exposition.h"

#include <fmt/format.h>

namespace weir::api {

void Exposition::metric(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void Exposition::begin_sample(Labels labels) {
  text_ += name_;
  char before = '{';
  for (const auto& [name, value] : labels) {
    if (value.empty()) continue;
    text_.append(1, before).append(name).append("=\"");
    for (const char c : value) {
      // Stream names come from outside; what would end the value or the line is escaped, other control bytes are left
      // out.
      if (c == '\\' || c == '"') {
        text_.append(1, '\\').append(1, c);
      } else if (c == '\n') {
        text_ += "\\n";
      } else if (static_cast<unsigned char>(c) >= 0x20) {
        text_ += c;
      }
    }
    text_ += '"';
    before = ',';
  }
  text_ += before == ',' ? "} " : " ";
}

void Exposition::sample(double value, Labels labels) {
  begin_sample(labels);
  fmt::format_to(std::back_inserter(text_), "{:.10g}\n", value);
}

void Exposition::sample(std::uint64_t value, Labels labels) {
  begin_sample(labels);
  fmt::format_to(std::back_inserter(text_), "{}\n", value);
}

}  // namespace weir::api
