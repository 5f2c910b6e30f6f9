#pragma once

#include <memory>
#include <vector>

#include "app/auth/connection_gate.h"
#include "app/devices/store.h"
#include "app/events/board.h"
#include "base/log_limit.h"
#include "config/config.h"
#include "main/shard.h"
#include "net/listener.h"
#include "session/gb28181/device_starter.h"
#include "session/gb28181/media_sender.h"
#include "session/gb28181/sip_service.h"

namespace weir::server {

// What the server has for SIP of GB/T 28181, where the configuration has a stream_caster gb28181 with `sip`: the
// service, on the first worker; its ports by UDP and TCP; and on each worker who starts streams of devices. Its
// settings act after a restart. Built and called on the main thread, after the shards and before them gone.
class SipPorts {
 public:
  struct Parts {
    const std::vector<std::unique_ptr<Shard>>& shards;
    const hub::Hub::Peers& peers;
    auth::ConnectionGate& connections;
    events::Board& events;
    net::BlockingPool& files;
    session::gb28181::MediaShared& media;
    log::Logger& logger;
  };
  // Nothing is made where SIP is not asked for.
  SipPorts(const Parts& parts, const config::Config& config);
  ~SipPorts();

  // Opens the ports; nothing is heard before listen(). False after it logged why.
  bool open();
  // The workers run.
  void listen();
  // Devices are told that their calls end, and platforms above that this server leaves; waits for these a moment. The
  // workers run.
  void stop();
  session::gb28181::SipService* service() { return service_.get(); }

 private:
  void accept(std::unique_ptr<net::ByteStream> stream);

  // given
  Parts parts_;
  log::Context log_;

  // owned
  std::unique_ptr<session::gb28181::MediaSender> sender_;
  std::unique_ptr<session::gb28181::SipService> service_;
  std::unique_ptr<devices::Store> store_;  // none: devices are not remembered
  std::vector<std::unique_ptr<session::gb28181::DeviceStarter>> starters_;

  // state
  std::vector<config::Endpoint> endpoints_;
  std::vector<net::UdpSocket> udp_;  // open, and not listened on yet
  struct Tcp {
    net::ListenAddress address;
    net::ListenSocket socket;
  };
  std::vector<Tcp> tcp_;
  log::Limit refusals_;  // on the worker
};

}  // namespace weir::server
