#include "main/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "base/random.h"

namespace weir::process {
namespace {

base::ErrorCode last_error() { return {errno, boost::system::system_category()}; }

template <class F>
void each_address(F visit) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return;
  for (const ifaddrs* one = list; one; one = one->ifa_next) {
    if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET || !(one->ifa_flags & IFF_UP)) continue;
    char text[INET_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr, text, sizeof text);
    visit(std::string(text), (one->ifa_flags & IFF_LOOPBACK) != 0);
  }
  ::freeifaddrs(list);
}

}  // namespace

base::Result<void> become_daemon() {
  for (int i = 0; i < 2; ++i) {
    const pid_t child = ::fork();
    if (child < 0) return last_error();
    if (child > 0) ::_exit(0);
    if (i == 0) ::setsid();
  }
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return last_error();
  ::dup2(null, STDIN_FILENO);
  ::dup2(null, STDOUT_FILENO);
  ::dup2(null, STDERR_FILENO);
  ::close(null);
  return {};
}

base::Result<void> become_user(const std::string& name, const std::string& pid_path) {
  errno = 0;
  const passwd* const user = ::getpwnam(name.c_str());
  if (!user) return errno ? last_error() : base::ErrorCode(ENOENT, boost::system::system_category());
  const uid_t uid = user->pw_uid;
  const gid_t gid = user->pw_gid;
  if (!pid_path.empty() && ::chown(pid_path.c_str(), uid, gid) != 0) return last_error();
  if (::initgroups(name.c_str(), gid) != 0 || ::setgid(gid) != 0 || ::setuid(uid) != 0) return last_error();
  if (uid != 0 && ::setuid(0) == 0) return base::ErrorCode(EPERM, boost::system::system_category());
  return {};
}

std::uint64_t raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  return limit.rlim_cur;
}

std::uint32_t count_local_addresses() {
  std::set<std::string> seen;
  each_address([&](const std::string& address, bool) { seen.insert(address); });
  return static_cast<std::uint32_t>(seen.size());
}

std::string local_address() {
  std::string found = "127.0.0.1";
  each_address([&](const std::string& address, bool loopback) {
    if (!loopback && found == "127.0.0.1") found = address;
  });
  return found;
}

bool in_container() {
  if (::access("/.dockerenv", F_OK) == 0) return true;
  std::ifstream file("/proc/1/cgroup");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return text.find("/docker") != std::string::npos;
}

base::Result<PidFile> PidFile::make(const std::string& path) {
  if (path.empty()) return PidFile({}, -1);
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return last_error();
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::fcntl(descriptor, F_SETLK, &lock) != 0) {
    ::close(descriptor);
    return make_error_code(boost::system::errc::address_in_use);
  }
  if (::ftruncate(descriptor, 0) != 0 || ::write(descriptor, text.data(), text.size()) < 0) {
    const base::ErrorCode error = last_error();
    ::close(descriptor);
    return error;
  }
  return PidFile(path, descriptor);
}

PidFile::PidFile(PidFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

PidFile::~PidFile() {
  if (descriptor_ < 0) return;
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

std::string server_id(const std::string& configured, const std::string& pid_path) {
  const std::string path = std::filesystem::path(pid_path).replace_extension(".id").string();
  std::string id = configured;
  if (id.empty() && !pid_path.empty()) {
    std::ifstream kept(path);
    std::getline(kept, id);
  }
  if (id.empty()) id = "vid-" + base::random_text(7);
  if (!pid_path.empty()) std::ofstream(path) << id << '\n';
  return id;
}

}  // namespace weir::process
