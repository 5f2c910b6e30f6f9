#include "net/srt/setup.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/srt/error.h"
#include "net/srt/handshake_guard.h"

namespace weir::net {

using base::Result;
using Endpoint = boost::asio::ip::udp::endpoint;

namespace {

constexpr int header_bytes = 28 + 16;  // of IPv4, UDP and SRT
constexpr int udp_buffer_bytes = 8 << 20;

struct Named {
  std::string_view name;
  SRT_SOCKOPT option;
  bool wide = false;  // 64 bits
};

constexpr Named all_named[] = {{"latency", SRTO_LATENCY},
                               {"rcvlatency", SRTO_RCVLATENCY},
                               {"peerlatency", SRTO_PEERLATENCY},
                               {"streamid", SRTO_STREAMID},
                               {"passphrase", SRTO_PASSPHRASE},
                               {"pbkeylen", SRTO_PBKEYLEN},
                               {"enforcedencryption", SRTO_ENFORCEDENCRYPTION},
                               {"kmrefreshrate", SRTO_KMREFRESHRATE},
                               {"kmpreannounce", SRTO_KMPREANNOUNCE},
                               {"packetfilter", SRTO_PACKETFILTER},
                               {"conntimeo", SRTO_CONNTIMEO},
                               {"peeridletimeo", SRTO_PEERIDLETIMEO},
                               {"maxbw", SRTO_MAXBW, true},
                               {"inputbw", SRTO_INPUTBW, true},
                               {"mininputbw", SRTO_MININPUTBW, true},
                               {"oheadbw", SRTO_OHEADBW},
                               {"mss", SRTO_MSS},
                               {"payloadsize", SRTO_PAYLOADSIZE},
                               {"fc", SRTO_FC},
                               {"sndbuf", SRTO_SNDBUF},
                               {"rcvbuf", SRTO_RCVBUF},
                               {"tsbpdmode", SRTO_TSBPDMODE},
                               {"tlpktdrop", SRTO_TLPKTDROP},
                               {"snddropdelay", SRTO_SNDDROPDELAY},
                               {"nakreport", SRTO_NAKREPORT},
                               {"drifttracer", SRTO_DRIFTTRACER},
                               {"lossmaxttl", SRTO_LOSSMAXTTL},
                               {"retransmitalgo", SRTO_RETRANSMITALGO},
                               {"ipttl", SRTO_IPTTL},
                               {"iptos", SRTO_IPTOS},
                               {"ipv6only", SRTO_IPV6ONLY},
                               {"bindtodevice", SRTO_BINDTODEVICE}};

bool set(int socket, std::string_view name, const SrtSettings::value_type::second_type& value) {
  SrtSetter setter(socket);
  if (const auto* seconds = std::get_if<std::int64_t>(&value); seconds && name == "linger") {
    return setter.set(SRTO_LINGER, linger{.l_onoff = *seconds > 0, .l_linger = static_cast<int>(*seconds)}).ok();
  }
  const auto* known =
      std::find_if(std::begin(all_named), std::end(all_named), [&](const Named& one) { return one.name == name; });
  if (known == std::end(all_named)) return false;
  if (const auto* text = std::get_if<std::string>(&value)) return setter.set_text(known->option, *text).ok();
  if (const auto* yes = std::get_if<bool>(&value)) return setter.set(known->option, *yes).ok();
  const std::int64_t number = std::get<std::int64_t>(value);
  if (known->wide) return setter.set(known->option, number).ok();
  return setter.set(known->option, static_cast<int>(number)).ok();
}

}  // namespace

Result<SrtUdpSocket> SrtUdpSocket::bind(const Endpoint& endpoint, bool share) {
  SrtUdpSocket made(::socket(endpoint.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (made.descriptor_ < 0) return base::last_error();
  const int on = 1;
  if (share) ::setsockopt(made.descriptor_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (endpoint.address().is_v6()) ::setsockopt(made.descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  TRY_VOID(guard_srt_handshakes(made.descriptor_));  // before the first datagram
  if (::bind(made.descriptor_, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0)
    return base::last_error();
  return made;
}

SrtUdpSocket::~SrtUdpSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Endpoint SrtUdpSocket::endpoint() const {
  Endpoint local;
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
  if (address.ss_family == AF_INET6) local = Endpoint(boost::asio::ip::udp::v6(), 0);
  std::memcpy(local.data(), &address, local.size());
  return local;
}

Result<void> SrtUdpSocket::give_to(int srt_socket) {
  if (srt_bind_acquire(srt_socket, descriptor_) != 0) return last_srt_error();
  descriptor_ = -1;
  return {};
}

namespace {

int to_ms(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }
int at_most_a_gigabyte(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, 1U << 30)); }

// What a listener and each connection may have of its own. Flow window and buffers: the library's tables of losses take
// memory by the window, 12 MB worth of packets by default, for each connection; buffers are cut to the window.
SrtSetter& apply_to_any(SrtSetter& setter, const SrtOptions& options, int mss) {
  const int packet = mss - 28, receive = at_most_a_gigabyte(options.receive_buffer_bytes),
            send = at_most_a_gigabyte(options.send_buffer_bytes);
  return setter.set(SRTO_FC, std::max(128, std::max(receive, send) / packet))
      .set(SRTO_RCVBUF, std::max(receive, 32 * packet))
      .set(SRTO_SNDBUF, std::max(send, 32 * packet))
      .set(SRTO_PAYLOADSIZE, std::min(options.payload_bytes, mss - header_bytes))
      .set(SRTO_RCVLATENCY, to_ms(options.receive_latency))
      .set(SRTO_PEERLATENCY, to_ms(options.send_latency))
      .set(SRTO_TSBPDMODE, options.by_timestamp)
      .set(SRTO_TLPKTDROP, options.drop_late)
      .set(SRTO_RETRANSMITALGO, options.resend_each_time ? 0 : 1)
      .set(SRTO_MAXBW, options.most_bytes_per_second)
      .set(SRTO_PEERIDLETIMEO, to_ms(options.peer_idle_timeout));
}

}  // namespace

// The type comes first: it sets the others.
bool apply(const SrtOptions& options, bool v6, int socket) {
  SrtSetter setter(socket);
  setter.set(SRTO_TRANSTYPE, SRTT_LIVE)
      .set(SRTO_RCVSYN, false)
      .set(SRTO_SNDSYN, false)
      .set(SRTO_MSS, options.mss)
      .set(SRTO_UDP_RCVBUF, udp_buffer_bytes)
      .set(SRTO_UDP_SNDBUF, udp_buffer_bytes / 4)
      .set(SRTO_CONNTIMEO, to_ms(options.connect_timeout));
  apply_to_any(setter, options, options.mss);
  if (v6) setter.set(SRTO_IPV6ONLY, 1);
  return setter.ok();
}

bool apply_to_accepted(const SrtOptions& options, int socket) {
  int mss = 0, size = sizeof mss;
  if (srt_getsockflag(socket, SRTO_MSS, &mss, &size) != 0) return false;
  SrtSetter setter(socket);
  return apply_to_any(setter, options, mss).ok();
}

Result<void> apply(const SrtSettings& settings, int socket, std::string& fault) {
  for (const auto& [name, value] : settings) {
    if (set(socket, name, value)) continue;
    fault = "the option " + name;
    return last_srt_error();
  }
  return {};
}

}  // namespace weir::net
