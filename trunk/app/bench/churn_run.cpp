#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "app/bench/clip.h"
#include "app/bench/publisher.h"
#include "app/bench/run.h"
#include "app/bench/spread.h"
#include "app/bench/tally.h"

namespace weir::bench {

namespace {

using base::Instant;
using std::chrono::milliseconds;

// A round: connect, publish, send the headers and a first message, disconnect.
struct Round {
  std::unique_ptr<Publisher> publisher;
  Instant limit{};
};

}  // namespace

// Memory and descriptors are compared between a tenth of the rounds, when the server's pools are warm, and the end.
base::Result<Report> run_churn(const Options& options) {
  TRY(const Endpoint endpoint, resolve(options.publish->host, options.publish->port));
  const Clip clip = make_clip({.kbps = options.kbps, .seconds = 1});
  Loop loop;
  Tally tally;
  Report report;
  report.server_before = probe_process(options.pid);
  report.server_begin = report.server_before;
  report.load_begin = probe_process(0);
  const Instant began = Instant::clock::now();
  // Bounded in time too: ten times what the ramp allows for, and a minute.
  const Instant end = began + std::chrono::seconds{60 + 10 * options.rounds / options.ramp};

  std::vector<Round> rounds;
  std::uint32_t started = 0, finished = 0;
  bool warm = false;
  while (finished < options.rounds && Instant::clock::now() < end) {
    const Instant now = Instant::clock::now();
    const auto allowed =
        static_cast<std::uint32_t>(std::chrono::duration<double>(now - began).count() * options.ramp) + 1;
    while (rounds.size() < options.concurrent && started < std::min(options.rounds, allowed)) {
      Round round{.publisher = std::make_unique<Publisher>(
                      loop, tally, clip, options.publish->numbered(started % (4 * options.concurrent)),
                      Publisher::Options{.chunk_size = options.chunk_size}),
                  .limit = now + std::chrono::seconds{5}};
      round.publisher->start(endpoint, options.sources > 1 ? started % options.sources + 1 : 0);
      rounds.push_back(std::move(round));
      ++started;
    }
    loop.turn(now + milliseconds{1});
    // Destroyed outside of the loop's turn, which may still hold events of theirs.
    std::erase_if(rounds, [&](Round& round) {
      const bool accepted = round.publisher->publishing();
      if (!accepted && round.publisher->failure().empty() && now < round.limit) return false;
      if (accepted) {
        round.publisher->pump(Instant::clock::now(), false);
        if (finished % 2 == 0) round.publisher->say_goodbye();  // the other half just leaves
        ++report.rounds_done;
      } else {
        ++report.rounds_failed;
        ++report.failures[round.publisher->failure().empty() ? "not accepted within 5 s" : round.publisher->failure()];
      }
      ++finished;
      return true;
    });
    if (!warm && finished >= options.rounds / 10) {
      warm = true;
      report.server_ready = probe_process(options.pid);
    }
  }
  report.window_seconds = std::chrono::duration<double>(Instant::clock::now() - began).count();
  // The server needs a moment to notice the last ones leave.
  for (const Instant until = Instant::clock::now() + std::chrono::seconds{2}; Instant::clock::now() < until;) {
    loop.turn(until);
  }
  report.server_end = probe_process(options.pid);
  report.load_end = probe_process(0);
  report.publish_to_accept = spread_of(tally.publish_to_accept);
  return report;
}

}  // namespace weir::bench
