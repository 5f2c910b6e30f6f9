#include "net/http/file_mark.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace weir::http {

namespace {

constexpr const char* attribute = "user.weir.owner";
constexpr std::size_t longest_owner = 1024;

}  // namespace

base::ErrorCode write_mark(int descriptor, const FileMark& mark) {
  if (!mark.owner.empty() && mark.owner.size() <= longest_owner) {
    (void)::fsetxattr(descriptor, attribute, mark.owner.data(), mark.owner.size(), 0);
  }
  if (!mark.kept_back) return {};
  struct stat facts{};
  if (::fstat(descriptor, &facts) == 0 && ::fchmod(descriptor, (facts.st_mode & 0777) | kept_back_mode) == 0) return {};
  return {errno, boost::system::system_category()};
}

FileMark read_mark(int descriptor) {
  FileMark mark;
  struct stat facts{};
  mark.kept_back = ::fstat(descriptor, &facts) != 0 || (facts.st_mode & kept_back_mode) != 0;
  std::array<char, longest_owner> room;
  const ssize_t size = ::fgetxattr(descriptor, attribute, room.data(), room.size());
  if (size > 0) mark.owner.assign(room.data(), static_cast<std::size_t>(size));
  return mark;
}

FileMark read_mark(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return {};
  FileMark mark = read_mark(descriptor);
  ::close(descriptor);
  return mark;
}

}  // namespace weir::http
