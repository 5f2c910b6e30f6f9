#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "app/exec/child.h"
#include "base/log.h"
#include "session/common/upstream/retry.h"

namespace weir::exec {

// A program that is to run until it is told to end: started again after a pause when it ends by itself
// (session/common/upstream/retry.h), and ended when it runs and nothing comes of it. On one worker, which looks at it
// four times a second.
class Program {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds term_grace{3};      // between SIGTERM and SIGKILL, for its whole group
  static constexpr std::chrono::seconds silence_limit{30};  // without media

  struct Given {
    std::string name;  // for the log: "exec /usr/bin/ffmpeg"
    Command command;
    log::Context log;
    // Whether that comes which it is to make; empty: nobody can tell.
    std::function<bool()> has_media{};
    // Files that it appends to begin anew when they are larger than this; 0: they are its own matter.
    std::uintmax_t largest_log_bytes = 0;
  };
  explicit Program(Given given);

  void tick(Clock::time_point now);
  // From now on it ends: SIGTERM, and SIGKILL if it does not listen. tick() goes on until over().
  void end(Clock::time_point now);
  bool over() const { return leaving_ && !child_; }

  bool running() const { return child_.has_value(); }
  std::uint64_t starts() const { return starts_; }
  // How it ended the last time, or why it could not be started; empty while all is well.
  const std::string& fault() const { return fault_; }
  const std::string& name() const { return given_.name; }

 private:
  void start(Clock::time_point now);
  void ended(const std::string& how, Clock::time_point now);
  void look_at_media(Clock::time_point now);
  void look_at_logs();

  // given
  Given given_;

  // owned
  std::optional<Child> child_;
  session::upstream::Retry retry_;

  // state
  Clock::time_point next_{};  // start again; or kill, once it was asked to end
  Clock::time_point started_at_{}, media_at_{};
  bool asked_to_end_ = false;
  bool leaving_ = false;
  unsigned ticks_ = 0;
  std::uint64_t starts_ = 0;
  std::string fault_;
};

}  // namespace weir::exec
