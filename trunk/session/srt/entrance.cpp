#include "session/srt/entrance.h"

#include <algorithm>

#include "base/redact.h"
#include "base/text.h"

namespace weir::session::srt {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_expected = 1024;  // beyond that, who fails is not told apart from who left
constexpr auto look_every = 500ms;

}  // namespace

Entrance::Entrance(Door& door, std::shared_ptr<PortFigures> figures, net::Worker& worker)
    : door_(door), figures_(std::move(figures)), worker_(worker), timer_([this] { look(); }) {}

net::SrtAnswer Entrance::answer(const net::SrtCall& call) {
  net::SrtAnswer answer = door_.answer(call, figures_->at);
  if (answer.reject != 0) {
    ++figures_->rejected;
    return answer;
  }
  const std::lock_guard lock(mutex_);
  if (expected_.size() >= most_expected) return answer;
  expected_.push_back({call.socket, !answer.passphrase.empty(), false, call.peer.address,
                       base::printable(base::stream_id_shown(call.stream_id))});
  if (!std::exchange(looking_, true)) worker_.post([this] { worker_.wheel().arm(timer_, look_every); });
  return answer;
}

void Entrance::arrived(int socket) {
  ++figures_->accepted;
  const std::lock_guard lock(mutex_);
  std::erase_if(expected_, [socket](const Expected& one) { return one.socket == socket; });
}

// On the worker.
void Entrance::look() {
  std::vector<Expected> failed;
  {
    const std::lock_guard lock(mutex_);
    const auto recent = std::find_if(expected_.begin(), expected_.end(), [](const Expected& one) { return !one.old; });
    failed.assign(std::make_move_iterator(expected_.begin()), std::make_move_iterator(recent));
    expected_.erase(expected_.begin(), recent);
    for (Expected& one : expected_) one.old = true;
    looking_ = !expected_.empty();
    if (looking_) worker_.wheel().arm(timer_, look_every);
  }
  for (const Expected& one : failed) {
    ++figures_->failed_keys;
    door_.failed(one.address, one.stream_id, one.keyed);
  }
}

}  // namespace weir::session::srt
