#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "app/cluster/answer.h"
#include "app/cluster/figures.h"
#include "base/log_limit.h"
#include "hub/hub.h"
#include "net/notifier.h"

namespace weir::cluster {

// Asks the other origins of a cluster which of them has a stream: all of them at once, a second at most; whoever is
// dead, slow or talks nonsense is passed over. Whoever asks while a question is on its way has its answer, and an
// answer holds for a second. On one worker; outlives the tasks.
class Coworkers {
 public:
  static constexpr std::chrono::milliseconds patience{1000}, fresh{1000};
  static constexpr std::size_t most_questions = 1000;  // that are under way or remembered; beyond that nobody is asked

  Coworkers(hub::Hub& hub, Figures& figures) : hub_(hub), figures_(figures) {}
  Coworkers(const Coworkers&) = delete;

  // Who has it; none if nobody does. Never this server itself. `request` outlives the task.
  net::Task<base::Result<std::optional<Origin>>> find(const hub::Request& request);

 private:
  using Clock = std::chrono::steady_clock;
  struct Question;

  std::shared_ptr<Question> ask(const hub::Request& request);
  static net::Task<void> ask_one(Coworkers& self, net::Life& life, std::shared_ptr<Question> question, std::string host,
                                 std::string target);
  void hear(net::Life& life, Question& question, const std::string& coworker,
            base::Result<std::optional<Origin>> answer);
  void forget_old(Clock::time_point now);

  // given
  hub::Hub& hub_;
  Figures& figures_;

  // owned
  std::unordered_map<base::StreamKey, std::shared_ptr<Question>> questions_;

  // state
  log::Limit complaints_;
};

// Whether the address is one that this server's RTMP listens on, as `advertise` of the virtual host or a `listen` says.
bool is_self(const Origin& origin, const config::Config& config, const config::Vhost& vhost);

}  // namespace weir::cluster
