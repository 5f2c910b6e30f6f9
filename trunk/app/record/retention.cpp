#include "app/record/retention.h"

#include <algorithm>
#include <filesystem>

#include "app/record/path.h"

namespace weir::record {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Wall = std::chrono::system_clock;

namespace {

constexpr int deepest = 16;
constexpr std::size_t most_faults = 5;
constexpr auto largest_drift = 10min;  // between two looks: more is a jump
constexpr auto distrust = 1h;          // after a jump

// By what path_template and the directory walk have in common: "./a/b" and "a/b" name the same file.
std::string plain(const std::string& path) { return fs::path(path).lexically_normal().string(); }

}  // namespace

std::vector<Recorded> find_recordings(const std::string& path_template, std::size_t most, std::string_view suffix) {
  std::vector<Recorded> found;
  const std::string pattern = plain(path_template);
  std::error_code failure;
  fs::recursive_directory_iterator at(fixed_folder(pattern), fs::directory_options::skip_permission_denied, failure);
  for (const fs::recursive_directory_iterator end; !failure && at != end && found.size() < most;
       at.increment(failure)) {
    if (at.depth() >= deepest) at.disable_recursion_pending();
    std::error_code ignored;
    if (at->is_symlink(ignored) || !at->is_regular_file(ignored)) continue;
    const std::string path = at->path().lexically_normal().string();
    if (!path.ends_with(suffix) ||
        !may_come_from(pattern, std::string_view(path).substr(0, path.size() - suffix.size()))) {
      continue;
    }
    const auto modified = at->last_write_time(ignored);
    const auto bytes = at->file_size(ignored);
    if (ignored) continue;  // gone meanwhile
    found.push_back({path, std::chrono::file_clock::to_sys(modified), bytes});
  }
  return found;
}

std::vector<Recorded> to_remove(const RetentionRule& rule, std::vector<Recorded> files, Wall::time_point now) {
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.modified < b.modified; });
  std::uint64_t total = 0;
  for (const Recorded& file : files) total += file.bytes;
  std::vector<Recorded> out;
  for (Recorded& file : files) {
    const bool old = rule.age > 0ms && now - file.modified > rule.age;
    const bool much = rule.bytes > 0 && total > rule.bytes;
    if (!old && !much) continue;
    total -= file.bytes;
    out.push_back(std::move(file));
  }
  return out;
}

bool ClockWatch::steady(Wall::time_point wall, std::chrono::steady_clock::time_point now) {
  const auto distance = std::chrono::nanoseconds(wall.time_since_epoch()) - now.time_since_epoch();
  const auto drift = distance > distance_ ? distance - distance_ : distance_ - distance;
  if (known_ && drift > largest_drift) trusted_from_ = now + distrust;
  known_ = true;
  distance_ = distance;
  return now >= trusted_from_;
}

Removal remove_expired(const RetentionRule& rule) {
  Removal done;
  for (const Recorded& file : to_remove(rule, find_recordings(rule.path_template), Wall::now())) {
    std::error_code failure;
    if (fs::remove(file.path, failure)) {
      ++done.files;
      done.bytes += file.bytes;
    } else if (failure && done.faults.size() < most_faults) {
      done.faults.push_back(file.path + ": " + failure.message());
    }
  }
  return done;
}

}  // namespace weir::record
