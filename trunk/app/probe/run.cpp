#include "app/probe/run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "app/probe/report.h"

namespace weir::probe {

namespace {

constexpr const char* help =
    "weir probe [--json] FILE|-: what is in a stream of MPEG-TS or FLV, and what is wrong with it\n"
    "\n"
    "  weir probe recording.ts\n"
    "  curl -sN http://127.0.0.1:8080/live/cam.ts | timeout -s INT 10 weir probe -\n"
    "\n"
    "Programs, PIDs, codecs, rates, groups of pictures; of MPEG-TS the measurements of ETSI TR 101 290, first and "
    "second\n"
    "priority, by the stream's own clock. Ctrl-C ends the reading, and tells.\n";

void say(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

// SIGINT and SIGTERM end the reading and not the process.
int stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

// False when reading failed.
bool read_all(int file, Probe& probe) {
  const int stop = stop_signals();
  std::vector<std::uint8_t> piece(256 * 1024);
  bool read = true;
  for (;;) {
    std::array<pollfd, 2> wanted{pollfd{.fd = file, .events = POLLIN, .revents = 0},
                                 pollfd{.fd = stop, .events = POLLIN, .revents = 0}};
    if (::poll(wanted.data(), wanted.size(), -1) < 0 && errno != EINTR) {
      read = false;
      break;
    }
    if (wanted[1].revents != 0) break;
    const auto count = ::read(file, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    read = count >= 0;
    if (count <= 0 || !probe.input({piece.data(), static_cast<std::size_t>(count)})) break;
  }
  const int error = errno;
  ::close(stop);
  errno = error;
  return read;
}

}  // namespace

int run_probe(std::span<const std::string_view> arguments) {
  bool json = false;
  std::string name;
  for (const std::string_view argument : arguments) {
    if (argument == "-h" || argument == "--help") {
      std::fputs(help, stdout);
      return 0;
    }
    if (argument == "--json") {
      json = true;
    } else if (name.empty() && (argument == "-" || !argument.starts_with('-'))) {
      name = argument;
    } else {
      name.clear();
      break;
    }
  }
  if (name.empty()) {
    say(help);
    return 2;
  }
  const int file = name == "-" ? STDIN_FILENO : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  Probe probe;
  if (file < 0 || !read_all(file, probe)) {
    say(fmt::format("weir probe: {}: {}\n", name, std::strerror(errno)));
    return 1;
  }
  if (file != STDIN_FILENO) ::close(file);
  probe.finish();
  const std::string report = json ? as_json(probe, name) : as_text(probe, name);
  std::fwrite(report.data(), 1, report.size(), stdout);
  return probe.fault().empty() ? 0 : 1;
}

}  // namespace weir::probe
