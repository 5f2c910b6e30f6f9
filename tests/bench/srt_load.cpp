// Publishers, players and callers that do nothing, by SRT, on one thread and without libsrt.
//
//   srt-load --port 10080 [--publishers 60] [--players 150] [--kbps 2000] [--latency MS=120] [--seconds 20] [--warmup
//   5]
//            [--app live] [--idle N]
//
// The players share the streams evenly. Each picture is sent at once, as encoders send it, and says when; players look
// at every packet. `delay` is that from the sending of a picture to the arrival of its first packet, beyond the latency
// of the server: what a player's own adds is not waited for. With --idle only callers that ask for streams of nobody.
// One line of JSON at the end, and on standard output "measuring" when the warm-up is over.

#include <sys/resource.h>

#include <memory>

#include "srt_wire.h"

using namespace bench;

namespace {

constexpr std::uint64_t millisecond = 1'000'000;

void sleep_until(std::uint64_t at) {
  const timespec when{static_cast<time_t>(at / 1'000'000'000), static_cast<long>(at % 1'000'000'000)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
}

struct Publisher {
  std::unique_ptr<SrtCaller> caller;
  Maker maker;
  std::uint64_t next = 0;
};
struct Player {
  std::unique_ptr<SrtCaller> caller;
  Looker looker;
};

int idle(int port, std::size_t count, double seconds, unsigned latency) {
  std::vector<std::unique_ptr<SrtCaller>> callers;
  std::uint64_t refused = 0;
  std::string why;
  for (std::size_t i = 0; i < count; ++i) {
    try {
      callers.push_back(
          std::make_unique<SrtCaller>(port, "#!::r=live/nobody" + std::to_string(i) + ",m=request", latency));
    } catch (const std::runtime_error& error) {
      ++refused;
      why = error.what();
    }
    if (i % 20 == 19) {
      for (const auto& one : callers) {
        one->read([](const std::uint8_t*, std::size_t, std::uint64_t) {});
        one->tend();
      }
    }
  }
  std::puts("measuring");
  std::fflush(stdout);
  const std::uint64_t end = clock_ns(CLOCK_MONOTONIC) + static_cast<std::uint64_t>(seconds * 1e9);
  while (clock_ns(CLOCK_MONOTONIC) < end) {
    for (const auto& one : callers) {
      one->read([](const std::uint8_t*, std::size_t, std::uint64_t) {});
      one->tend();
    }
    usleep(200'000);
  }
  std::size_t gone = 0;
  for (const auto& one : callers) gone += one->over ? 1 : 0;
  std::printf("{\"idle\": %zu, \"refused\": %llu, \"why\": \"%s\", \"gone\": %zu}\n", callers.size(),
              static_cast<unsigned long long>(refused), why.c_str(), gone);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments said(argc, argv);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const int port = static_cast<int>(said.number("port", 10080));
  const auto latency = static_cast<unsigned>(said.number("latency", 120));
  const double seconds = said.number("seconds", 20), warmup = said.number("warmup", 5);
  const auto count_of = [&](const char* name, double otherwise) {
    return static_cast<std::size_t>(said.number(name, otherwise));
  };
  if (const std::size_t count = count_of("idle", 0)) return idle(port, count, seconds, latency);
  const std::size_t streams = count_of("publishers", 60), readers = count_of("players", 150);
  const std::string app = said.text("app", "live");

  std::vector<Publisher> publishers;
  std::vector<Player> players;
  std::vector<std::uint32_t> delays;
  delays.reserve(1 << 20);
  const std::uint64_t interval = 1'000'000'000 / pictures_a_second;
  try {
    for (std::size_t i = 0; i < streams; ++i) {
      publishers.push_back(
          {std::make_unique<SrtCaller>(port, "#!::r=" + app + "/s" + std::to_string(i) + ",m=publish", latency),
           Maker(said.number("kbps", 2000))});
      publishers.back().next = clock_ns(CLOCK_MONOTONIC) / interval * interval + interval + i * interval / streams;
    }
    for (std::size_t i = 0; i < readers; ++i) {
      players.push_back({std::make_unique<SrtCaller>(
                             port, "#!::r=" + app + "/s" + std::to_string(i % streams) + ",m=request", latency),
                         {}});
    }
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "srt-load: %s\n", error.what());
    return 1;
  }

  std::vector<std::uint8_t> picture;
  std::uint64_t sent = 0, late_ticks = 0;
  double cpu_before = 0, wall_before = 0;
  std::vector<Looker> at_begin(players.size());
  const std::uint64_t start = clock_ns(CLOCK_MONOTONIC);
  const std::uint64_t measured_from = start + static_cast<std::uint64_t>(warmup * 1e9);
  const std::uint64_t end = measured_from + static_cast<std::uint64_t>(seconds * 1e9);
  bool measuring = false;
  std::uint64_t sent_before = 0;
  std::uint64_t tick = start;
  for (std::size_t turn = 0;; ++turn) {
    const std::uint64_t now = clock_ns(CLOCK_MONOTONIC);
    if (now >= end) break;
    if (!measuring && now >= measured_from) {
      measuring = true;
      std::puts("measuring");
      std::fflush(stdout);
      cpu_before = cpu_seconds();
      wall_before = static_cast<double>(now) / 1e9;
      sent_before = sent;
      late_ticks = 0;
      for (std::size_t i = 0; i < players.size(); ++i) {
        players[i].looker.delays_us = &delays;
        at_begin[i] = players[i].looker;
      }
    }
    for (Publisher& one : publishers) {
      if (one.next > now) continue;
      if (now - one.next > 5 * millisecond) ++late_ticks;
      one.next += interval;
      one.maker.make(picture, wall_ns());
      one.caller->send(picture.data(), one.maker.datagrams());
      sent += one.maker.datagrams();
    }
    // Each of them once in ten turns of a millisecond.
    for (std::size_t i = turn % 10; i < publishers.size(); i += 10) {
      publishers[i].caller->read([](const std::uint8_t*, std::size_t, std::uint64_t) {});
      publishers[i].caller->tend();
    }
    for (std::size_t i = turn % 10; i < players.size(); i += 10) {
      Player& player = players[i];
      player.caller->read([&player](const std::uint8_t* data, std::size_t size, std::uint64_t arrived) {
        player.looker.look(data, size, arrived);
      });
      player.caller->tend();
    }
    tick = std::max(tick + millisecond, clock_ns(CLOCK_MONOTONIC) - 20 * millisecond);
    sleep_until(tick);
  }
  const double wall = static_cast<double>(clock_ns(CLOCK_MONOTONIC)) / 1e9 - wall_before,
               cpu = cpu_seconds() - cpu_before;
  Looker all;
  std::uint64_t asked = 0, resent = 0, over = 0, silent = 0;
  for (std::size_t i = 0; i < players.size(); ++i) {
    const Looker& now = players[i].looker;
    all.packets += now.packets - at_begin[i].packets;
    all.gaps += now.gaps - at_begin[i].gaps;
    all.pictures += now.pictures - at_begin[i].pictures;
    all.missing += now.missing - at_begin[i].missing;
    all.broken += now.broken - at_begin[i].broken;
    asked += players[i].caller->late;
    over += players[i].caller->over ? 1 : 0;
    silent += now.pictures == at_begin[i].pictures ? 1 : 0;
  }
  for (const Publisher& one : publishers) {
    resent += one.caller->resent;
    over += one.caller->over ? 1 : 0;
  }
  for (std::uint32_t& delay : delays) delay -= std::min(delay, latency * 1000);
  const auto n = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "{\"publishers\": %zu, \"players\": %zu, \"seconds\": %.2f, \"sent_datagrams\": %llu, \"received_datagrams\": "
      "%llu, "
      "\"pictures\": %llu, \"missing_pictures\": %llu, \"broken_pictures\": %llu, \"gaps\": %llu, \"resent\": %llu, "
      "\"asked_again\": %llu, \"gone\": %llu, \"silent_players\": %llu, \"late_sends\": %llu, "
      "\"delay_ms\": {\"p50\": %.2f, \"p99\": %.2f, \"max\": %.2f}, \"load_cpu\": %.3f}\n",
      publishers.size(), players.size(), wall, n(sent - sent_before), n(all.packets / 7), n(all.pictures),
      n(all.missing), n(all.broken), n(all.gaps), n(resent), n(asked), n(over), n(silent), n(late_ticks),
      quantile_ms(delays, 0.5), quantile_ms(delays, 0.99), quantile_ms(delays, 1), cpu / wall);
}
