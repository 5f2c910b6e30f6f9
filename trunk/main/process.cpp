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

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/own_file.h"
#include "base/random.h"
#include "base/text.h"

namespace weir::process {
base::Result<void> become_user(const std::string& name, const GiveFiles& give) {
  errno = 0;
  const passwd* const user = ::getpwnam(name.c_str());
  if (!user) return errno ? base::last_error() : base::ErrorCode(ENOENT, boost::system::system_category());
  const uid_t uid = user->pw_uid;
  const gid_t gid = user->pw_gid;
  TRY_VOID(give(uid, gid));
  if (::initgroups(name.c_str(), gid) != 0 || ::setgid(gid) != 0 || ::setuid(uid) != 0) return base::last_error();
  if (uid != 0 && ::setuid(0) == 0) return base::ErrorCode(EPERM, boost::system::system_category());
  return {};
}

void use_utc() {
  ::setenv("TZ", "UTC0", 1);
  ::tzset();
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

std::vector<std::string> local_addresses() {
  std::array<std::vector<std::string>, 4> found;  // IPv4, IPv6, and both of the loopback
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return {};
  for (const ifaddrs* one = list; one; one = one->ifa_next) {
    if (!one->ifa_addr || !(one->ifa_flags & IFF_UP)) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = one->ifa_addr->sa_family;
    if (family == AF_INET) {
      ::inet_ntop(family, &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr, text.data(), text.size());
    } else if (family == AF_INET6) {
      const in6_addr& address = reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr;
      if (IN6_IS_ADDR_LINKLOCAL(&address)) continue;
      ::inet_ntop(family, &address, text.data(), text.size());
    } else {
      continue;
    }
    const bool loopback = (one->ifa_flags & IFF_LOOPBACK) != 0;
    found[(loopback ? 2U : 0U) + (family == AF_INET6 ? 1U : 0U)].emplace_back(text.data());
  }
  ::freeifaddrs(list);
  std::vector<std::string> all;
  for (const auto& kind : found) {
    for (const std::string& address : kind) {
      if (std::find(all.begin(), all.end(), address) == all.end()) all.push_back(address);
    }
  }
  return all;
}

std::string local_address(int index) {
  const std::vector<std::string> all = local_addresses();
  if (all.empty()) return "127.0.0.1";
  const auto at = static_cast<std::size_t>(std::max(0, index));
  return at < all.size() ? all[at] : all.front();
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return base::lower(name.data());
}

std::vector<std::string> plugin_paths(const std::string& directory, const std::string& name) {
  namespace fs = std::filesystem;
  if (!directory.empty()) return {(fs::path(directory) / name).string()};
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  if (failed) return {};
  const fs::path beside = program.parent_path();
  return {(beside / name).string(), (beside.parent_path() / "lib" / "weir" / name).string()};
}

std::string fault_of_file(const std::filesystem::path& path, config::Wanted wanted) {
  std::error_code error;
  if (wanted == config::Wanted::readable_file) {
    if (std::filesystem::is_directory(path, error)) return "is a folder";
    return ::access(path.c_str(), R_OK) == 0 ? "" : std::string("cannot be read: ") + std::strerror(errno);
  }
  std::filesystem::path there = path;
  if (wanted == config::Wanted::folder_to_write) {
    while (there.has_relative_path() && !std::filesystem::exists(there, error)) there = there.parent_path();
  }
  if (!std::filesystem::exists(there, error)) return "is not there";
  if (!std::filesystem::is_directory(there, error))
    return there == path ? "is no folder" : there.string() + " is no folder";
  const bool writes = wanted == config::Wanted::folder_to_write;
  if (writes && ::access(there.c_str(), W_OK) != 0) return std::string("cannot be written: ") + std::strerror(errno);
  return "";
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
  TRY(const int descriptor, base::open_own_file(path, O_RDWR));
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::fcntl(descriptor, F_SETLK, &lock) != 0) {
    ::close(descriptor);
    return make_error_code(boost::system::errc::address_in_use);
  }
  if (::ftruncate(descriptor, 0) != 0 || ::write(descriptor, text.data(), text.size()) < 0) {
    const base::ErrorCode error = base::last_error();
    ::close(descriptor);
    return error;
  }
  return PidFile(path, descriptor);
}

PidFile::PidFile(PidFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

base::Result<void> PidFile::give_to(unsigned user, unsigned group) const {
  if (descriptor_ < 0) return {};
  return base::give_file(descriptor_, user, group);
}

PidFile::~PidFile() {
  if (descriptor_ < 0) return;
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

std::string id_path(const std::string& pid_path) {
  return pid_path.empty() ? "" : std::filesystem::path(pid_path).replace_extension(".id").string();
}

std::string server_id(const std::string& configured, const std::string& path, base::Result<void>& kept) {
  std::string id = configured;
  if (path.empty()) return id.empty() ? "vid-" + base::random_text(7) : id;
  std::string before;
  std::ifstream(path) >> before;
  // It goes into JSON, headers and labels.
  constexpr std::size_t longest = 64;
  const bool fit = !before.empty() && before.size() <= longest &&
                   std::all_of(before.begin(), before.end(), [](unsigned char c) { return std::isgraph(c) != 0; });
  if (id.empty()) id = fit ? before : "vid-" + base::random_text(7);
  if (id == before) return id;
  const std::string text = id + "\n";
  const auto file = base::open_own_file(path, O_WRONLY | O_TRUNC);
  if (!file) {
    kept = file.error();
  } else {
    if (::write(*file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) kept = base::last_error();
    ::close(*file);
  }
  return id;
}

}  // namespace weir::process
