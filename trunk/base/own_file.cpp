#include "base/own_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <utility>

#include "base/scope_exit.h"

namespace weir::base {

namespace {

enum class Kind : std::uint8_t { regular, other };

// O_NOFOLLOW does not see hard links, and fs.protected_hardlinks may be off.
Result<Kind> kind_of(int descriptor) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return last_error();
  if (!S_ISREG(status.st_mode)) return Kind::other;
  if (status.st_nlink > 1) return ErrorCode(EMLINK, boost::system::system_category());
  return Kind::regular;
}

constexpr int most_links = 40;  // as Linux follows

// Nobody but root puts a name into this folder.
bool is_roots_alone(int folder) {
  struct stat status{};
  return ::fstat(folder, &status) == 0 && status.st_uid == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

Result<std::string> target_of(int folder, const std::string& name) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = ::readlinkat(folder, name.c_str(), target.data(), target.size());
  if (size < 0) return last_error();
  target.resize(static_cast<std::size_t>(size));
  return target;
}

// A descriptor, closed with its scope.
class Folder {
 public:
  explicit Folder(int number) : number_(number) {}
  ~Folder() { reset(-1); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void reset(int number) {
    if (number_ >= 0) ::close(number_);
    number_ = number;
  }
  int number() const { return number_; }
  int take() { return std::exchange(number_, -1); }

 private:
  int number_;
};

// The folder of `path`, reached by following links in folders that only root writes to, and no others (ELOOP).
Result<void> enter(Folder& at, std::string path) {
  at.reset(::open(path.starts_with('/') ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (int links = 0; at.number() >= 0;) {
    path.erase(0, path.find_first_not_of('/'));
    if (path.empty()) return {};
    const std::size_t size = std::min(path.find('/'), path.size());
    const std::string name = path.substr(0, size);
    const int next = ::openat(at.number(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0) return last_error();
    struct stat status{};
    const bool seen = ::fstat(next, &status) == 0;
    if (seen && S_ISLNK(status.st_mode)) {
      ::close(next);
      if (!is_roots_alone(at.number()) || ++links > most_links)
        return ErrorCode(ELOOP, boost::system::system_category());
      TRY(const std::string target, target_of(at.number(), name));
      path.replace(0, size, target);
      if (target.starts_with('/')) at.reset(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
      continue;
    }
    at.reset(next);
    if (!seen || !S_ISDIR(status.st_mode)) return ErrorCode(ENOTDIR, boost::system::system_category());
    path.erase(0, size);
  }
  return last_error();
}

// open(2) of a path whose last name is no link, nor one before it that anybody but root could have put there. Without
// the rights of root there is nothing to be gained by a link, and they are followed.
Result<int> open_unled(const std::string& path, int flags) {
  const std::size_t end = path.rfind('/');
  Folder folder(-1);
  int descriptor = -1;
  if (::geteuid() != 0 || end == std::string::npos) {
    descriptor = ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0644);
  } else {
    TRY_VOID(enter(folder, path.substr(0, end + 1)));
    descriptor = ::openat(folder.number(), path.c_str() + end + 1, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0644);
  }
  if (descriptor < 0) return last_error();
  return descriptor;
}

}  // namespace

Result<int> open_own_file(const std::string& path, int flags) {
  const int truncates = flags & O_TRUNC;  // not before it is known what it is
  TRY(const int descriptor, open_unled(path, (flags & ~O_TRUNC) | O_CREAT));
  const auto kind = kind_of(descriptor);
  if (kind && (!truncates || *kind == Kind::other || ::ftruncate(descriptor, 0) == 0)) return descriptor;
  const ErrorCode error = kind ? last_error() : kind.error();
  ::close(descriptor);
  return error;
}

Result<int> open_folder_of(const std::string& path) {
  const std::size_t end = path.rfind('/');
  const std::string name = end == std::string::npos ? "." : path.substr(0, end + 1);
  if (::geteuid() == 0 && end != std::string::npos) {
    Folder folder(-1);
    TRY_VOID(enter(folder, name));
    return folder.take();
  }
  const int descriptor = ::open(name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return last_error();
  return descriptor;
}

Result<void> give_file(int descriptor, uid_t user, gid_t group) {
  TRY(const Kind kind, kind_of(descriptor));
  if (kind == Kind::regular && ::fchown(descriptor, user, group) != 0) return last_error();
  return {};
}

Result<void> give_file(const std::string& path, uid_t user, gid_t group) {
  if (path.empty()) return {};
  const auto descriptor = open_unled(path, O_RDONLY | O_NONBLOCK);
  if (!descriptor && descriptor.error().value() == ENOENT) return {};
  if (!descriptor) return descriptor.error();
  const ScopeExit close([&descriptor] { ::close(*descriptor); });
  return give_file(*descriptor, user, group);
}

}  // namespace weir::base
