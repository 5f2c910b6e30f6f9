#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/auth/connection_gate.h"
#include "base/log.h"
#include "base/log_limit.h"
#include "config/config.h"
#include "net/srt/caller.h"
#include "net/srt/listener.h"
#include "session/srt/entrance.h"
#include "session/srt/session.h"

namespace weir::server {

// What one worker has for SRT. Made on the main thread, outlives the sessions of its worker.
struct SrtPlace {
  SrtPlace(hub::Hub& hub, auth::ConnectionGate& gate, session::srt::Figures& all)
      : poller(hub.worker()), caller(poller), shared{hub}, connections(gate), figures(all) {}
  net::SrtPoller poller;
  net::SrtCaller caller;
  session::srt::Shared shared;
  auth::ConnectionGate& connections;
  session::srt::Figures& figures;
  log::Limit refusals;
};
using SrtPlaces = std::vector<std::unique_ptr<SrtPlace>>;

// One port that the configuration has, or had: it is opened, closed and opened again as reloads say.
//
// Connections live on the socket of the listener that they came by, and a second one at the same address would be given
// their packets. So a port that is not wanted, but that somebody came by, is only shut: it turns everybody away (the
// door knows no server there), closes when the last of them left, and is open at once if it is wanted before. libsrt
// lets go of a closed port after some seconds; until then opening is tried again.
//
// Kept until the end, as the library may be asking its entrance at any time. open_at_start() on the main thread before
// the workers run; all else on the first worker.
class SrtPort {
 public:
  // `places`: one for each worker, all there already; they and the door outlive it, its worker stopped before it goes.
  SrtPort(const config::Endpoint& at, session::srt::Door& door, const SrtPlaces& places, log::Logger& logger);
  SrtPort(const SrtPort&) = delete;

  // False after it logged why.
  bool open_at_start(const config::SrtServer& server);
  // The workers run: accepts what open_at_start() opened.
  void listen();
  // Open it, if it is not, and tell that it does not follow another mss.
  void want(const config::SrtServer& server);
  void unwant();
  // The server ends: what is closed stays so.
  void give_up();

  const config::Endpoint& at() const { return entrance_.at(); }
  net::Worker& worker() const { return places_.front()->poller.worker(); }
  std::shared_ptr<const session::srt::PortFigures> figures() const { return entrance_.share_figures(); }

 private:
  enum class State : std::uint8_t { closed, open, shut };
  using Clock = std::chrono::steady_clock;

  base::Result<void> open();
  void try_to_open();
  void close();
  void look();
  void look_later();
  void say_open() const;
  static void accept(SrtPlace& place, session::srt::Entrance& entrance, std::unique_ptr<net::SrtSocket> socket);

  // given
  net::ListenAddress address_;
  const SrtPlaces& places_;
  log::Context log_;

  // owned
  session::srt::Entrance entrance_;
  std::vector<std::unique_ptr<net::SrtListener>> listeners_;  // opened, and not listened on yet

  // state
  State state_ = State::closed;
  bool wanted_ = false;
  config::SrtServer server_;  // as it is wanted
  int opened_mss_ = 0, told_mss_ = 0;
  std::string name_;  // of its listeners' sessions
  std::uint64_t opened_times_ = 0;
  Clock::time_point give_up_{};  // trying to open
  net::TimerWheel::Timer timer_;
};

}  // namespace weir::server
