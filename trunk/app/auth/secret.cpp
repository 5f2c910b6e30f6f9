#include "app/auth/secret.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "base/text.h"

namespace weir::auth {

using namespace std::chrono_literals;
using base::Result;

namespace {

constexpr off_t most_bytes = 64 * 1024;

Result<std::string> read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return base::last_error();
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  const std::string_view key = base::trim(content);
  if (key.empty()) return make_error_code(boost::system::errc::no_message);
  return std::string(key);
}

}  // namespace

Result<std::string> Secrets::key(const std::string& text, const std::string& file) {
  if (file.empty()) return text;
  File& known = files_[file];
  const auto now = std::chrono::steady_clock::now();
  if (now < known.next_look) return known.content;
  known.next_look = now + 1s;
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) {
    known.stamp.clear();
    return known.content = base::last_error();
  }
  std::string stamp = fmt::format("{}.{}/{}", status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size);
  if (stamp == known.stamp) return known.content;
  known.stamp = std::move(stamp);
  if (status.st_size > most_bytes) return known.content = make_error_code(boost::system::errc::file_too_large);
  return known.content = read(file);
}

}  // namespace weir::auth
