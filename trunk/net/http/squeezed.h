#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"

namespace weir::http {

// Whether files of that type shrink, and are worth the while: text of a kilobyte to two megabytes.
bool is_squeezable(std::string_view type, std::uint64_t size_bytes);
// "main.0123456789abcdef.js": sixteen or more small hexadecimal digits before the extension are a digest of the
// content, which therefore never changes under this name.
bool is_named_by_content(std::string_view path);

// Files as gzip has them, by their ETag, so that each is squeezed once and not for each visitor. On one worker; owned
// by the StaticFiles that fills it.
class SqueezedFiles {
 public:
  static constexpr std::size_t most_bytes = 4 * 1024 * 1024;  // beyond, all are forgotten

  // Empty: it is not kept.
  base::SharedBytes find(const std::string& etag) const;
  void keep(const std::string& etag, base::SharedBytes bytes);

 private:
  std::unordered_map<std::string, base::SharedBytes> files_;
  std::size_t bytes_ = 0;
};

}  // namespace weir::http
