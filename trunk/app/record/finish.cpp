#include "app/record/finish.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "app/record/error.h"
#include "app/record/flv_index.h"
#include "app/record/path.h"
#include "base/bytes.h"
#include "format/mp4/reader.h"
#include "net/http/file_mark.h"

namespace weir::record {

using base::Result;

namespace {

constexpr std::size_t piece_bytes = 1024 * 1024;
constexpr unsigned most_free_names = 100;
constexpr auto longest_told = std::chrono::hours(24 * 366);

// An open file that is closed with its scope.
class Descriptor {
 public:
  Descriptor(const std::string& path, int flags)
      : number_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0644)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

base::Ticks duration_of(const mp4::Movie& movie) {
  std::chrono::duration<double> longest{};
  for (const mp4::MovieTrack& track : movie.tracks) {
    if (track.samples.empty()) continue;
    const auto ticks = static_cast<double>(track.samples.back().dts - track.samples.front().dts) +
                       static_cast<double>(track.samples.back().duration);
    longest = std::max(longest, std::chrono::duration<double>(ticks / track.head.timescale));
  }
  return std::chrono::duration_cast<base::Ticks>(std::min<std::chrono::duration<double>>(longest, longest_told));
}

Result<Rearranged> plan_tables(int file) {
  mp4::Reader reader;
  base::Buffer piece(piece_bytes);
  for (;;) {
    const ssize_t count = ::read(file, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::last_error();
    if (count == 0) break;
    TRY_VOID(reader.input(piece.bytes().first(static_cast<std::size_t>(count))));
  }
  TRY(mp4::Movie movie, reader.finish());
  const base::Ticks duration = duration_of(movie);
  TRY(mp4::FastStart start, mp4::plan_fast_start(std::move(movie)));
  return Rearranged{std::move(start.head), std::move(start.ranges), duration};
}

Result<void> write_all(int file, base::Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::last_error();
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> copy(int from, const mp4::Range& range, int to) {
  base::Buffer piece;
  off_t at = static_cast<off_t>(range.offset);
  for (std::uint64_t left = range.size; left > 0;) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, piece_bytes)));
    const ssize_t count = ::pread(from, piece.data(), piece.size(), at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::last_error();
    if (count == 0) return mp4::Errc::truncated;
    TRY_VOID(write_all(to, piece.bytes().first(static_cast<std::size_t>(count))));
    at += count;
    left -= static_cast<std::uint64_t>(count);
  }
  return {};
}

Result<void> write_plan(int from, const Rearranged& start, int to) {
  (void)http::write_mark(to, http::read_mark(from));
  TRY_VOID(write_all(to, start.head));
  for (const mp4::Range& range : start.ranges) TRY_VOID(copy(from, range, to));
  return {};
}

Result<base::Ticks> rearrange(const std::string& from, const std::string& to, Result<Rearranged> (*plan)(int)) {
  const Descriptor in(from, O_RDONLY);
  if (!in) return base::last_error();
  TRY(const Rearranged start, plan(in.number()));
  const Descriptor out(to, O_WRONLY | O_CREAT | O_TRUNC);
  if (!out) return base::last_error();
  if (const auto written = write_plan(in.number(), start, out.number()); !written) {
    ::unlink(to.c_str());
    return written.error();
  }
  return start.duration;
}

}  // namespace

Result<std::string> rename_to_free_name(const std::string& from, const std::string& wanted) {
  for (unsigned number = 0; number < most_free_names; ++number) {
    std::string path = number == 0 ? wanted : numbered(wanted, number);
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return path;
    if (errno == EEXIST) continue;
    if (errno != EINVAL && errno != ENOSYS) return base::last_error();
    // A file system that cannot rename without replacing.
    struct stat facts{};
    if (::lstat(path.c_str(), &facts) == 0) continue;
    if (::rename(from.c_str(), path.c_str()) == 0) return path;
    return base::last_error();
  }
  return Errc::no_free_name;
}

Result<base::Ticks> write_tables_first(const std::string& from, const std::string& to) {
  return rearrange(from, to, plan_tables);
}

Result<base::Ticks> write_index_first(const std::string& from, const std::string& to) {
  return rearrange(from, to, plan_flv_index);
}

}  // namespace weir::record
