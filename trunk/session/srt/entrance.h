#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "net/timer_wheel.h"
#include "net/worker.h"
#include "session/srt/door.h"

namespace weir::session::srt {

// One port: who calls there is judged by the door, as the server of that port says. Outlives its listeners and the
// sessions that came by it; made on the main thread, asked on threads of the library. It also finds out who failed
// after it was let in, which the library tells nobody of: a caller whose secret is wrong or missing. Such a one never
// arrives, and is logged when a second has passed.
class Entrance final : public net::SrtDoor {
 public:
  // `worker` looks for those who do not arrive; it has stopped when this goes.
  Entrance(Door& door, std::shared_ptr<PortFigures> figures, net::Worker& worker);
  Entrance(const Entrance&) = delete;

  net::SrtAnswer answer(const net::SrtCall& call) override;
  // A connection was accepted. Any thread.
  void arrived(int socket);

  const config::Endpoint& at() const { return figures_->at; }
  PortFigures& figures() { return *figures_; }
  std::shared_ptr<const PortFigures> share_figures() const { return figures_; }

 private:
  struct Expected {
    int socket;
    bool keyed;  // it has to have a secret
    bool old;    // it was there when somebody last looked
    std::string address, stream_id;
  };
  void look();

  // given
  Door& door_;
  std::shared_ptr<PortFigures> figures_;
  net::Worker& worker_;

  // state
  std::mutex mutex_;
  std::vector<Expected> expected_;  // let in, and not accepted yet; the older first
  bool looking_ = false;
  net::TimerWheel::Timer timer_;  // on the worker
};

}  // namespace weir::session::srt
