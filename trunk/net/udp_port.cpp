#include "net/udp_port.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <boost/asio/ip/udp.hpp>

#include <array>

#include "net/coroutine.h"
#include "net/patience.h"
#include "net/udp_sockaddr.h"
#include "net/worker.h"

namespace weir::net {
namespace asio = boost::asio;

namespace {

constexpr std::size_t batch = 16;              // datagrams of one call, and of more where the kernel joins them
constexpr std::size_t slot_bytes = 64 * 1024;  // more than any datagram has

// Ancillary data of one message: where it was sent to, how it was joined, what was dropped.
struct alignas(cmsghdr) Control {
  std::array<std::uint8_t,
             CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(std::uint32_t))>
      bytes;
};

template <class T>
T value_of(const cmsghdr* message) {
  T value{};
  std::memcpy(&value, CMSG_DATA(message), sizeof value);
  return value;
}

struct Notes {
  std::size_t segment = 0;  // 0: it is one datagram
  std::uint32_t dropped = 0;
  bool has_dropped = false;
};

Notes read_notes(msghdr& header, UdpAddress& to) {
  Notes notes;
  for (cmsghdr* one = CMSG_FIRSTHDR(&header); one; one = CMSG_NXTHDR(&header, one)) {
    if (one->cmsg_level == IPPROTO_IP && one->cmsg_type == IP_PKTINFO) {
      const auto info = value_of<in_pktinfo>(one);
      std::memcpy(to.bytes.data(), &info.ipi_addr, 4);
    } else if (one->cmsg_level == IPPROTO_IPV6 && one->cmsg_type == IPV6_PKTINFO) {
      const auto info = value_of<in6_pktinfo>(one);
      std::memcpy(to.bytes.data(), &info.ipi6_addr, 16);
      if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) to.scope = info.ipi6_ifindex;
    } else if (one->cmsg_level == SOL_UDP && one->cmsg_type == UDP_GRO) {
      notes.segment = static_cast<std::size_t>(value_of<int>(one));
    } else if (one->cmsg_level == SOL_SOCKET && one->cmsg_type == SO_RXQ_OVFL) {
      notes.dropped = value_of<std::uint32_t>(one);
      notes.has_dropped = true;
    }
  }
  return notes;
}

template <class T>
cmsghdr* append_note(msghdr& header, cmsghdr* place, int level, int type, const T& value) {
  place->cmsg_level = level;
  place->cmsg_type = type;
  place->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(place), &value, sizeof value);
  header.msg_controllen += CMSG_SPACE(sizeof value);
  return reinterpret_cast<cmsghdr*>(static_cast<std::uint8_t*>(header.msg_control) + header.msg_controllen);
}

// One message from an address of ours; with `segment` the kernel cuts it.
struct Outgoing {
  Outgoing(const UdpAddress& to, const UdpAddress& from, base::Bytes packets, std::uint16_t segment) : remote(to) {
    part = {const_cast<std::uint8_t*>(packets.data()), packets.size()};
    header.msg_name = const_cast<sockaddr*>(remote.get());
    header.msg_namelen = remote.size();
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.bytes.data();
    auto* place = reinterpret_cast<cmsghdr*>(control.bytes.data());
    if (from.bytes != UdpAddress().bytes) {
      if (from.v6) {
        in6_pktinfo info{};
        std::memcpy(&info.ipi6_addr, from.bytes.data(), 16);
        info.ipi6_ifindex = from.scope;
        place = append_note(header, place, IPPROTO_IPV6, IPV6_PKTINFO, info);
      } else {
        in_pktinfo info{};
        std::memcpy(&info.ipi_spec_dst, from.bytes.data(), 4);
        place = append_note(header, place, IPPROTO_IP, IP_PKTINFO, info);
      }
    }
    if (segment != 0) append_note(header, place, SOL_UDP, UDP_SEGMENT, segment);
  }
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  SocketAddress remote;
  iovec part{};
  Control control{};
  msghdr header{};
};

}  // namespace

struct UdpPort::Waiter {
  explicit Waiter(Worker& worker) : socket(worker.io().get_executor()) {}
  asio::basic_datagram_socket<asio::ip::udp, asio::io_context::executor_type> socket;
};

// Pages of it that no datagram was long enough for are never touched, and so cost nothing.
struct UdpPort::Room {
  base::Buffer bytes{batch * slot_bytes};
  std::array<mmsghdr, batch> messages;
  std::array<iovec, batch> parts;
  std::array<sockaddr_storage, batch> names;
  std::array<Control, batch> controls;
};

UdpPort::UdpPort(Worker& worker, UdpSocket socket, Options options)
    : worker_(worker),
      local_(socket.local()),
      waiter_(std::make_unique<Waiter>(worker)),
      room_(std::make_unique<Room>()),
      turn_(worker.cut_turns()),
      segment_sent_(options.segment_sent) {
  const int descriptor = socket.descriptor();
  if (options.join_received) {
    const int on = 1;
    ::setsockopt(descriptor, SOL_UDP, UDP_GRO, &on, sizeof on);  // a kernel without it gives each datagram singly
  }
  int size = 0;
  socklen_t length = sizeof size;
  if (::getsockopt(descriptor, SOL_UDP, UDP_SEGMENT, &size, &length) != 0) segment_sent_ = false;
  base::ErrorCode failed;
  waiter_->socket.assign(local_.v6 ? asio::ip::udp::v6() : asio::ip::udp::v4(), socket.release(), failed);
}

