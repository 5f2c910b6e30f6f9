#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "main/srt_port.h"
#include "net/srt/library.h"
#include "session/common/upstream/srt.h"

namespace weir::server {

// What the server has for SRT: the library, a poller, a caller and sessions' parts for each worker, the ports. libsrt
// is started when a configuration first asks for SRT, and its threads with it. Built and called on the main thread,
// after the shards and before them gone.
class SrtPorts {
 public:
  struct Parts {
    const std::vector<hub::Hub*>& hubs;              // one for each worker
    std::vector<session::upstream::SrtLine*> lines;  // of the same workers
    const hub::Directory& directory;
    auth::ConnectionGate& connections;
    log::Logger& logger;
  };
  // Asks for a passphrase, on the first worker.
  using AskKey = std::function<net::Task<session::srt::KeyAnswer>(net::Life&, session::srt::KeyQuestion)>;
  SrtPorts(Parts parts, std::shared_ptr<const config::Config> config);
  ~SrtPorts();

  // Before open().
  void ask_keys_with(AskKey ask) { ask_key_ = std::move(ask); }
  // Opens what the configuration wants; nothing is accepted before listen(). False after it logged why.
  bool open();
  // The workers run: accepts on each.
  void listen();
  // New callers are judged by it; ports that it adds are opened, soon, and those that it takes away closed.
  void reload(std::shared_ptr<const config::Config> config);
  // From now on callers are sent away with a code that says so.
  void drain();
  const session::srt::Figures& figures() const { return figures_; }
  // What the library takes for the connections that there are, about. Any thread.
  std::uint64_t memory_bytes() const { return figures_.connections * connection_bytes; }

 private:
  static constexpr std::uint64_t connection_bytes = 256 * 1024;  // measured, of callers that say nothing

  void begin();
  SrtPort& port_at(const config::Endpoint& endpoint);
  void ask_key(session::srt::KeyQuestion question);

  // given
  Parts parts_;
  log::Context log_;
  AskKey ask_key_;

  // owned
  std::shared_ptr<const config::Config> config_;
  session::srt::Figures figures_;
  std::unique_ptr<net::SrtLibrary> library_;
  std::unique_ptr<session::srt::Door> door_;
  std::vector<std::unique_ptr<SrtPort>> ports_;  // every one since the start
  SrtPlaces places_;
};

}  // namespace weir::server
