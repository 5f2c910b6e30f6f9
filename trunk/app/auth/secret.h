#pragma once

#include <chrono>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"

namespace weir::auth {

// Keys, from the configuration (and so from the environment) or from files. A file is looked at once a second at most
// and read again when it changed, so that a key can be replaced without a reload. On one worker.
class Secrets {
 public:
  // The key: that of `file` without white space at its ends, or `text` if `file` is empty. An error of the system, or
  // file_too_large; then nothing may be trusted or signed.
  base::Result<std::string> key(const std::string& text, const std::string& file);

 private:
  struct File {
    base::Result<std::string> content = std::string();
    std::string stamp;  // time and size when it was read
    std::chrono::steady_clock::time_point next_look{};
  };
  std::unordered_map<std::string, File> files_;
};

}  // namespace weir::auth
