// Transport streams by UDP: who sends them, who looks at them, and what the kernel alone costs between the two.
//
//   udp-load send  --port 20000 [--streams 300] [--kbps 4000] [--seconds 20]
//       a stream to each of the ports from `port` on, one datagram after the other, evenly over the time.
//   udp-load look  --port 30000 [--streams 50] [--seconds 20]
//       takes what comes to these ports and looks at every packet. Says what is missing in one line of JSON.
//   udp-load relay --from 20000 --to 30000 [--streams 50]
//       the floor: sends what comes to each port of `from` on to one of `to`, as many datagrams at a time as are there,
//       with recvmmsg and sendmmsg, and does nothing else. Ends by SIGTERM.
//   udp-load take  --from 20000 [--streams 300]
//       the floor of receiving: takes what comes, and does nothing with it.

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "ts_stream.h"
#include "udp_wire.h"

using namespace bench;

namespace {

volatile std::sig_atomic_t stopped = 0;

void sleep_until(std::uint64_t at) {
  const timespec when{static_cast<time_t>(at / 1'000'000'000), static_cast<long>(at % 1'000'000'000)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
}

// All streams have the same pictures; the k-th datagram of a picture leaves for all of them in the k-th part of its
// time.
int send_all(const Arguments& said) {
  const auto streams = static_cast<std::size_t>(said.number("streams", 300));
  const int port = static_cast<int>(said.number("port", 20000));
  const double seconds = said.number("seconds", 20);
  const int out = open_socket(0);
  std::vector<sockaddr_in> to;
  for (std::size_t i = 0; i < streams; ++i) to.push_back(loopback(port + static_cast<int>(i)));
  Maker maker(said.number("kbps", 4000));
  std::vector<std::uint8_t> picture;
  std::vector<mmsghdr> messages(streams);
  iovec part{};
  for (std::size_t i = 0; i < streams; ++i) {
    messages[i].msg_hdr.msg_iov = &part;
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &to[i];
    messages[i].msg_hdr.msg_namelen = sizeof to[i];
  }
  const std::uint64_t interval = 1'000'000'000 / pictures_a_second, start = clock_ns(CLOCK_MONOTONIC);
  // A part of the streams each time, so that what is sent lies evenly.
  const std::size_t parts = maker.datagrams(), slices = 4;
  std::uint64_t sent = 0, failed = 0, late = 0;
  for (std::uint64_t n = 0; static_cast<double>(n * interval) < seconds * 1e9; ++n) {
    maker.make(picture, wall_ns());
    for (std::size_t k = 0; k < parts; ++k) {
      part = {picture.data() + k * datagram, datagram};
      for (std::size_t slice = 0; slice < slices; ++slice) {
        const std::uint64_t due = start + n * interval + (k * slices + slice) * interval / (parts * slices);
        sleep_until(due);
        if (clock_ns(CLOCK_MONOTONIC) - due > 5'000'000) ++late;
        for (std::size_t at = streams * slice / slices; at < streams * (slice + 1) / slices;) {
          const int done =
              sendmmsg(out, messages.data() + at, static_cast<unsigned>(streams * (slice + 1) / slices - at), 0);
          if (done <= 0) {
            ++failed;
            ++at;
            continue;
          }
          at += static_cast<std::size_t>(done);
          sent += static_cast<std::uint64_t>(done);
        }
      }
    }
  }
  const double wall = static_cast<double>(clock_ns(CLOCK_MONOTONIC) - start) / 1e9;
  std::printf(
      "{\"streams\": %zu, \"seconds\": %.2f, \"datagrams\": %llu, \"not_sent\": %llu, \"late\": %llu, \"kbps_each\": "
      "%.0f, "
      "\"load_cpu\": %.3f}\n",
      streams, wall, static_cast<unsigned long long>(sent), static_cast<unsigned long long>(failed),
      static_cast<unsigned long long>(late),
      static_cast<double>(sent) * datagram * 8 / wall / 1000 / static_cast<double>(streams), cpu_seconds() / wall);
  return 0;
}

// Reads `count` ports, and gives what came at one of them at a time: take(which, messages, how many).
template <class Take>
void read_all(int port, std::size_t count, double seconds, Take take) {
  constexpr std::size_t most = 64;
  const int poller = epoll_create1(0);
  std::vector<int> sockets;
  for (std::size_t i = 0; i < count; ++i) {
    sockets.push_back(open_socket(port + static_cast<int>(i)));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    epoll_ctl(poller, EPOLL_CTL_ADD, sockets.back(), &event);
  }
  std::puts("ready");
  std::fflush(stdout);
  std::vector<std::array<std::uint8_t, 2048>> rooms(most);
  std::vector<iovec> parts(most);
  std::vector<mmsghdr> messages(most);
  std::vector<epoll_event> events(count);
  const std::uint64_t end = clock_ns(CLOCK_MONOTONIC) + static_cast<std::uint64_t>(seconds * 1e9);
  while (!stopped && (seconds == 0 || clock_ns(CLOCK_MONOTONIC) < end)) {
    const int ready = epoll_wait(poller, events.data(), static_cast<int>(events.size()), 100);
    for (int e = 0; e < ready; ++e) {
      const std::size_t which = events[static_cast<std::size_t>(e)].data.u64;
      for (std::size_t i = 0; i < most; ++i) {
        parts[i] = {rooms[i].data(), rooms[i].size()};
        messages[i] = {};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
      }
      const int got = recvmmsg(sockets[which], messages.data(), most, MSG_DONTWAIT, nullptr);
      if (got > 0) take(which, messages, static_cast<std::size_t>(got));
    }
  }
}

int look(const Arguments& said) {
  const auto streams = static_cast<std::size_t>(said.number("streams", 50));
  std::vector<Looker> lookers(streams);
  std::vector<std::uint32_t> delays;
  for (Looker& one : lookers) one.delays_us = &delays;
  std::uint64_t datagrams = 0;
  read_all(static_cast<int>(said.number("port", 30000)), streams, said.number("seconds", 20),
           [&](std::size_t which, std::vector<mmsghdr>& messages, std::size_t count) {
             const std::uint64_t now = wall_ns();
             for (std::size_t i = 0; i < count; ++i) {
               lookers[which].look(static_cast<std::uint8_t*>(messages[i].msg_hdr.msg_iov->iov_base),
                                   messages[i].msg_len, now);
             }
             datagrams += count;
           });
  Looker all;
  std::size_t silent = 0;
  for (const Looker& one : lookers) {
    all.pictures += one.pictures;
    all.missing += one.missing;
    all.broken += one.broken;
    all.gaps += one.gaps;
    silent += one.pictures == 0 ? 1 : 0;
  }
  const auto n = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "{\"streams\": %zu, \"silent\": %zu, \"datagrams\": %llu, \"pictures\": %llu, \"missing_pictures\": %llu, "
      "\"broken_pictures\": %llu, \"gaps\": %llu, \"delay_ms\": {\"p50\": %.2f, \"p99\": %.2f, \"max\": %.2f}}\n",
      streams, silent, n(datagrams), n(all.pictures), n(all.missing), n(all.broken), n(all.gaps),
      quantile_ms(delays, 0.5), quantile_ms(delays, 0.99), quantile_ms(delays, 1));
  return 0;
}

int relay(const Arguments& said, bool sends) {
  const auto streams = static_cast<std::size_t>(said.number("streams", 50));
  std::vector<int> out;
  std::vector<sockaddr_in> to;
  for (std::size_t i = 0; i < streams; ++i) {
    out.push_back(open_socket(0));
    to.push_back(loopback(static_cast<int>(said.number("to", 30000)) + static_cast<int>(i)));
  }
  std::uint64_t datagrams = 0, calls = 0;
  read_all(static_cast<int>(said.number("from", 20000)), streams, 0,
           [&](std::size_t which, std::vector<mmsghdr>& messages, std::size_t count) {
             datagrams += count;
             ++calls;
             if (!sends) return;
             for (std::size_t i = 0; i < count; ++i) {
               messages[i].msg_hdr.msg_iov->iov_len = messages[i].msg_len;
               messages[i].msg_hdr.msg_name = &to[which];
               messages[i].msg_hdr.msg_namelen = sizeof to[which];
             }
             (void)sendmmsg(out[which], messages.data(), static_cast<unsigned>(count), 0);
           });
  std::printf("{\"datagrams\": %llu, \"reads\": %llu, \"us_per_datagram\": %.2f}\n",
              static_cast<unsigned long long>(datagrams), static_cast<unsigned long long>(calls),
              cpu_seconds() * 1e6 / static_cast<double>(std::max<std::uint64_t>(datagrams, 1)));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments said(argc - 1, argv + 1);
  std::signal(SIGTERM, [](int) { stopped = 1; });
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const std::string role = argc > 1 ? argv[1] : "";
  if (role == "send") return send_all(said);
  if (role == "look") return look(said);
  if (role == "relay") return relay(said, true);
  if (role == "take") return relay(said, false);
  std::fputs("udp-load send|look|relay|take, see its first lines\n", stderr);
  return 2;
}
