#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "net/life.h"
#include "net/listener.h"
#include "net/task.h"
#include "net/turn.h"
#include "net/udp_address.h"

namespace weir::net {

// A bound UDP descriptor, closed when destroyed. Several may be open for one address, one for each worker: the kernel
// gives all datagrams of one pair of addresses to the same of them, as long as none is added or closed (SO_REUSEPORT).
class UdpSocket {
 public:
  // Errors: the system's, for example address_in_use: another program on the port is noticed, not shared with. A bare
  // port is IPv4, as ListenSocket has it.
  static base::Result<std::vector<UdpSocket>> open(const ListenAddress& address, std::size_t count);
  UdpSocket(UdpSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  UdpSocket& operator=(UdpSocket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~UdpSocket();

  UdpAddress local() const;
  // What the kernel granted for datagrams that wait, of what was asked: bytes as it counts them.
  std::size_t receive_buffer() const;
  std::size_t send_buffer() const;
  static constexpr int buffer_asked = 4 * 1024 * 1024;

  int descriptor() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  explicit UdpSocket(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

// One datagram as it came.
struct Datagram {
  base::MutableBytes bytes;  // may be written to; valid during the call
  UdpAddress from;
  UdpAddress to;  // the address of ours that it was sent to: answers leave from there
  base::Instant arrived;
};

// A worker's socket on a UDP port: receives many datagrams with one system call, and sends them so where the kernel can
// (UDP_GRO, UDP_SEGMENT), singly elsewhere. Lives on one worker.
class UdpPort {
 public:
  struct Options {
    bool join_received = true;  // UDP_GRO
    bool segment_sent = true;   // UDP_SEGMENT
  };
  UdpPort(Worker& worker, UdpSocket socket) : UdpPort(worker, std::move(socket), Options()) {}
  UdpPort(Worker& worker, UdpSocket socket, Options options);
  ~UdpPort();
  UdpPort(const UdpPort&) = delete;
  UdpPort& operator=(const UdpPort&) = delete;

  using Handler = std::function<void(UdpPort&, const Datagram&)>;
  // Gives each datagram to `handler` until the Life is stopped. What comes faster than a turn is long waits for the
  // others of the worker. `self` keeps the port.
  static Task<void> receive(Life& life, std::shared_ptr<UdpPort> self, Handler handler);

  // Sends `packets` as datagrams of `segment` bytes each, of which the last may be shorter, from the address `from` of
  // ours. What the kernel does not take now is dropped and counted, as a network would do.
  void send(const UdpAddress& to, const UdpAddress& from, base::Bytes packets, std::size_t segment);
  void send(const UdpAddress& to, const UdpAddress& from, base::Bytes packet) {
    send(to, from, packet, packet.empty() ? 1 : packet.size());
  }

  const UdpAddress& local() const { return local_; }  // as bound: its address may be all zeros
  bool segments() const { return segment_sent_; }

  struct Counts {
    std::uint64_t received = 0, received_bytes = 0;
    std::uint64_t sent = 0, sent_bytes = 0, send_calls = 0;
    std::uint64_t send_drops = 0;     // the kernel did not take them
    std::uint64_t receive_drops = 0;  // nobody read them in time (SO_RXQ_OVFL)
  };
  const Counts& counts() const { return counts_; }
  // Why it did not take the last of those; none before.
  base::ErrorCode send_error() const { return send_error_; }

  static constexpr std::size_t most_segments = 64;   // of one call: UDP_MAX_SEGMENTS of older kernels
  static constexpr std::size_t most_bytes = 65'507;  // of one call: what IPv4 leaves of 65,535

 private:
  struct Waiter;
  struct Room;
  bool receive_some(const Handler& handler);
  bool send_call(const UdpAddress& to, const UdpAddress& from, base::Bytes packets, std::size_t segment);
  void send_singly(const UdpAddress& to, const UdpAddress& from, base::Bytes packets, std::size_t segment);

  // given
  Worker& worker_;
  UdpAddress local_;

  // owned
  std::unique_ptr<Waiter> waiter_;
  std::unique_ptr<Room> room_;

  // state
  Turn turn_;
  bool segment_sent_;
  Counts counts_;
  base::ErrorCode send_error_;
};

}  // namespace weir::net
