#pragma once

#include <memory>
#include <vector>

#include "app/auth/connection_gate.h"
#include "base/log.h"
#include "base/log_limit.h"
#include "config/config.h"
#include "net/srt/library.h"
#include "net/srt/listener.h"
#include "session/common/upstream/srt.h"
#include "session/srt/entrance.h"
#include "session/srt/session.h"

namespace weir::server {

// What the server has for SRT: the library, a poller, a caller and sessions' parts for each worker, the listeners.
// libsrt is started when a configuration first asks for SRT, and its threads with it. Built and called on the main
// thread, after the shards and before them gone.
class SrtPorts {
 public:
  struct Parts {
    const std::vector<hub::Hub*>& hubs;              // one for each worker
    std::vector<session::upstream::SrtLine*> lines;  // of the same workers
    const hub::Directory& directory;
    auth::ConnectionGate& connections;
    log::Logger& logger;
  };
  SrtPorts(Parts parts, std::shared_ptr<const config::Config> config);
  ~SrtPorts();

  // Opens what the configuration wants; nothing is accepted before listen(). False after it logged why.
  bool open();
  // The workers run: accepts on each.
  void listen();
  // New callers are judged by it; ports that it adds are opened, and those that it takes away closed. Options of a port
  // that stays are those it was opened with.
  void reload(std::shared_ptr<const config::Config> config);
  // From now on callers are sent away with a code that says so.
  void drain();
  const session::srt::Figures& figures() const { return figures_; }
  // What the library takes for the connections that there are, about. Any thread.
  std::uint64_t memory_bytes() const { return figures_.connections * connection_bytes; }

 private:
  static constexpr std::uint64_t connection_bytes = 256 * 1024;  // measured, of callers that say nothing
  struct Place {                                                 // of one worker
    Place(hub::Hub& hub, auth::ConnectionGate& gate, session::srt::Figures& figures)
        : poller(hub.worker()), caller(poller), shared{hub}, connections(gate), figures(figures) {}
    net::SrtPoller poller;
    net::SrtCaller caller;
    session::srt::Shared shared;
    auth::ConnectionGate& connections;
    session::srt::Figures& figures;
    log::Limit refusals;
  };
  struct Open {
    net::ListenAddress address;
    session::srt::Entrance* entrance;
    std::vector<std::unique_ptr<net::SrtListener>> listeners;
  };
  bool open(const config::Endpoint& endpoint, const config::SrtServer& settings);
  void begin();
  static void accept(Place& place, session::srt::Entrance& entrance, std::unique_ptr<net::SrtSocket> socket);

  // given
  Parts parts_;
  log::Context log_;

  // owned
  std::shared_ptr<const config::Config> config_;
  session::srt::Figures figures_;
  std::unique_ptr<net::SrtLibrary> library_;
  std::unique_ptr<session::srt::Door> door_;
  std::vector<std::unique_ptr<session::srt::Entrance>> entrances_;  // of every port since the start
  std::vector<std::unique_ptr<Place>> places_;

  // state
  std::vector<Open> opened_;              // and not listened on yet
  std::vector<config::Endpoint> closed_;  // by a reload: sessions may live on there
  bool told_of_small_buffers_ = false;
};

}  // namespace weir::server
