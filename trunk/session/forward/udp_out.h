#pragma once

#include <memory>

#include "config/udp_target.h"
#include "net/udp_port.h"
#include "session/forward/ts_out.h"

namespace weir::session::forward {

// The way to a target of UDP. Nobody answers: what is lost on the way is not known.
class UdpOut final : public TsOut {
 public:
  // From a port of its own, whose datagrams leave as the target says. Errors: the system's.
  static base::Result<std::unique_ptr<UdpOut>> open(net::Worker& worker, const config::UdpTarget& target,
                                                    const net::UdpAddress& to);

  void send(rtp::TsDatagrams::Stream stream, base::Bytes datagrams, std::size_t each) override;
  base::ErrorCode failed() const override { return failed_; }
  std::uint64_t drops() const override { return port_.counts().send_drops; }

 private:
  UdpOut(net::Worker& worker, net::UdpSocket socket, const net::UdpAddress& to)
      : port_(worker, std::move(socket)), to_(to) {}

  net::UdpPort port_;
  net::UdpAddress to_;
  base::ErrorCode failed_;
};

}  // namespace weir::session::forward
