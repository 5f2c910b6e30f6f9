#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "app/api/context.h"
#include "app/heartbeat/figures.h"
#include "hub/hub.h"
#include "net/tls_context.h"

namespace weir::heartbeat {

// Reports to the server that the configuration names, on the worker of `hub`. One report at a time, with a time limit
// of its own; none while the server takes no newcomers. A failure is logged when it begins and when it is over.
class Heartbeat {
 public:
  // `address` is told where heartbeat.device_ip is empty. Before the workers start; lives until they have stopped, as
  // must what is given.
  Heartbeat(hub::Hub& hub, const api::Context& context, std::string address, Figures& figures);
  Heartbeat(const Heartbeat&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  void tick();
  net::Task<void> report(net::Life& life);
  net::Task<base::Result<int>> send(net::Life& life, std::shared_ptr<const config::Config> config);
  base::Result<net::TlsContext*> tls(const config::Heartbeat& settings);
  void tell(const net::Life& life, const std::string& url, const std::string& fault);

  // given
  hub::Hub& hub_;
  const api::Context& context_;
  std::string address_;
  Figures& figures_;

  // owned
  std::unique_ptr<net::TlsContext> tls_;
  std::string tls_made_for_;

  // state
  Clock::time_point next_{};
  bool under_way_ = false;
  bool failing_ = false;
};

}  // namespace weir::heartbeat
