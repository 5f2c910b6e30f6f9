#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hub/hub.h"
#include "session/common/upstream/health.h"
#include "session/common/upstream/retry.h"
#include "session/pull/rows.h"
#include "session/pull/source.h"

namespace weir::session::pull {

// One stream on its way here, as long as it is wanted: attempt after attempt, each a session of its own, on the worker
// where it was begun. Owned by the Service, and by the attempt that runs.
class Pull : public std::enable_shared_from_this<Pull> {
 public:
  struct Given {
    hub::Hub& hub;
    upstream::TlsClients& tls;
    hub::Request request;  // of the stream as it is called here
    Source source{};
    upstream::Health& health;
    upstream::Trust trust{};
    std::string way{};  // the servers that the request came through, with this one
    bool on_demand = false;
    // On demand, every place failed before one let us in. Called once, and nothing follows.
    std::function<void(base::ErrorCode)> cannot_start{};
  };
  explicit Pull(Given given);
  Pull(const Pull&) = delete;

  void begin();
  // It is not wanted any longer.
  void end();

  base::StreamKey key() const { return given_.request.key(); }
  const Source& source() const { return given_.source; }
  bool on_demand() const { return given_.on_demand; }
  State state() const { return state_; }
  Row row() const;
  Work work() const;

 private:
  using Clock = std::chrono::steady_clock;
  net::Task<void> attempt(net::Life& life);
  void attempted(const net::Life& life, base::ErrorCode why, std::string said);
  void enter(State state);
  const upstream::Place& place() const { return given_.source.places[place_]; }
  void choose_place();
  bool all_tried() const { return std::find(tried_.begin(), tried_.end(), false) == tried_.end(); }
  void note_failure(base::ErrorCode why, bool let_in);

  // given
  Given given_;

  // owned
  upstream::Retry retry_;
  net::TimerWheel::Timer next_;

  // state
  net::Life* life_ = nullptr;                   // of the attempt that runs
  const upstream::Attempt* attempt_ = nullptr;  // the same
  State state_ = State::waiting;
  Clock::time_point since_ = Clock::now(), next_at_{};
  base::SessionId id_;
  std::string error_;        // of the last attempt
  Work done_;                // by attempts that are over
  std::size_t place_ = 0;    // which of them is asked
  std::vector<bool> tried_;  // of the places, since one went well for a while or all had been tried
  bool let_in_ = false, ever_let_in_ = false;
  bool over_ = false;
};

}  // namespace weir::session::pull
