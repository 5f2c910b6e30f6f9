#include "main/daemon.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace weir::process {
namespace {

// The life of the process that was started: a byte of status, then text until the end.
[[noreturn]] void wait_for_report(int from) {
  std::array<char, 512> room{};
  int status = 1;
  bool reported = false;
  for (;;) {
    const ssize_t count = ::read(from, room.data(), room.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    std::string_view text(room.data(), static_cast<std::size_t>(count));
    if (!std::exchange(reported, true)) {
      status = static_cast<unsigned char>(text.front());
      text.remove_prefix(1);
    }
    if (!text.empty() && ::write(STDERR_FILENO, text.data(), text.size()) < 0) break;
  }
  constexpr std::string_view died = "weir: the daemon ended while it started\n";
  if (!reported && ::write(STDERR_FILENO, died.data(), died.size()) < 0) status = 1;
  ::_exit(status);
}

}  // namespace

base::Result<Daemon> Daemon::become() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return base::last_error();
  Daemon daemon(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) {
    ::close(ends[0]);
    return base::last_error();
  }
  if (child > 0) {
    ::close(std::exchange(daemon.report_to_, -1));
    wait_for_report(ends[0]);
  }
  ::close(ends[0]);
  ::setsid();
  // Not the leader of its session: it can never be given a terminal.
  const pid_t grandchild = ::fork();
  if (grandchild < 0) return base::last_error();
  if (grandchild > 0) ::_exit(0);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return base::last_error();
  ::dup2(null, STDIN_FILENO);
  ::dup2(null, STDOUT_FILENO);
  ::dup2(null, STDERR_FILENO);
  ::close(null);
  return daemon;
}

Daemon::~Daemon() {
  if (report_to_ >= 0) ::close(report_to_);
}

void Daemon::report(int status, std::string_view why) {
  if (report_to_ < 0) return;
  std::string text(1, static_cast<char>(status));
  text.append(why);
  // Nobody may wait any more: then nobody is told (SIGPIPE is ignored).
  [[maybe_unused]] const ssize_t ignored = ::write(report_to_, text.data(), text.size());
  ::close(std::exchange(report_to_, -1));
}

}  // namespace weir::process
