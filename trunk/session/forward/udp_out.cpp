#include "session/forward/udp_out.h"

#include "net/multicast.h"

namespace weir::session::forward {

using base::ErrorCode;
using base::Result;
using Stream = rtp::TsDatagrams::Stream;

namespace {

// A full queue of the system passes; a route that is missing does not.
bool passes(const ErrorCode& error) {
  namespace errc = boost::system::errc;
  return error == errc::operation_would_block || error == errc::resource_unavailable_try_again ||
         error == errc::no_buffer_space;
}

}  // namespace

Result<std::unique_ptr<UdpOut>> UdpOut::open(net::Worker& worker, const config::UdpTarget& target,
                                             const net::UdpAddress& to) {
  TRY(auto sockets, net::UdpSocket::open({to.v6 ? "::" : "0.0.0.0", 0}, 1));
  TRY_VOID(net::send_over(sockets.front().descriptor(), to, target.interface, target.ttl));
  return std::unique_ptr<UdpOut>(new UdpOut(worker, std::move(sockets.front()), to));
}

void UdpOut::send(Stream stream, base::Bytes datagrams, std::size_t each) {
  net::UdpAddress to = to_;
  if (stream == Stream::fec_columns) to.port += rtp::column_port_step;
  if (stream == Stream::fec_rows) to.port += rtp::row_port_step;
  const std::uint64_t sent_before = port_.counts().sent;
  port_.send(to, {}, datagrams, each);
  const auto& counts = port_.counts();
  meter_.sent_bytes = counts.sent_bytes;
  meter_.sent_packets = counts.sent;
  const ErrorCode error = port_.send_error();
  if (counts.sent == sent_before && error && !passes(error)) failed_ = error;
}

}  // namespace weir::session::forward
