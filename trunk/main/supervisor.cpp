#include "main/supervisor.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace weir::process {
namespace {

std::string take_variable(const char* name) {
  const char* const value = std::getenv(name);
  std::string taken = value ? value : "";
  ::unsetenv(name);
  return taken;
}

}  // namespace

Supervisor Supervisor::from_environment() {
  std::string socket = take_variable("NOTIFY_SOCKET");
  const std::string every = take_variable("WATCHDOG_USEC");
  const std::string whom = take_variable("WATCHDOG_PID");
  std::int64_t microseconds = 0;
  std::from_chars(every.data(), every.data() + every.size(), microseconds);
  // sd_watchdog_enabled(3): the variables may be meant for another process.
  if (microseconds < 0 || (!whom.empty() && whom != std::to_string(::getpid()))) microseconds = 0;
  return {std::move(socket), std::chrono::microseconds(microseconds)};
}

void Supervisor::tell(std::string_view state) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = '\0';  // unix(7): an abstract name
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  ::sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size);
  ::close(descriptor);
}

void Supervisor::tell_reloading() const {
  // Type=notify-reload wants the time, by which it tells this reload from an earlier one.
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t microseconds = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

}  // namespace weir::process
