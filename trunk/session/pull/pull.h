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
#include "session/pull/choice.h"
#include "session/pull/rows.h"
#include "session/pull/source.h"

namespace weir::session::pull {

// One source of a stream, as long as that is wanted: attempt after attempt, each a session of its own, on the worker
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
    // On demand, every place failed before one let us in. True: it was ended, and nothing follows.
    std::function<bool(const Pull&, base::ErrorCode)> gives_up{};
  };
  explicit Pull(Given given);
  Pull(const Pull&) = delete;

  // It is fetched from now on, if it is not.
  void begin();
  // It is not, until begin(): what runs is stopped. `as` is State::standby or stopped.
  void rest(State as);
  // For good.
  void end(base::ErrorCode why);
  // Above all others of its stream, from now on, or no longer.
  void set_pinned(bool pinned);

  base::StreamKey key() const { return given_.request.key(); }
  const hub::Request& request() const { return given_.request; }
  const Source& source() const { return given_.source; }
  bool on_demand() const { return given_.on_demand; }
  bool pinned() const { return pinned_; }
  const std::string& way() const { return given_.way; }
  State state() const { return rests_ ? *rests_ : state_; }
  // On demand: each of its places failed, and none ever let us in.
  bool refused() const { return refused_ && !ever_let_in_; }
  Candidate candidate() const;
  Row row() const;
  Work work() const;

 private:
  using Clock = std::chrono::steady_clock;
  void try_now();
  net::Task<void> attempt(net::Life& life);
  void attempted(const net::Life& life, base::ErrorCode why, std::string said);
  void arm_restart();
  void enter(State state);
  int priority() const;
  const upstream::Place& place() const { return given_.source.places[place_]; }
  void choose_place();
  bool all_tried() const { return std::find(tried_.begin(), tried_.end(), false) == tried_.end(); }
  void note_failure(base::ErrorCode why, bool let_in);

  // given
  Given given_;

  // owned
  upstream::Retry retry_;
  net::TimerWheel::Timer next_, restart_;

  // state
  net::Life* life_ = nullptr;             // of the attempt that runs
  upstream::Attempt* attempt_ = nullptr;  // the same
  State state_ = State::waiting;
  std::optional<State> rests_;  // and as what, though an attempt may still be about to end
  Clock::time_point since_ = Clock::now(), next_at_{}, restart_at_{};
  base::SessionId id_;
  std::string error_;        // of the last attempt
  Work done_;                // by attempts that are over
  std::size_t place_ = 0;    // which of them is asked
  std::vector<bool> tried_;  // of the places, since one went well for a while or all had been tried
  bool let_in_ = false, ever_let_in_ = false;
  bool refused_ = false;  // each of its places failed before one let us in
  bool pinned_ = false;
  bool over_ = false;
};

}  // namespace weir::session::pull
