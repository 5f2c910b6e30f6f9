#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/hooks/caller.h"
#include "app/trace/figures.h"
#include "app/trace/otlp.h"
#include "app/trace/span.h"
#include "base/log_limit.h"
#include "hub/hub.h"

namespace weir::trace {

// The spans of one worker's sessions, and their way to the collector. A session that is not sampled costs a look into
// the configuration. Made after the hooks, so that it
// hears of an end behind them; lives until the workers have stopped.
class Tracer {
 public:
  // Of all that begins and does not end: more sessions are not traced.
  static constexpr std::size_t most_open = 100'000;
  static constexpr std::size_t most_in_a_post = 128;

  Tracer(hub::Hub& hub, std::string service_id, Figures& figures);
  Tracer(const Tracer&) = delete;

  // A span below that of the session: of a hook that is asked or told about it. None: the session is not traced.
  std::optional<Span> begin_child(base::SessionId session, std::string_view name);
  // It is over: now.
  void end(Span span);

  std::size_t waiting() const { return queue_.size(); }
  // Posts what waits without waiting for the next time: at the end of the process, when the sessions are over. It is a
  // session of the worker, and whoever asks for it says when that has lasted long enough.
  void flush();

 private:
  using Clock = std::chrono::steady_clock;
  void observe(const hub::Event& event);
  void begin(const hub::Event& event, const config::Otlp& settings);
  void finish(const hub::Event& event, std::string fault);
  void tick();
  void start_posting();
  net::Task<void> post_all(net::Life& life);
  net::Task<bool> post(net::Life& life, std::shared_ptr<const config::Config> config, const std::vector<Span>& batch);
  void tell(const std::string& endpoint, const std::string& fault);

  // given
  hub::Hub& hub_;
  const std::string service_id_;
  Figures& figures_;

  // owned
  std::unordered_map<base::SessionId, Span> open_;
  std::deque<Span> queue_;
  hooks::Figures calls_;
  hooks::Caller caller_;

  // state
  Clock::time_point next_{};
  bool posting_ = false;
  bool failing_ = false;
};

}  // namespace weir::trace
