#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace weir::process {

// What started this process, if it is systemd or speaks as it does: sd_notify(3), a datagram to $NOTIFY_SOCKET. Without
// that variable nothing is told to nobody.
class Supervisor {
 public:
  // Takes the variables out of the environment, so that children do not speak for the server. Before any thread.
  static Supervisor from_environment();
  Supervisor(std::string socket, std::chrono::microseconds watchdog)
      : socket_(std::move(socket)), watchdog_(watchdog) {}

  // "READY=1", "STOPPING=1", ...; several with a line feed between. Never waits; what cannot be sent is lost.
  void tell(std::string_view state) const;
  // A reload begins; READY=1 is told when it is over.
  void tell_reloading() const;
  // How often WATCHDOG=1 should be told at least, or the process is taken for hung; 0: not at all.
  std::chrono::microseconds watchdog() const { return watchdog_; }

 private:
  std::string socket_;  // a path, "@name" for an abstract one; empty: nobody listens
  std::chrono::microseconds watchdog_;
};

}  // namespace weir::process
