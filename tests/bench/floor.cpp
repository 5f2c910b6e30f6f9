// The floor: what the kernel alone costs for a fan-out, with no protocol on top.
//
//   floor serve  accepts N connections and sends each the bytes of BITRATE every INTERVAL with one plain non-blocking
//   send
//                of contiguous memory, on one thread; prints its own CPU time and the bits it delivered per CPU-second.
//   floor drain  opens N connections and throws away what comes (recv with MSG_TRUNC copies nothing), looking at its
//                sockets once per drain interval.
//
// A server that merges writes to the same interval cannot be cheaper than this without another mechanism.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct Options {
  std::string role;
  std::string address = "127.0.0.1";
  int port = 19350;
  int players = 1000;
  double kbps = 500;
  double interval_ms = 350;
  double drain_ms = 10;
  double seconds = 12;
  double warmup = 2;
  int ramp = 2000;      // connections a second
  bool spread = false;  // the sends of one interval evenly over it, not in one burst
};

[[noreturn]] void usage(int code) {
  std::puts(
      "floor serve [--port 19350] [--players 1000] [--kbps 500] [--interval MS=350] [--seconds 12] [--warmup 2] "
      "[--spread]\n"
      "floor drain [--port 19350] [--players 1000] [--drain MS=10] [--seconds 12] [--ramp PER_SECOND=2000]\n"
      "serve waits (60 s at most) for all players, warms up, measures, and prints one JSON line.");
  std::exit(code);
}

Options parse(int argc, char** argv) {
  Options o;
  if (argc < 2) usage(2);
  o.role = argv[1];
  if (o.role == "-h" || o.role == "--help") usage(0);
  for (int i = 2; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--spread") {
      o.spread = true;
      continue;
    }
    if (name == "-h" || name == "--help") usage(0);
    if (i + 1 >= argc) usage(2);
    const char* value = argv[++i];
    if (name == "--port")
      o.port = std::atoi(value);
    else if (name == "--address")
      o.address = value;
    else if (name == "--players")
      o.players = std::atoi(value);
    else if (name == "--kbps")
      o.kbps = std::atof(value);
    else if (name == "--interval")
      o.interval_ms = std::atof(value);
    else if (name == "--drain")
      o.drain_ms = std::atof(value);
    else if (name == "--seconds")
      o.seconds = std::atof(value);
    else if (name == "--warmup")
      o.warmup = std::atof(value);
    else if (name == "--ramp")
      o.ramp = std::atoi(value);
    else
      usage(2);
  }
  if (o.players < 1 || o.players > 100000 || o.interval_ms < 1 || o.seconds < 1 || o.ramp < 1) usage(2);
  return o;
}

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "floor: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

// CPU time of this thread in seconds, from the scheduler's nanoseconds.
double cpu_seconds() {
  unsigned long long on_cpu = 0;
  if (FILE* file = std::fopen("/proc/self/schedstat", "r")) {
    if (std::fscanf(file, "%llu", &on_cpu) != 1) on_cpu = 0;
    std::fclose(file);
  }
  return static_cast<double>(on_cpu) / 1e9;
}

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

sockaddr_in endpoint(const Options& o) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(o.port));
  if (inet_pton(AF_INET, o.address.c_str(), &address.sin_addr) != 1) usage(2);
  return address;
}

void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::vector<int> accept_all(const Options& o) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = endpoint(o);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("bind");
  if (listen(listener, 4096) != 0) die("listen");
  std::vector<int> sockets;
  const auto start = Clock::now();
  while (sockets.size() < static_cast<std::size_t>(o.players)) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) {
      if (errno != EAGAIN) die("accept");
      if (since(start) > 60) break;
      std::this_thread::sleep_for(milliseconds{1});
      continue;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockets.push_back(fd);
  }
  close(listener);
  return sockets;
}

