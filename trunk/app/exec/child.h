#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "app/exec/command.h"
#include "base/result.h"

namespace weir::exec {

// A running program in a process group of its own. Killed, with all that it started, when this goes.
class Child {
 public:
  // Standard input is empty unless it is redirected; output that is not redirected goes where the server's goes. The
  // error says what the system said: no such file, too many processes, ...
  static base::Result<Child> start(const Command& command);
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  Child& operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  ~Child();

  pid_t pid() const { return pid_; }
  // How it ended, "exit status 1" or "signal 9", if it did. Does not wait; once only.
  std::optional<std::string> ended();
  // SIGTERM to the group.
  void ask_to_end() const;

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  pid_t pid_;  // 0: ended
};

}  // namespace weir::exec
