#include "session/gb28181/own_ports.h"

#include "config/port_range.h"

namespace weir::session::gb28181 {

base::Result<OwnPorts> open_own_ports(const config::StreamCaster& caster, MediaShared& shared,
                                      const log::Context& log) {
  const auto range = config::parse_port_range(caster.media_ports);
  if (!range) return MediaErrc::no_free_port;
  const std::string host = caster.listen.empty() ? std::string() : caster.listen.front().address;
  const std::uint32_t low = range->low + (range->low & 1U);  // RFC 3550 11: RTP has the even ones
  if (low > range->high) return MediaErrc::no_free_port;
  const std::uint32_t count = (range->high - low) / 2 + 1;
  for (std::uint32_t tries = 0; tries < count; ++tries) {
    const auto port = static_cast<std::uint16_t>(low + 2 * (shared.next_port++ % count));
    auto datagrams = net::UdpSocket::open({host, port}, 1);
    base::Result<std::vector<net::ListenSocket>> connections = datagrams.error();
    if (datagrams) connections = net::ListenSocket::open({host, port}, 1);
    if (datagrams && connections) {
      if (datagrams->front().receive_buffer() < net::UdpSocket::buffer_asked &&
          !shared.told_of_small_buffers.exchange(true)) {
        log::warn(log,
                  "the system gives a UDP socket only {} kB for received packets: key frames of GB28181 by UDP lose "
                  "packets. Run 'sysctl -w net.core.rmem_max=8388608'",
                  datagrams->front().receive_buffer() / 1024);
      }
      return OwnPorts{std::move(datagrams->front()), std::move(connections->front()), port};
    }
    const base::ErrorCode failed = datagrams ? connections.error() : datagrams.error();
    if (failed != boost::system::errc::address_in_use) return failed;
  }
  return MediaErrc::no_free_port;
}

}  // namespace weir::session::gb28181
