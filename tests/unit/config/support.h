#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>

#include "config/load.h"
#include "support/catch.h"

namespace weir::test {

// Loads text in a world without files; "listen 1935;" is put behind it unless `text` begins
// with a listen of its own.
inline config::Report load(std::string_view text, config::Environment environment = {}) {
  config::Surroundings surroundings;
  surroundings.environment = std::move(environment);
  surroundings.read_file = [](const std::string&) -> base::Result<std::string> {
    return boost::system::errc::make_error_code(boost::system::errc::no_such_file_or_directory);
  };
  surroundings.look_up = [](const std::string&) { return std::vector<std::string>(); };  // nobody is asked
  std::string whole(text);
  if (!text.starts_with("listen ") && !text.starts_with("rtmp ")) whole += "\nlisten 1935;\n";
  return config::load_text("t.conf", whole, surroundings);
}

inline std::string all(const std::vector<config::Problem>& problems) {
  std::string text;
  for (const auto& problem : problems) text += problem.text() + "\n";
  return text;
}

// The configuration, which must have loaded without errors.
inline std::shared_ptr<const config::Config> good(const config::Report& report) {
  INFO(all(report.errors));
  REQUIRE(report.config);
  return report.config;
}

// Files by path.
using Files = std::map<std::string, std::string>;
inline config::ReadFile reader(Files files) {
  return [files = std::move(files)](const std::string& path) -> base::Result<std::string> {
    const auto found = files.find(path);
    if (found == files.end())
      return boost::system::errc::make_error_code(boost::system::errc::no_such_file_or_directory);
    return found->second;
  };
}

}  // namespace weir::test
