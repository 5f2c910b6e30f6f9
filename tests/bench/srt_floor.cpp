// What libsrt alone costs, and what it alone can do.
//
//   srt-floor serve --port 10080 [--threads 2] [--latency MS=120] [--seconds 0]
//       takes publishers (streamid "#!::r=NAME,m=publish") and players ("...,m=request"), and gives each message of a
//       stream to its players, on one thread for each of `threads` ports that share the number, beside libsrt's own:
//       what any server over libsrt has to do. Says its CPU time for each second on standard output.
//   srt-floor ends --to PORT --from PORT [--kbps 2000] [--latency MS=200] [--seconds 60] [--direct]
//       publishes a stream to one port and plays it from another, by libsrt; says what is missing of it in one line of
//       JSON. With --direct yes it listens at `from` itself: libsrt to libsrt.
//       --retransmits 0 or 1 is SRTO_RETRANSMITALGO of the publisher.

#include <srt/srt.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <arpa/inet.h>
#include <unistd.h>

#include "ts_stream.h"

using namespace bench;

namespace {

template <class T>
void set(SRTSOCKET socket, SRT_SOCKOPT option, T value) {
  if (srt_setsockflag(socket, option, &value, sizeof value) != 0) {
    std::fprintf(stderr, "option %d: %s\n", static_cast<int>(option), srt_getlasterror_str());
    std::exit(1);
  }
}

sockaddr_in address(int port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

SRTSOCKET listen_at(int port, int latency) {
  const int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
  const int on = 1, room = 8 << 20;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  const sockaddr_in at = address(port);
  if (bind(descriptor, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) std::exit(1);
  const SRTSOCKET listener = srt_create_socket();
  set(listener, SRTO_RCVSYN, false);
  set(listener, SRTO_SNDSYN, false);
  set(listener, SRTO_LATENCY, latency);
  if (srt_bind_acquire(listener, descriptor) != 0 || srt_listen(listener, 512) != 0) {
    std::fprintf(stderr, "listen: %s\n", srt_getlasterror_str());
    std::exit(1);
  }
  return listener;
}

// The players of each stream; a publisher's thread sends to them, whichever thread took them.
struct Board {
  std::mutex lock;
  std::unordered_map<std::string, std::shared_ptr<std::vector<SRTSOCKET>>> players;

  std::shared_ptr<std::vector<SRTSOCKET>> of(const std::string& name) {
    const std::lock_guard hold(lock);
    auto& found = players[name];
    if (!found) found = std::make_shared<std::vector<SRTSOCKET>>();
    return found;
  }
  void add(const std::string& name, SRTSOCKET player) {
    const std::lock_guard hold(lock);
    auto& found = players[name];
    auto more = found ? std::make_shared<std::vector<SRTSOCKET>>(*found) : std::make_shared<std::vector<SRTSOCKET>>();
    more->push_back(player);
    found = std::move(more);
  }
};

void serve(Board& board, int port, int latency) {
  const SRTSOCKET listener = listen_at(port, latency);
  const int poller = srt_epoll_create();
  const int in = int{SRT_EPOLL_IN} | int{SRT_EPOLL_ERR};
  srt_epoll_add_usock(poller, listener, &in);
  std::unordered_map<SRTSOCKET, std::string> publishers;
  std::vector<SRT_EPOLL_EVENT> events(512);
  std::vector<char> room(1500);
  for (;;) {
    const int count = srt_epoll_uwait(poller, events.data(), static_cast<int>(events.size()), 1000);
    for (int i = 0; i < std::min(count, static_cast<int>(events.size())); ++i) {
      const SRTSOCKET socket = events[static_cast<std::size_t>(i)].fd;
      if (socket == listener) {
        const SRTSOCKET made = srt_accept(listener, nullptr, nullptr);
        if (made == SRT_INVALID_SOCK) continue;
        char id[513]{};
        int size = sizeof id;
        srt_getsockflag(made, SRTO_STREAMID, id, &size);
        std::string name(id, static_cast<std::size_t>(std::max(size, 0)));
        const bool publishes = name.find("m=publish") != std::string::npos;
        name = name.substr(0, name.rfind(','));
        if (publishes) {
          publishers[made] = name;
          srt_epoll_add_usock(poller, made, &in);
        } else {
          board.add(name, made);
        }
        continue;
      }
      const auto found = publishers.find(socket);
      if (found == publishers.end()) continue;
      const auto players = board.of(found->second);
      int got = 0;
      while ((got = srt_recvmsg(socket, room.data(), static_cast<int>(room.size()))) > 0) {
        for (const SRTSOCKET player : *players) srt_sendmsg(player, room.data(), got, -1, 1);
      }
      if (srt_getsockstate(socket) > SRTS_CONNECTED) {
        srt_epoll_remove_usock(poller, socket);
        srt_close(socket);
        publishers.erase(found);
      }
    }
  }
}

int serve_all(const Arguments& said) {
  Board board;
  std::vector<std::thread> threads;
  for (int i = 0; i < static_cast<int>(said.number("threads", 2)); ++i) {
    threads.emplace_back([&] {
      serve(board, static_cast<int>(said.number("port", 10080)), static_cast<int>(said.number("latency", 120)));
    });
    usleep(100'000);
  }
  std::puts("ready");
  std::fflush(stdout);
  for (std::thread& one : threads) one.join();
  return 0;
}

// `retransmits`: SRTO_RETRANSMITALGO of what we send; -1: as the library has it.
SRTSOCKET call(int port, int latency, const std::string& id, int retransmits = -1) {
  const sockaddr_in at = address(port);
  for (int tries = 0; tries < 20; ++tries) {
    const SRTSOCKET socket = srt_create_socket();
    set(socket, SRTO_LATENCY, latency);
    if (retransmits >= 0) set(socket, SRTO_RETRANSMITALGO, retransmits);
    srt_setsockflag(socket, SRTO_STREAMID, id.data(), static_cast<int>(id.size()));
    if (srt_connect(socket, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) return socket;
    std::fprintf(stderr, "connect: %s, %d\n", srt_getlasterror_str(), srt_getrejectreason(socket));
    srt_close(socket);
    usleep(200'000);
  }
  std::exit(1);
}

int ends(const Arguments& said) {
  const int latency = static_cast<int>(said.number("latency", 200));
  const double seconds = said.number("seconds", 60);
  const int to = static_cast<int>(said.number("to", 10080)), from = static_cast<int>(said.number("from", 10080));
  const int retransmits = static_cast<int>(said.number("retransmits", -1));
  std::atomic<bool> over{false};
  Looker looker;
  std::vector<std::uint32_t> delays;
  SRT_TRACEBSTATS received{}, sent{};
  SRTSOCKET source = SRT_INVALID_SOCK, player = SRT_INVALID_SOCK, listener = SRT_INVALID_SOCK;
  if (said.text("direct", "no") == "yes") {
    listener = srt_create_socket();
    set(listener, SRTO_LATENCY, latency);
    const sockaddr_in at = address(from);
    if (srt_bind(listener, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 || srt_listen(listener, 1) != 0)
      return 1;
    source = call(to, latency, "", retransmits);
    player = srt_accept(listener, nullptr, nullptr);
  } else {
    source = call(to, latency, "#!::r=live/loss,m=publish", retransmits);
    player = call(from, latency, "#!::r=live/loss,m=request");
  }
  std::thread reader([&] {
    std::vector<char> room(1500);
    // What comes in the first seconds is not counted: the two sides are getting to know each other.
    const std::uint64_t begin = wall_ns() + 3'000'000'000;
    while (!over) {
      const int got = srt_recvmsg(player, room.data(), static_cast<int>(room.size()));
      if (got <= 0) break;
      const std::uint64_t now = wall_ns();
      if (now < begin) continue;
      looker.delays_us = &delays;
      looker.look(reinterpret_cast<const std::uint8_t*>(room.data()), static_cast<std::size_t>(got), now);
    }
  });
  Maker maker(said.number("kbps", 2000));
  std::vector<std::uint8_t> picture;
  const std::uint64_t interval = 1'000'000'000 / pictures_a_second, start = clock_ns(CLOCK_MONOTONIC);
  for (std::uint64_t n = 0; static_cast<double>(n * interval) < seconds * 1e9; ++n) {
    const std::uint64_t at = start + n * interval;
    const timespec when{static_cast<time_t>(at / 1'000'000'000), static_cast<long>(at % 1'000'000'000)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
    maker.make(picture, wall_ns());
    for (std::size_t i = 0; i < maker.datagrams(); ++i) {
      srt_sendmsg(source, reinterpret_cast<const char*>(picture.data() + i * datagram), datagram, -1, 1);
    }
  }
  usleep(1'500'000);
  srt_bistats(source, &sent, 0, 1);
  srt_bistats(player, &received, 0, 1);
  over = true;
  srt_close(player);
  reader.join();
  srt_close(source);
  if (listener != SRT_INVALID_SOCK) srt_close(listener);
  srt_cleanup();
  std::printf(
      "{\"datagrams\": %lld, \"pictures\": %llu, \"missing_pictures\": %llu, \"broken_pictures\": %llu, \"gaps\": "
      "%llu, "
      "\"resent\": %d, \"lost_on_the_way_to_us\": %d, \"given_up_by_us\": %d, \"rtt_ms\": %.1f, \"delay_ms\": "
      "{\"p50\": %.1f, "
      "\"p99\": %.1f}}\n",
      static_cast<long long>(sent.pktSentUniqueTotal), static_cast<unsigned long long>(looker.pictures),
      static_cast<unsigned long long>(looker.missing), static_cast<unsigned long long>(looker.broken),
      static_cast<unsigned long long>(looker.gaps), sent.pktRetransTotal, received.pktRcvLossTotal,
      received.pktRcvDropTotal, received.msRTT, quantile_ms(delays, 0.5), quantile_ms(delays, 0.99));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments said(argc - 1, argv + 1);
  srt_startup();
  srt_setloglevel(0);
  const std::string role = argc > 1 ? argv[1] : "";
  if (role == "serve") return serve_all(said);
  if (role == "ends") return ends(said);
  std::fputs("srt-floor serve|ends, see its first lines\n", stderr);
  return 2;
}
