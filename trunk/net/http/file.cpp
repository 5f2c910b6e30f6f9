#include "net/http/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <string_view>

#include "net/http/text.h"

namespace weir::http {

namespace {

constexpr int read_flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

// For kernels and sandboxes without openat2: folder by folder, and no symbolic link at all.
int open_step_by_step(int folder, std::string_view relative) {
  int at = ::dup(folder);
  while (at >= 0 && !relative.empty()) {
    const bool last = relative.find('/') == std::string_view::npos;
    const std::string part(cut_front(relative, '/'));
    if (part.empty() || part == ".") continue;
    const int flags = last || relative.empty() ? read_flags : O_PATH | O_DIRECTORY | O_CLOEXEC;
    const int next = part == ".." ? -1 : ::openat(at, part.c_str(), flags | O_NOFOLLOW);
    const int error = part == ".." ? EXDEV : errno;
    ::close(at);
    at = next;
    errno = error;
  }
  return at;
}

int open_relative(const std::string& root, const std::string& relative) {
  const int folder = ::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -1;
  open_how how{};
  how.flags = static_cast<std::uint64_t>(read_flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const char* name = relative.empty() ? "." : relative.c_str();
  int result = static_cast<int>(::syscall(SYS_openat2, folder, name, &how, sizeof how));
  if (result < 0 && (errno == ENOSYS || errno == EPERM)) result = open_step_by_step(folder, name);
  const int error = errno;
  ::close(folder);
  errno = error;
  return result;
}

File::Status status_of_errno(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
    case EXDEV:
    case ELOOP:
      return File::Status::forbidden;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
      return File::Status::busy;
    default:
      return File::Status::missing;
  }
}

}  // namespace

File::Opened File::open_beneath(const std::string& root, const std::string& relative, bool kept_back_too) {
  const int descriptor = open_relative(root, relative);
  if (descriptor < 0) return {status_of_errno(errno), nullptr};
  std::shared_ptr<File> file(new File);
  file->descriptor_ = descriptor;
  struct stat facts{};
  if (::fstat(descriptor, &facts) != 0) return {Status::missing, nullptr};
  if (S_ISDIR(facts.st_mode)) return {Status::is_folder, nullptr};
  if (!S_ISREG(facts.st_mode)) return {Status::forbidden, nullptr};
  file->mark_ = read_mark(descriptor);
  if (file->mark_.kept_back && !kept_back_too) return {Status::forbidden, nullptr};
  file->size_ = static_cast<std::uint64_t>(facts.st_size);
  file->modified_ = facts.st_mtim.tv_sec;
  file->etag_ =
      fmt::format("\"{:x}-{:x}{:08x}-{:x}\"", facts.st_ino, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec, facts.st_size);
  return {Status::ok, std::move(file)};
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string File::real_path() const {
  std::array<char, PATH_MAX> room;
  const std::string link = fmt::format("/proc/self/fd/{}", descriptor_);
  const ssize_t size = ::readlink(link.c_str(), room.data(), room.size());
  return size > 0 ? std::string(room.data(), static_cast<std::size_t>(size)) : std::string();
}

std::size_t File::read_at(std::uint64_t offset, base::MutableBytes room) const {
  std::size_t done = 0;
  while (done < room.size()) {
    const ssize_t count =
        ::pread(descriptor_, room.data() + done, room.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

}  // namespace weir::http
