#include "app/bench/demo.h"

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "app/bench/publisher.h"
#include "app/bench/tally.h"

namespace weir::bench {

namespace {

using namespace std::chrono_literals;

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr std::uint8_t flv[] = {
#embed "demo.flv"
};
#pragma clang diagnostic pop

constexpr std::string_view default_url = "rtmp://127.0.0.1/live/demo";
constexpr base::Instant::duration pause_between_tries = 1s;
constexpr base::Instant::duration patience = 5s;  // with one try

constexpr const char* help =
    "weir demo: publishes a test picture with sound, until Ctrl-C\n"
    "\n"
    "  weir demo                                     to rtmp://127.0.0.1/live/demo\n"
    "  weir demo rtmp://HOST[:PORT]/APP/STREAM[?QUERY]\n"
    "\n"
    "A dot flashes with a beep each second: sound that is out of step is seen.\n";

// SIGINT and SIGTERM are held back and asked for, so that the end is a goodbye and no cut connection.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  // Whether one came; waits for it until `wait` is over.
  bool came(std::chrono::milliseconds wait = 0ms) const {
    const timespec limit{.tv_sec = wait.count() / 1000, .tv_nsec = wait.count() % 1000 * 1'000'000};
    return sigtimedwait(&set_, nullptr, &limit) > 0;
  }

 private:
  sigset_t set_{};
};

class Demo {
 public:
  explicit Demo(Target target) : target_(std::move(target)), clip_(demo_clip()) {}

  int run();

 private:
  enum class End { asked_to, lost, refused };
  End publish_once();
  void tell(const std::string& text) {
    if (text != told_) std::fprintf(stderr, "weir demo: %s\n", text.c_str());
    told_ = text;
  }

  // given
  const Target target_;
  const Clip clip_;

  // state
  Signals signals_;
  std::string told_;
};

int Demo::run() {
  for (;;) {
    const End end = publish_once();
    if (end != End::lost) return end == End::asked_to ? 0 : 1;
    if (signals_.came(std::chrono::duration_cast<std::chrono::milliseconds>(pause_between_tries))) return 0;
  }
}

Demo::End Demo::publish_once() {
  const std::string where = target_.tc_url() + "/" + target_.stream;
  const auto endpoint = resolve(target_.host, target_.port);
  if (!endpoint) {
    tell(target_.host + ": " + endpoint.error().message());
    return End::lost;
  }
  Loop loop;
  Tally tally;
  Publisher publisher(loop, tally, clip_, target_, {});
  publisher.start(*endpoint, 0);
  const base::Instant began = base::Instant::clock::now();
  bool published = false;
  while (publisher.is_open()) {
    if (signals_.came()) {
      publisher.say_goodbye();
      return End::asked_to;
    }
    const base::Instant now = base::Instant::clock::now();
    base::Instant next = now + 50ms;
    if (publisher.publishing()) {
      if (!published) tell("publishing " + where + "; Ctrl-C ends it");
      published = true;
      next = std::min(next, publisher.pump(now, true));
    } else if (now - began > patience) {
      tell("no answer from " + target_.authority());
      return End::lost;
    }
    loop.turn(next);
  }
  const std::string why = publisher.failure().empty() ? "the server closed the connection" : publisher.failure();
  if (publisher.is_connected() && !published) {
    tell(where + " is refused: " + why);
    return End::refused;
  }
  tell(target_.authority() + ": " + why + "; tried again each second");
  return End::lost;
}

}  // namespace

Clip demo_clip() {
  Clip clip = parse_clip(flv).value();
  for (ClipMessage& message : clip.messages) message.stamped = false;
  return clip;
}

int run_demo(std::span<const std::string_view> arguments) {
  const bool asks = !arguments.empty() && (arguments[0] == "-h" || arguments[0] == "--help");
  if (asks || arguments.size() > 1) {
    std::fputs(help, asks ? stdout : stderr);
    return asks ? 0 : 2;
  }
  const std::string_view url = arguments.empty() ? default_url : arguments[0];
  auto target = parse_target(url);
  if (!target || target->protocol != Target::Protocol::rtmp) {
    std::fprintf(stderr, "weir demo: '%s' is not rtmp://HOST[:PORT]/APP/STREAM\n", std::string(url).c_str());
    return 2;
  }
  return Demo(std::move(*target)).run();
}

}  // namespace weir::bench
