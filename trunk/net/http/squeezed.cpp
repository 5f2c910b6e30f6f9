#include "net/http/squeezed.h"

#include <algorithm>

namespace weir::http {

bool is_squeezable(std::string_view type, std::uint64_t size_bytes) {
  constexpr std::uint64_t least = 1024, most = 2 * 1024 * 1024;
  if (size_bytes < least || size_bytes > most) return false;
  return type.starts_with("text/") || type == "application/json" || type == "image/svg+xml" ||
         type == "application/wasm" || type == "application/manifest+json";
}

bool is_named_by_content(std::string_view path) {
  constexpr std::size_t least_digits = 16;
  const std::size_t end = path.rfind('.');
  if (end == std::string_view::npos || path.find('/', end) != std::string_view::npos) return false;
  const std::string_view before = path.substr(0, end);
  const std::size_t begin = before.find_last_of(".-/");
  if (begin == std::string_view::npos || before[begin] == '/') return false;
  const std::string_view digest = before.substr(begin + 1);
  const auto is_digit = [](char one) { return (one >= '0' && one <= '9') || (one >= 'a' && one <= 'f'); };
  return digest.size() >= least_digits && std::ranges::all_of(digest, is_digit);
}

base::SharedBytes SqueezedFiles::find(const std::string& etag) const {
  const auto found = files_.find(etag);
  return found == files_.end() ? base::SharedBytes() : found->second;
}

void SqueezedFiles::keep(const std::string& etag, base::SharedBytes bytes) {
  if (bytes.size() > most_bytes) return;
  if (bytes_ + bytes.size() > most_bytes) {
    files_.clear();
    bytes_ = 0;
  }
  const auto [place, is_new] = files_.try_emplace(etag, bytes);
  if (is_new) bytes_ += bytes.size();
}

}  // namespace weir::http
