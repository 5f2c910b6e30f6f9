// A way that loses and takes time: datagrams from one port to another and back.
//
//   udp-loss --from 10090 --to 10080 [--loss PERCENT=10] [--delay MS=20] [--seed 1] [--run 1] [--every 0] [--ports 1]
//            [--step 2]
//
// `delay` is of each direction, and so is `loss`: of each datagram by itself, or with --run of so many in a row, as
// often as makes the same share. With --every 20 it is each twentieth, whatever `loss` says. With --ports 3 those
// `step` apart are taken too, as FEC has them. Ends by SIGTERM, and says what it lost.

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <deque>
#include <memory>
#include <random>

#include "ts_stream.h"
#include "udp_wire.h"

using namespace bench;

namespace {

volatile std::sig_atomic_t stopped = 0;

struct Late {
  std::uint64_t due;
  int by;
  sockaddr_in to;
  std::vector<std::uint8_t> bytes;
};

// One that speaks to a port, and the socket of ours that the other side knows it by.
struct Client {
  sockaddr_in from;
  int inside;
};
struct Port {
  int outside;
  sockaddr_in target;
  std::vector<Client> clients{};
};

class Loss {
 public:
  Loss(double share, unsigned run, unsigned every, unsigned seed)
      : run_(run), every_(every), chance_(share / run / (1 - share + share / run)), random_(seed) {
    if (run <= 1) chance_ = share;
  }
  bool hits() {
    ++seen;
    if (every_ != 0) {
      const bool due = seen % every_ == 0;
      lost += due ? 1 : 0;
      return due;
    }
    if (left_ == 0 && std::uniform_real_distribution<double>(0, 1)(random_) < chance_) left_ = run_;
    if (left_ == 0) return false;
    --left_;
    ++lost;
    return true;
  }
  std::uint64_t seen = 0, lost = 0;

 private:
  unsigned run_, every_, left_ = 0;
  double chance_;
  std::mt19937 random_;
};

}  // namespace

int main(int argc, char** argv) {
  const Arguments said(argc, argv);
  std::signal(SIGTERM, [](int) { stopped = 1; });
  const double share = said.number("loss", 10) / 100;
  const auto delay = static_cast<std::uint64_t>(said.number("delay", 20) * 1e6);
  const auto run = static_cast<unsigned>(said.number("run", 1)), seed = static_cast<unsigned>(said.number("seed", 1));
  const auto every = static_cast<unsigned>(said.number("every", 0));
  Loss there(share, run, every, seed), back(share, run, every, seed + 1);
  std::vector<Port> ports;
  for (int i = 0; i < static_cast<int>(said.number("ports", 1)); ++i) {
    const int step = i * static_cast<int>(said.number("step", 2));
    ports.push_back({open_socket(static_cast<int>(said.number("from", 10090)) + step),
                     loopback(static_cast<int>(said.number("to", 10080)) + step)});
  }
  std::deque<Late> way;
  std::vector<std::uint8_t> room(2048);
  const auto put = [&](Loss& loss, int by, const sockaddr_in& to, std::size_t size) {
    if (loss.hits()) return;
    way.push_back({clock_ns(CLOCK_MONOTONIC) + delay, by, to, {room.begin(), room.begin() + static_cast<long>(size)}});
  };
  while (!stopped) {
    std::vector<pollfd> waits;
    for (const Port& port : ports) {
      waits.push_back({port.outside, POLLIN, 0});
      for (const Client& one : port.clients) waits.push_back({one.inside, POLLIN, 0});
    }
    poll(waits.data(), waits.size(), 1);
    for (Port& port : ports) {
      for (;;) {
        sockaddr_in from{};
        socklen_t length = sizeof from;
        const ssize_t size =
            recvfrom(port.outside, room.data(), room.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
        if (size < 0) break;
        const auto known = std::find_if(port.clients.begin(), port.clients.end(), [&](const Client& one) {
          return one.from.sin_port == from.sin_port && one.from.sin_addr.s_addr == from.sin_addr.s_addr;
        });
        const int inside = known != port.clients.end() ? known->inside : open_socket(0);
        if (known == port.clients.end()) port.clients.push_back({from, inside});
        put(there, inside, port.target, static_cast<std::size_t>(size));
      }
      for (const Client& one : port.clients) {
        for (;;) {
          const ssize_t size = recv(one.inside, room.data(), room.size(), 0);
          if (size < 0) break;
          put(back, port.outside, one.from, static_cast<std::size_t>(size));
        }
      }
    }
    for (const std::uint64_t now = clock_ns(CLOCK_MONOTONIC); !way.empty() && way.front().due <= now; way.pop_front()) {
      const Late& one = way.front();
      (void)sendto(one.by, one.bytes.data(), one.bytes.size(), 0, reinterpret_cast<const sockaddr*>(&one.to),
                   sizeof one.to);
    }
  }
  std::printf("{\"there\": %llu, \"lost\": %llu, \"back\": %llu, \"lost_back\": %llu}\n",
              static_cast<unsigned long long>(there.seen), static_cast<unsigned long long>(there.lost),
              static_cast<unsigned long long>(back.seen), static_cast<unsigned long long>(back.lost));
}
