#include "app/exec/program.h"

#include "app/exec/bounded_logs.h"

namespace weir::exec {

Program::Program(Given given)
    : given_(std::move(given)), retry_(static_cast<std::uint32_t>(std::hash<std::string>{}(given_.name))) {}

void Program::start(Clock::time_point now) {
  look_at_logs();
  auto child = Child::start(given_.command);
  if (!child) {
    const auto pause = retry_.failed();
    next_ = now + pause;
    const std::string fault = child.error().message();
    if (fault != fault_) log::error(given_.log, "{}: cannot be started: {}", given_.name, fault);
    fault_ = fault;
    return;
  }
  ++starts_;
  started_at_ = media_at_ = now;
  asked_to_end_ = false;
  log::info(given_.log, "{}: started as process {}", given_.name, child->pid());
  child_.emplace(std::move(*child));
}

void Program::ended(const std::string& how, Clock::time_point now) {
  child_.reset();
  if (leaving_) {
    log::info(given_.log, "{}: ended with {}", given_.name, how);
    return;
  }
  const auto lasted = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_at_);
  const auto pause = retry_.failed(lasted);
  next_ = now + pause;
  fault_ = how;
  log::warn(given_.log, "{}: ended with {} after {} s; started again in {} ms", given_.name, how, lasted.count() / 1000,
            pause.count());
}

void Program::look_at_media(Clock::time_point now) {
  if (!given_.has_media || asked_to_end_) return;
  if (given_.has_media()) {
    media_at_ = now;
    fault_.clear();
  } else if (now - media_at_ > silence_limit) {
    log::warn(given_.log, "{}: it runs, and nothing has come of it for {} s: it is ended", given_.name,
              silence_limit.count());
    child_->ask_to_end();
    asked_to_end_ = true;
    next_ = now + term_grace;
  }
}

// What it writes is kept, but not without bound.
void Program::look_at_logs() {
  if (given_.largest_log_bytes > 0) bound_logs(given_.command, given_.largest_log_bytes);
}

void Program::tick(Clock::time_point now) {
  if (child_) {
    if (const auto how = child_->ended()) return ended(*how, now);
    if (asked_to_end_ && now >= next_) {
      child_.reset();  // which kills it
      return ended("signal 9", now);
    }
    look_at_media(now);
    if (++ticks_ % ticks_per_look_at_logs == 0) look_at_logs();
  } else if (!leaving_ && now >= next_) {
    start(now);
  }
}

void Program::end(Clock::time_point now) {
  if (std::exchange(leaving_, true) || !child_) return;
  child_->ask_to_end();
  asked_to_end_ = true;
  next_ = now + term_grace;
}

}  // namespace weir::exec
