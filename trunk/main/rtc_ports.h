#pragma once

#include <memory>
#include <vector>

#include "base/log.h"
#include "config/config.h"
#include "main/shard.h"
#include "session/webrtc/way.h"

namespace weir::server {

// The UDP ports of WebRTC over the life of the process: one socket for each worker on each of them. On the main thread.
class RtcPorts {
 public:
  RtcPorts(const std::vector<std::unique_ptr<Shard>>& shards, const log::Context& log) : shards_(shards), log_(log) {}

  // Opens what the configuration wants and is not open, at the start and on reload, and retires the rest: sessions that
  // use a retired port keep it. False if a port could not be opened, after it was logged why.
  bool open(const config::Config& config, session::webrtc::Shared& shared);

 private:
  struct Port {
    config::Endpoint endpoint;
    session::webrtc::ListenerIndex index;
  };
  bool identify(const config::RtcServer& settings, session::webrtc::Shared& shared);
  bool open_one(const config::Endpoint& endpoint);
  void retire(const Port& port);

  // given
  const std::vector<std::unique_ptr<Shard>>& shards_;
  const log::Context& log_;

  // state
  std::vector<Port> ports_;
  std::uint32_t opened_ = 0;  // ever
};

}  // namespace weir::server
