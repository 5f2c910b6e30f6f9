#include "app/overlay/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/own_file.h"
#include "base/scope_exit.h"
#include "config/overlay.h"

namespace weir::overlay {

using base::ErrorCode;
using base::Result;

namespace {

constexpr mode_t owner_alone = 0600, of_group = 0070, all_rights = 0777;

ErrorCode error_of(int number) { return {number, boost::system::system_category()}; }

// The folder of the file, for as long as something is done in it: whoever moves folders about moves nothing under us.
class Folder {
 public:
  static Result<Folder> of(const std::string& path) {
    TRY(const int descriptor, base::open_folder_of(path));
    return Folder(descriptor);
  }
  explicit Folder(int descriptor) : descriptor_(descriptor) {}
  Folder(Folder&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Folder& operator=(Folder&&) = delete;
  ~Folder() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  int descriptor() const { return descriptor_; }
  void remove(const std::string& name) const { ::unlinkat(descriptor_, name.c_str(), 0); }
  Result<void> rename(const std::string& from, const std::string& to) const {
    const bool good = ::renameat(descriptor_, from.c_str(), descriptor_, to.c_str()) == 0;
    return good ? Result<void>() : base::last_error();
  }
  // rename(2) would put the file in the place of a link, and whoever made the link would wonder.
  Result<void> refuse_link(const std::string& name) const {
    struct stat info{};
    if (::fstatat(descriptor_, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
      return errno == ENOENT ? Result<void>() : base::last_error();
    return S_ISLNK(info.st_mode) ? error_of(ELOOP) : Result<void>();
  }
  Result<std::string> read(const std::string& name) const;
  // What a crash may still undo is not worth a refusal.
  void sync() const {
    const int readable = ::openat(descriptor_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (readable < 0) return;
    ::fsync(readable);
    ::close(readable);
  }

 private:
  int descriptor_;
};

Result<std::string> Folder::read(const std::string& name) const {
  const int descriptor = ::openat(descriptor_, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
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

// Whoever could read the old one reads the new one: where its group cannot be had, that group loses its rights rather
// than another getting them.
Result<void> take_after(int descriptor, const struct stat& old) {
  mode_t mode = old.st_mode & all_rights;
  if (::fchown(descriptor, static_cast<uid_t>(-1), old.st_gid) != 0) mode &= ~of_group;
  (void)!::fchown(descriptor, old.st_uid, static_cast<gid_t>(-1));  // only root gives files away
  return ::fchmod(descriptor, mode) == 0 ? Result<void>() : base::last_error();
}

// What an earlier attempt left is removed: nobody else makes files of this name.
Result<void> write_new(const Folder& folder, const std::string& name, std::string_view text, const File::Write& write,
                       const struct stat* old) {
  folder.remove(name);
  const int descriptor =
      ::openat(folder.descriptor(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, owner_alone);
  if (descriptor < 0) return base::last_error();
  base::ScopeExit closed([&] { ::close(descriptor); });
  while (!text.empty()) {
    TRY(const std::size_t count, write(descriptor, text));
    if (count == 0) return error_of(ENOSPC);
    text.remove_prefix(count);
  }
  if (old) TRY_VOID(take_after(descriptor, *old));
  if (::fsync(descriptor) != 0) return base::last_error();
  return {};
}

}  // namespace

Result<std::size_t> File::write_some(int descriptor, std::string_view text) {
  const ssize_t count = ::write(descriptor, text.data(), text.size());
  if (count < 0) return base::last_error();
  return static_cast<std::size_t>(count);
}

Result<std::string> File::read() const {
  const auto folder = Folder::of(path_);
  auto text = folder ? folder->read(name()) : Result<std::string>(folder.error());
  if (!text && text.error() == error_of(ENOENT)) return std::string();
  return text;
}

Result<std::string> File::read_before() const {
  TRY(const Folder folder, Folder::of(path_));
  return folder.read(before());
}

Result<void> File::replace(std::string_view text) const {
  TRY(const Folder folder, Folder::of(path_));
  TRY_VOID(folder.refuse_link(name()));
  TRY_VOID(folder.refuse_link(before()));
  auto old = folder.read(name());
  if (!old && old.error() != error_of(ENOENT)) return old.error();
  struct stat info{};
  const bool was_there = ::fstatat(folder.descriptor(), name().c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
  const std::string next = name() + ".new", kept = name() + ".keep";
  const base::ScopeExit tidy([&] {
    folder.remove(next);
    folder.remove(kept);
  });
  TRY_VOID(write_new(folder, next, text, write_, mode_ == Mode::as_it_was && was_there ? &info : nullptr));
  TRY_VOID(write_new(folder, kept, old ? *old : std::string(), write_, nullptr));
  TRY_VOID(folder.rename(kept, before()));
  TRY_VOID(folder.rename(next, name()));
  folder.sync();
  return {};
}

Result<void> File::undo() const {
  TRY(const Folder folder, Folder::of(path_));
  TRY_VOID(folder.refuse_link(name()));
  TRY_VOID(folder.refuse_link(before()));
  TRY_VOID(folder.rename(before(), name()));
  folder.sync();
  return {};
}

Result<void> File::can_be_replaced() const {
  TRY(const Folder folder, Folder::of(path_));
  TRY_VOID(folder.refuse_link(name()));
  TRY_VOID(folder.refuse_link(before()));
  return ::faccessat(folder.descriptor(), ".", W_OK | X_OK, AT_EACCESS) == 0 ? Result<void>() : base::last_error();
}

bool is_full(const ErrorCode& why) {
  return why == error_of(ENOSPC) || why == error_of(EDQUOT) || why == error_of(EFBIG);
}

}  // namespace weir::overlay
