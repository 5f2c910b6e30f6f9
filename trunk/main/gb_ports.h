#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/log.h"
#include "config/config.h"
#include "main/shard.h"
#include "session/gb28181/media_shared.h"

namespace weir::server {

// The one port of stream_caster gb28181 where all streams come and are told apart by their SSRC: by TCP on each worker,
// and where devices send so, by UDP on the first. With media_ports there is none: each stream opens its own. On the
// main thread.
class GbPorts {
 public:
  GbPorts(const std::vector<std::unique_ptr<Shard>>& shards, session::gb28181::MediaShared& shared,
          const log::Context& log)
      : shards_(shards), shared_(shared), log_(log) {}

  // Opens what the configuration wants and is not open, at the start and on reload, and closes the rest. False if a
  // port could not be opened, after it was logged why.
  bool open(const config::Config& config);

 private:
  bool open_tcp(const config::Endpoint& endpoint);
  bool open_udp(const config::Endpoint& endpoint);
  void close(std::optional<config::Endpoint>& endpoint, bool tcp);

  // given
  const std::vector<std::unique_ptr<Shard>>& shards_;
  session::gb28181::MediaShared& shared_;
  const log::Context& log_;

  // state
  std::optional<config::Endpoint> tcp_, udp_;  // that are open
};

}  // namespace weir::server