int serve(const Options& o) {
  const std::vector<int> sockets = accept_all(o);
  if (sockets.empty()) die("nobody came");
  const auto size = static_cast<std::size_t>(o.kbps * 1000 / 8 * o.interval_ms / 1000);
  const std::vector<std::uint8_t> bytes(size, 0x5a);
  const auto interval =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double, std::milli>(o.interval_ms));

  const auto start = Clock::now();
  bool measuring = false;
  Clock::time_point measured_from{};
  double cpu_from = 0;
  std::uint64_t sent_bytes = 0, sends = 0, refused = 0, cut = 0, late = 0;
  std::size_t next = 0;  // the player whose turn it is
  Clock::time_point round = start;
  for (;;) {
    const auto now = Clock::now();
    if (!measuring && since(start) >= o.warmup) {
      measuring = true;
      measured_from = now;
      cpu_from = cpu_seconds();
      sent_bytes = sends = refused = cut = late = 0;
    }
    if (measuring && since(measured_from) >= o.seconds) break;
    const double share = std::chrono::duration<double>(now - round) / std::chrono::duration<double>(interval);
    const auto due =
        o.spread ? std::min(sockets.size(), static_cast<std::size_t>(share * static_cast<double>(sockets.size())))
                 : sockets.size();
    for (; next < due; ++next) {
      const ssize_t n = send(sockets[next], bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      ++sends;
      if (n < 0) {
        if (errno != EAGAIN) die("send");
        ++refused;
        continue;
      }
      if (static_cast<std::size_t>(n) < bytes.size()) ++cut;
      sent_bytes += static_cast<std::uint64_t>(n);
    }
    if (next == sockets.size()) {
      next = 0;
      round += interval;
      if (Clock::now() >= round + interval) {  // a whole interval behind: the core is full
        ++late;
        round = Clock::now();
      }
    }
    // In bursts sleep to the next one; spread, wake each millisecond.
    const auto wake = o.spread ? std::max(round, Clock::now() + milliseconds{1}) : round;
    if (wake > Clock::now()) std::this_thread::sleep_until(wake);
  }
  const double wall = since(measured_from);
  const double cpu = cpu_seconds() - cpu_from;
  const double gigabits = static_cast<double>(sent_bytes) * 8 / 1e9;
  std::printf(
      "{\"players\": %zu, \"kbps\": %.0f, \"interval_ms\": %.1f, \"spread\": %s, \"seconds\": %.2f, \"cpu_seconds\": "
      "%.3f, "
      "\"cpu_share\": %.3f, \"gigabits\": %.3f, \"gb_per_cpu_second\": %.2f, \"us_per_send\": %.2f, "
      "\"us_per_second_and_player\": %.1f, \"sends\": %llu, \"refused\": %llu, \"cut\": %llu, \"late_rounds\": %llu}\n",
      sockets.size(), o.kbps, o.interval_ms, o.spread ? "true" : "false", wall, cpu, cpu / wall, gigabits,
      cpu > 0 ? gigabits / cpu : 0, sends ? cpu * 1e6 / static_cast<double>(sends) : 0,
      cpu * 1e6 / wall / static_cast<double>(sockets.size()), static_cast<unsigned long long>(sends),
      static_cast<unsigned long long>(refused), static_cast<unsigned long long>(cut),
      static_cast<unsigned long long>(late));
  return 0;
}

int drain(const Options& o) {
  const int poller = epoll_create1(0);
  const sockaddr_in address = endpoint(o);
  const auto start = Clock::now();
  int made = 0, open = 0;
  std::uint64_t received = 0;
  std::vector<epoll_event> events(static_cast<std::size_t>(o.players));
  // Ends when the server closes, or well after it must have.
  while (since(start) < o.seconds + o.warmup + 90) {
    const auto tick = Clock::now();
    while (made < o.players && made < since(start) * o.ramp) {
      const int fd = socket(AF_INET, SOCK_STREAM, 0);
      if (fd < 0) die("socket");
      // The first may come before the server listens.
      int tries = 100;
      while (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (errno != ECONNREFUSED || --tries == 0) die("connect");
        std::this_thread::sleep_for(milliseconds{50});
      }
      fcntl(fd, F_SETFL, O_NONBLOCK);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.fd = fd;
      epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
      ++made;
      ++open;
    }
    const int count =
        epoll_wait(poller, events.data(), static_cast<int>(events.size()), static_cast<int>(o.drain_ms) + 1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      const ssize_t n = recv(fd, nullptr, 16 << 20, MSG_TRUNC | MSG_DONTWAIT);
      if (n > 0) {
        received += static_cast<std::uint64_t>(n);
      } else if (n == 0 || errno != EAGAIN) {
        close(fd);
        --open;
      }
    }
    if (made == o.players && open == 0) break;
    if (o.drain_ms > 0) std::this_thread::sleep_until(tick + std::chrono::duration<double, std::milli>(o.drain_ms));
  }
  std::printf("{\"received_bytes\": %llu, \"cpu_seconds\": %.3f, \"wall_seconds\": %.2f, \"drain_ms\": %.1f}\n",
              static_cast<unsigned long long>(received), cpu_seconds(), since(start), o.drain_ms);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  raise_descriptor_limit();
  if (options.role == "serve") return serve(options);
  if (options.role == "drain") return drain(options);
  usage(2);
}
