#include "app/overlay/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "base/scope_exit.h"
#include "config/overlay.h"

namespace weir::overlay {

using base::ErrorCode;
using base::Result;

namespace {

constexpr int owner_alone = 0600;

ErrorCode error_of(int number) { return {number, boost::system::system_category()}; }

Result<std::string> read_all(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return base::last_error();
  const base::ScopeExit closed([&] { ::close(descriptor); });
  struct stat info{};
  if (::fstat(descriptor, &info) != 0) return base::last_error();
  if (!S_ISREG(info.st_mode)) return error_of(EINVAL);
  std::string text;
  std::array<char, 16 * 1024> room;
  for (ssize_t count = 0; (count = ::read(descriptor, room.data(), room.size())) != 0;) {
    if (count < 0) return base::last_error();
    text.append(room.data(), static_cast<std::size_t>(count));
    if (text.size() > config::largest_overlay) return error_of(EFBIG);
  }
  return text;
}

// rename(2) would put the file in the place of a link, and whoever made the link would wonder.
Result<void> refuse_link(const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return errno == ENOENT ? Result<void>() : base::last_error();
  return S_ISLNK(info.st_mode) ? error_of(ELOOP) : Result<void>();
}

}  // namespace

Result<std::size_t> File::write_some(int descriptor, std::string_view text) {
  const ssize_t count = ::write(descriptor, text.data(), text.size());
  if (count < 0) return base::last_error();
  return static_cast<std::size_t>(count);
}

Result<std::string> File::read() const {
  auto text = read_all(path_);
  if (!text && text.error() == error_of(ENOENT)) return std::string();
  return text;
}

Result<std::string> File::read_before() const { return read_all(before()); }

// What an earlier attempt left is removed: nobody else makes files of this name.
Result<void> File::write_new(const std::string& path, std::string_view text) const {
  ::unlink(path.c_str());
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, owner_alone);
  if (descriptor < 0) return base::last_error();
  base::ScopeExit closed([&] { ::close(descriptor); });
  while (!text.empty()) {
    TRY(const std::size_t count, write_(descriptor, text));
    if (count == 0) return error_of(ENOSPC);
    text.remove_prefix(count);
  }
  if (::fsync(descriptor) != 0) return base::last_error();
  return {};
}

Result<void> File::sync_folder() const {
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return base::last_error();
  const base::ScopeExit closed([&] { ::close(descriptor); });
  return ::fsync(descriptor) == 0 ? Result<void>() : base::last_error();
}

Result<void> File::replace(std::string_view text) const {
  TRY_VOID(refuse_link(path_));
  TRY_VOID(refuse_link(before()));
  TRY(const std::string old, read());
  const std::string next = path_ + ".new", kept = path_ + ".keep";
  const base::ScopeExit tidy([&] {
    ::unlink(next.c_str());
    ::unlink(kept.c_str());
  });
  TRY_VOID(write_new(next, text));
  TRY_VOID(write_new(kept, old));
  if (::rename(kept.c_str(), before().c_str()) != 0 || ::rename(next.c_str(), path_.c_str()) != 0)
    return base::last_error();
  (void)sync_folder();  // the file is in place: what a crash may still undo is not worth a refusal
  return {};
}

Result<void> File::undo() const {
  TRY_VOID(refuse_link(path_));
  TRY_VOID(refuse_link(before()));
  if (::rename(before().c_str(), path_.c_str()) != 0) return base::last_error();
  (void)sync_folder();
  return {};
}

bool is_full(const ErrorCode& why) {
  return why == error_of(ENOSPC) || why == error_of(EDQUOT) || why == error_of(EFBIG);
}

}  // namespace weir::overlay
