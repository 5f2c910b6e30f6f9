#include "base/own_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/scope_exit.h"

namespace weir::base {

namespace {

ErrorCode last_error() { return {errno, boost::system::system_category()}; }

enum class Kind : std::uint8_t { regular, other };

// O_NOFOLLOW does not see hard links, and fs.protected_hardlinks may be off.
Result<Kind> kind_of(int descriptor) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return last_error();
  if (!S_ISREG(status.st_mode)) return Kind::other;
  if (status.st_nlink > 1) return ErrorCode(EMLINK, boost::system::system_category());
  return Kind::regular;
}

}  // namespace

Result<int> open_own_file(const std::string& path, int flags) {
  const int truncates = flags & O_TRUNC;  // not before it is known what it is
  const int descriptor = ::open(path.c_str(), (flags & ~O_TRUNC) | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0644);
  if (descriptor < 0) return last_error();
  const auto kind = kind_of(descriptor);
  if (kind && (!truncates || *kind == Kind::other || ::ftruncate(descriptor, 0) == 0)) return descriptor;
  const ErrorCode error = kind ? last_error() : kind.error();
  ::close(descriptor);
  return error;
}

Result<void> give_file(int descriptor, uid_t user, gid_t group) {
  TRY(const Kind kind, kind_of(descriptor));
  if (kind == Kind::regular && ::fchown(descriptor, user, group) != 0) return last_error();
  return {};
}

Result<void> give_file(const std::string& path, uid_t user, gid_t group) {
  if (path.empty()) return {};
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0 && errno == ENOENT) return {};
  if (descriptor < 0) return last_error();
  const ScopeExit close([descriptor] { ::close(descriptor); });
  return give_file(descriptor, user, group);
}

}  // namespace weir::base
