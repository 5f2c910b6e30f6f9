#include <algorithm>
#include <chrono>
#include <memory>
#include <queue>
#include <thread>
#include <vector>

#include "app/bench/clip.h"
#include "app/bench/player.h"
#include "app/bench/publisher.h"
#include "app/bench/run.h"
#include "app/bench/spread.h"
#include "app/bench/tally.h"

namespace weir::bench {

namespace {

using base::Instant;
using std::chrono::milliseconds;

Instant::duration seconds(double value) {
  return std::chrono::duration_cast<Instant::duration>(std::chrono::duration<double>(value));
}

// One run: publishers first, then players at the ramp's rate, then the warm-up, then the window.
class StreamRun {
 public:
  StreamRun(const Options& options, Clip clip) : options_(options), clip_(std::move(clip)) {}

  base::Result<Report> run();

 private:
  base::Result<void> resolve_targets();
  void connect_publishers();
  void connect_players();
  // Turns the loop until `done` says so or time is up.
  template <class Done>
  void turn_until(Instant limit, Done done);
  void open_due();
  Instant pump_due(Instant now);
  void begin_window();
  void end_window();
  void judge_players();
  std::unique_ptr<Player> make_player(std::uint32_t index);
  Target on_stream(const Target& target, std::uint32_t stream) const {
    return options_.streams > 1 ? target.numbered(stream) : target;
  }

  // given
  const Options& options_;
  Clip clip_;

  // owned
  Loop loop_;
  Tally tally_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::vector<std::unique_ptr<Player>> players_;

  // state
  Endpoint publish_endpoint_, play_endpoint_;
  Report report_;
  std::vector<Publisher*> starting_;  // opened, not publishing yet
  using Due = std::pair<Instant, Publisher*>;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  Instant ramp_began_{};
  std::uint32_t wanted_publishers_ = 0, wanted_players_ = 0;  // to be opened by now or later
  bool slow_drain_ = false;
  Instant next_drain_{};
  Instant window_began_{};
  std::vector<std::uint64_t> published_before_;
};

base::Result<void> StreamRun::resolve_targets() {
  if (options_.publish) {
    TRY(publish_endpoint_, resolve(options_.publish->host, options_.publish->port));
  }
  if (options_.play) {
    TRY(play_endpoint_, resolve(options_.play->host, options_.play->port));
  }
  return {};
}

base::Result<Report> StreamRun::run() {
  TRY_VOID(resolve_targets());
  report_.players = options_.players;
  report_.publishers = options_.publishers;
  report_.connections = options_.players + options_.publishers;
  report_.server_before = probe_process(options_.pid);
  connect_publishers();
  connect_players();
  report_.server_ready = probe_process(options_.pid);

  slow_drain_ = options_.drain_ms > 0;
  const auto never = [] { return false; };
  next_drain_ = Instant::clock::now();
  turn_until(Instant::clock::now() + seconds(options_.warmup), never);
  begin_window();
  turn_until(window_began_ + seconds(options_.seconds), never);
  end_window();
  return report_;
}

void StreamRun::connect_publishers() {
  if (options_.publishers == 0) return;
  ramp_began_ = Instant::clock::now();
  wanted_publishers_ = options_.publishers;
  turn_until(ramp_began_ + seconds(options_.publishers / static_cast<double>(options_.ramp) + 30),
             [&] { return publishers_.size() == wanted_publishers_ && starting_.empty(); });
}

void StreamRun::connect_players() {
  if (options_.players == 0) return;
  ramp_began_ = Instant::clock::now();
  wanted_players_ = options_.players;
  std::size_t ready = 0;  // the first so many players need no more waiting for
  turn_until(ramp_began_ + seconds(options_.players / static_cast<double>(options_.ramp) + 30), [&] {
    const auto settled = [&](const Player& p) {
      return !p.failure().empty() || (options_.idle ? p.is_connected() : p.has_frame());
    };
    while (ready < players_.size() && settled(*players_[ready])) ++ready;
    return ready == wanted_players_;
  });
  if (options_.idle) turn_until(Instant::clock::now() + milliseconds{1000}, [] { return false; });
}

template <class Done>
void StreamRun::turn_until(Instant limit, Done done) {
  for (;;) {
    const Instant now = Instant::clock::now();
    if (now >= limit || done()) return;
    open_due();
    // While connections are still to be opened, look again each millisecond.
    const bool opening =
        publishers_.size() < wanted_publishers_ || players_.size() < wanted_players_ || !starting_.empty();
    Instant until = std::min(limit, now + (opening ? milliseconds{1} : milliseconds{50}));
    until = std::min(until, pump_due(now));
    if (!slow_drain_) {
      loop_.turn(until);
    } else if (now >= next_drain_) {
      loop_.turn(now);
      next_drain_ = std::max(next_drain_ + seconds(options_.drain_ms / 1000), now);
    } else {
      std::this_thread::sleep_until(std::min(until, next_drain_));
    }
  }
}

void StreamRun::open_due() {
  const double elapsed = std::chrono::duration<double>(Instant::clock::now() - ramp_began_).count();
  const auto allowed = static_cast<std::size_t>(elapsed * options_.ramp) + 1;
  const auto source = [&](std::size_t i) {
    return options_.sources > 1 ? static_cast<std::uint32_t>(i % options_.sources) + 1 : 0u;
  };
  for (int burst = 0; burst < 64 && publishers_.size() < std::min<std::size_t>(wanted_publishers_, allowed); ++burst) {
    const auto index = static_cast<std::uint32_t>(publishers_.size());
    publishers_.push_back(std::make_unique<Publisher>(loop_, tally_, clip_, on_stream(*options_.publish, index),
                                                      Publisher::Options{.chunk_size = options_.chunk_size}));
    publishers_.back()->start(publish_endpoint_, source(index));
    starting_.push_back(publishers_.back().get());
  }
  for (int burst = 0; burst < 64 && players_.size() < std::min<std::size_t>(wanted_players_, allowed); ++burst) {
    const auto index = static_cast<std::uint32_t>(players_.size());
    players_.push_back(make_player(index));
    players_.back()->start(play_endpoint_, source(index));
  }
}

std::unique_ptr<Player> StreamRun::make_player(std::uint32_t index) {
  const PlayerOptions options{.stream = index % options_.streams, .parse = index % options_.parse_every == 0};
  Target target = on_stream(*options_.play, options.stream);
  if (target.protocol == Target::Protocol::rtmp)
    return std::make_unique<RtmpPlayer>(loop_, tally_, options, std::move(target));
  return std::make_unique<FlvPlayer>(loop_, tally_, options, std::move(target));
}

Instant StreamRun::pump_due(Instant now) {
  std::erase_if(starting_, [&](Publisher* p) {
    if (p->publishing()) due_.emplace(now, p);
    return p->publishing() || !p->failure().empty();
  });
  const bool merge = options_.publish_tick_ms > 0;
  while (!due_.empty() && due_.top().first <= now) {
    Publisher* const publisher = due_.top().second;
    due_.pop();
    if (!publisher->is_open()) continue;
    Instant next = publisher->pump(now, merge);
    if (merge) next = std::max(next, now + seconds(options_.publish_tick_ms / 1000));
    due_.emplace(next, publisher);
  }
  return due_.empty() ? now + milliseconds{50} : due_.top().first;
}

void StreamRun::begin_window() {
  window_began_ = Instant::clock::now();
  for (const auto& player : players_) player->begin_window(window_began_);
  for (const auto& publisher : publishers_) published_before_.push_back(publisher->sent_media_bytes());
  tally_.measuring = true;
  report_.server_begin = probe_process(options_.pid);
  report_.load_begin = probe_process(0);
  report_.busy_begin = busy_seconds();
}

void StreamRun::end_window() {
  const Instant now = Instant::clock::now();
  report_.server_end = probe_process(options_.pid);
  report_.load_end = probe_process(0);
  report_.busy_end = busy_seconds();
  report_.window_seconds = std::chrono::duration<double>(now - window_began_).count();
  tally_.measuring = false;
  for (const auto& player : players_) player->end_window(now);
  judge_players();
  for (const auto& publisher : publishers_) {
    if (publisher->is_open() && publisher->publishing()) ++report_.publishing;
    if (!publisher->failure().empty()) ++report_.failures["publisher: " + publisher->failure()];
  }
  report_.media_messages = tally_.media_messages;
  report_.published_bytes = tally_.published_bytes;
  report_.published_messages = tally_.published_messages;
  report_.publish_sends = tally_.publish_sends;
  report_.delay = spread_of(tally_.delay);
  report_.play_to_frame = spread_of(tally_.play_to_frame);
  report_.connect_to_frame = spread_of(tally_.connect_to_frame);
  report_.publish_to_accept = spread_of(tally_.publish_to_accept);
  report_.lateness = spread_of(tally_.lateness);
}

void StreamRun::judge_players() {
  if (players_.empty()) return;
  std::vector<std::uint64_t> bytes;
  bytes.reserve(players_.size());
  for (const auto& player : players_) bytes.push_back(player->window_bytes());
  std::nth_element(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2), bytes.end());
  const std::uint64_t median = bytes[bytes.size() / 2];