UdpPort::~UdpPort() = default;

Task<void> UdpPort::receive(Life& life, std::shared_ptr<UdpPort> self, Handler handler) {
  while (!co_await stop_requested()) {
    if (self->receive_some(handler)) {
      if (self->turn_.spend()) continue;
      self->turn_.pause();
      co_await Patience::of(life.worker().io()).wait(use_ec);
    } else {
      co_await self->waiter_->socket.async_wait(asio::socket_base::wait_read, use_ec);
    }
    self->turn_.renew();
  }
}

// False when there is nothing to be had now.
bool UdpPort::receive_some(const Handler& handler) {
  Room& room = *room_;
  for (std::size_t i = 0; i < batch; ++i) {
    room.parts[i] = {room.bytes.data() + i * slot_bytes, slot_bytes};
    msghdr& header = room.messages[i].msg_hdr;
    header = {};
    header.msg_name = &room.names[i];
    header.msg_namelen = sizeof room.names[i];
    header.msg_iov = &room.parts[i];
    header.msg_iovlen = 1;
    header.msg_control = room.controls[i].bytes.data();
    header.msg_controllen = room.controls[i].bytes.size();
  }
  const int count = ::recvmmsg(waiter_->socket.native_handle(), room.messages.data(), batch, MSG_DONTWAIT, nullptr);
  if (count <= 0) return false;
  const auto arrived = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    UdpAddress to = local_;
    const Notes notes = read_notes(room.messages[i].msg_hdr, to);
    if (notes.has_dropped) counts_.receive_drops = notes.dropped;
    const UdpAddress from = from_sockaddr(room.names[i]);
    const base::MutableBytes all(room.bytes.data() + i * slot_bytes, room.messages[i].msg_len);
    counts_.received_bytes += all.size();
    turn_.spend(all.size());
    const std::size_t step = notes.segment == 0 ? std::max<std::size_t>(all.size(), 1) : notes.segment;
    std::size_t at = 0;
    do {  // an empty datagram is one, too
      ++counts_.received;
      try {
        handler(*this, {all.subspan(at, std::min(step, all.size() - at)), from, to, arrived});
      } catch (const std::bad_alloc&) {  // that datagram is lost, and the port stays open
        worker_.count_out_of_memory();
      }
      turn_.spend();
      at += step;
    } while (at < all.size());
  }
  return true;
}

void UdpPort::send(const UdpAddress& to, const UdpAddress& from, base::Bytes packets, std::size_t segment) {
  const std::size_t together = std::max<std::size_t>(1, std::min(most_segments, most_bytes / segment)) * segment;
  do {
    const base::Bytes part = packets.first(std::min(together, packets.size()));
    packets = packets.subspan(part.size());
    if (part.size() <= segment || segment_sent_) {
      if (send_call(to, from, part, segment)) continue;
    }
    send_singly(to, from, part, segment);
  } while (!packets.empty());
}

// False: the kernel or the way out cannot cut them.
bool UdpPort::send_call(const UdpAddress& to, const UdpAddress& from, base::Bytes packets, std::size_t segment) {
  const bool several = packets.size() > segment;
  const std::size_t count = several ? (packets.size() + segment - 1) / segment : 1;
  Outgoing message(to, from, packets, several ? static_cast<std::uint16_t>(segment) : std::uint16_t{0});
  ++counts_.send_calls;
  const ssize_t sent = ::sendmsg(waiter_->socket.native_handle(), &message.header, MSG_DONTWAIT);
  if (sent >= 0) {
    counts_.sent += count;
    counts_.sent_bytes += static_cast<std::uint64_t>(sent);
    return true;
  }
  // The device of that way has no checksum offload: EIO, or EINVAL where it is found out earlier; perhaps after it
  // worked for long.
  if (several && (errno == EIO || errno == EINVAL)) {
    const base::ErrorCode why(errno, boost::system::system_category());
    segment_sent_ = false;
    log::warn({worker_.logger(), {}, {}}, "UDP {}: the kernel does not cut packets here ({}): they are sent singly",
              net::to_text(local_), why.message());
    return false;
  }
  counts_.send_drops += count;
  send_error_.assign(errno, boost::system::system_category());
  return true;
}

void UdpPort::send_singly(const UdpAddress& to, const UdpAddress& from, base::Bytes packets, std::size_t segment) {
  constexpr std::size_t most = 16;
  while (!packets.empty()) {
    std::array<mmsghdr, most> headers{};
    std::array<iovec, most> parts{};
    const Outgoing first(to, from, packets, 0);
    std::size_t count = 0;
    for (; count < most && !packets.empty(); ++count) {
      const base::Bytes part = packets.first(std::min(segment, packets.size()));
      packets = packets.subspan(part.size());
      parts[count] = {const_cast<std::uint8_t*>(part.data()), part.size()};
      headers[count].msg_hdr = first.header;
      headers[count].msg_hdr.msg_iov = &parts[count];
    }
    ++counts_.send_calls;
    const int taken =
        ::sendmmsg(waiter_->socket.native_handle(), headers.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
    if (taken < 0) send_error_.assign(errno, boost::system::system_category());
    const std::size_t sent = taken < 0 ? 0 : static_cast<std::size_t>(taken);
    for (std::size_t i = 0; i < sent; ++i) counts_.sent_bytes += headers[i].msg_len;
    counts_.sent += sent;
    counts_.send_drops += count - sent;
  }
}

}  // namespace weir::net
