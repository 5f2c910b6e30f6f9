#include "main/check_text.h"

#include <algorithm>
#include <array>

namespace weir::server {

namespace {

constexpr std::string_view text_name = "the text";

bool tells_secret(std::string_view variable) {
  static constexpr std::array<std::string_view, 6> words{"PASS", "SECRET", "KEY", "TOKEN", "CREDENTIAL", "USERNAME"};
  return std::ranges::any_of(words,
                             [&](std::string_view word) { return variable.find(word) != std::string_view::npos; });
}

}  // namespace

CheckedText check_text(const std::string& text, const config::Surroundings& surroundings) {
  CheckedText checked;
  config::Surroundings narrow;
  narrow.in_docker = surroundings.in_docker;
  narrow.max_open_files = surroundings.max_open_files;
  narrow.local_addresses = surroundings.local_addresses;
  for (const auto& [name, value] : surroundings.environment) {
    const bool setting = name.starts_with("SRS_") && !tells_secret(name);
    narrow.environment.emplace(name, setting ? value : std::string());
  }
  narrow.read_file = [&checked](const std::string&) -> base::Result<std::string> {
    ++checked.unread;
    return std::string();
  };
  // Nor does anybody learn here which names lead to what.
  narrow.look_up = [](const std::string&) { return std::vector<std::string>{"127.0.0.1"}; };
  checked.report = config::load_text(std::string(text_name), text, narrow);
  return checked;
}

}  // namespace weir::server