  double smallest = 1;
  Instant::duration silence{};
  for (const auto& player : players_) {
    report_.received_bytes += player->window_bytes();
    if (player->is_connected()) ++report_.connected;
    if (player->has_frame()) ++report_.with_frame;
    if (!player->failure().empty()) {
      ++report_.failed;
      ++report_.failures["player: " + player->failure()];
      continue;
    }
    // What was published to its stream; unless another process published, then what most players got.
    const std::uint32_t stream = player->stream();
    const std::uint64_t expected =
        stream < publishers_.size() ? publishers_[stream]->sent_media_bytes() - published_before_[stream] : median;
    const double share = expected ? static_cast<double>(player->window_bytes()) / static_cast<double>(expected) : 1;
    smallest = std::min(smallest, share);
    silence = std::max(silence, player->longest_silence());
    if (share < 0.9 || player->longest_silence() > seconds(options_.starved_seconds) || !player->has_frame())
      ++report_.starved;
  }
  report_.smallest_share = smallest;
  report_.longest_silence_ms = std::chrono::duration<double, std::milli>(silence).count();
}

}  // namespace

base::Result<Report> run_stream(const Options& options) {
  Clip clip;
  if (options.publishers > 0 && !options.input.empty()) {
    TRY(clip, load_clip(options.input));
  } else if (options.publishers > 0) {
    clip = make_clip({.kbps = options.kbps, .gop_seconds = options.gop_seconds});
  }
  StreamRun run(options, std::move(clip));
  return run.run();
}

}  // namespace weir::bench
