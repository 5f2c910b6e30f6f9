#include "session/pull/rist.h"

#include <fmt/format.h>

#include <optional>

#include "base/url.h"
#include "net/notifier.h"
#include "net/worker.h"
#include "session/common/frame_publisher.h"
#include "session/common/protocol.h"
#include "session/common/ts_receiver.h"

namespace weir::session::pull {

using namespace std::chrono_literals;
using base::ErrorCode;
using base::Result;
using upstream::Attempt;

namespace {

constexpr auto sender_silence = 1s;   // after which another sender is heard
constexpr auto long_silence = 5s;     // after which it is said that somebody is there and sends nothing
constexpr std::size_t in_a_row = 64;  // packets, before the frames in them go on

// One attempt: what comes by the link becomes the stream.
class RistInlet {
 public:
  RistInlet(Attempt& attempt, const config::RistUrl& url)
      : wake(attempt.worker().io()),
        receiver_(url.program, attempt.vhost()),
        attempt_(attempt),
        quiet_([this] { say_quiet(); }) {}

  // Until the sender is gone, or nobody answers.
  net::Task<ErrorCode> run(net::RistReceiver& link) {
    hub::Link told;
    told.meter = &meter_;
    told.figures = [&link]() -> const net::TransportFigures& { return link.figures(); };
    told.transport_stream = receiver_.measured();
    link_ = &link;
    while (link.peers() == 0) {
      if (const auto woke = co_await wake.wait(); !woke) co_return woke.error();
      if (link.figures().undecrypted > 0) say_unreadable();
      if (meter_.received_packets == 0 && take() > 0) break;
    }
    attempt_.life().watchdog.disarm();
    attempt_.worker().wheel().arm(quiet_, std::chrono::duration_cast<std::chrono::milliseconds>(long_silence));
    while (meter_.received_packets == 0 && take() == 0) {
      if (link.lost()) co_return net::Errc::end_of_stream;
      if (const auto woke = co_await wake.wait(); !woke) co_return woke.error();
      if (link.figures().undecrypted > 0) say_unreadable();
    }
    attempt_.why.clear();
    quiet_.disarm();
    const auto agreed = attempt_.agreed(std::move(told), peer_of(link));
    const ErrorCode why = co_await publish(link);
    log::info(attempt_.life().log(), "RIST: {} packets, {} gaps, {} of other senders, {} dropped here; {}",
              meter_.received_packets, gaps_, strangers_, link.dropped(), receiver_.condition());
    co_return why;
  }

  net::Notifier wake;

 private:
  // What waits, up to a number: how many that were.
  std::size_t take() {
    net::RistReceiver::Packet packet{};
    std::size_t count = 0;
    while (count < in_a_row && link_->take(packet)) {
      ++count;
      const auto now = std::chrono::steady_clock::now();
      if (flow_ != packet.flow) {
        if (flow_ && now - heard_at_ < sender_silence) {
          ++strangers_;
          continue;
        }
        flow_ = packet.flow;
      }
      heard_at_ = now;
      meter_.received_bytes += packet.payload.size();
      ++meter_.received_packets;
      if (packet.after_loss) ++gaps_;
      if (const auto taken = receiver_.input(packet.payload); !taken) failed_ = taken.error();
    }
    if (count == in_a_row) link_->look_again();
    return count;
  }

  net::Task<ErrorCode> publish(net::RistReceiver& link) {
    std::optional<FramePublisher> publisher;
    for (;;) {
      if (failed_) co_return failed_;
      if (receiver_.has_media()) {
        if (!publisher) {
          auto input = co_await attempt_.publish(protocols::rist.id);
          if (!input) co_return input.error();
          publisher.emplace(attempt_.life(), **input);
        }
        attempt_.alive();
        if (const auto drained = receiver_.drain(*publisher); !drained) co_return drained.error();
      }
      const std::size_t taken = take();
      if (taken > 0 && taken < in_a_row) continue;  // what they brought goes on, then the next are waited for
      if (taken == 0 && link.lost()) {
        receiver_.finish();
        if (publisher) {
          if (const auto drained = receiver_.drain(*publisher); !drained) co_return drained.error();
          receiver_.pass_on(*publisher);
          publisher->finish();
        }
        co_return net::Errc::end_of_stream;
      }
      if (publisher) receiver_.pass_on(*publisher);
      if (const auto woke = co_await wake.wait(); !woke) co_return woke.error();
    }
  }

  static net::Peer peer_of(const net::RistReceiver& link) {
    const auto host_port = base::parse_host_port(link.peer());
    return host_port ? net::Peer{host_port->first, host_port->second} : net::Peer();
  }
  void say_unreadable() {
    if (!attempt_.why.empty()) return;
    attempt_.why = "packets that cannot be read: has the other side the same secret?";
    log::warn(attempt_.life().log(), "RIST source of {}: {}", attempt_.request().url(), attempt_.why);
  }
  void say_quiet() {
    log::warn(attempt_.life().log(),
              "RIST source of {}: somebody has been connected for {} s, and sends nothing that can be read",
              attempt_.request().url(), long_silence.count());
  }

  TsReceiver receiver_;
  Attempt& attempt_;
  net::TimerWheel::Timer quiet_;
  net::RistReceiver* link_ = nullptr;
  net::Meter meter_;
  std::optional<std::uint32_t> flow_;
  base::Instant heard_at_{};
  std::uint64_t gaps_ = 0, strangers_ = 0;
  ErrorCode failed_;
};

class RistFetcher final : public upstream::Fetcher {
 public:
  RistFetcher(const upstream::RistLine& line, config::RistUrl url) : line_(line), url_(std::move(url)) {}

  net::Task<ErrorCode> fetch(Attempt& attempt) const override {
    const auto settings = co_await upstream::rist_settings(line_, url_, attempt.trust(), attempt.why);
    if (!settings) co_return settings.error();
    RistInlet inlet(attempt, url_);
    auto link = net::RistReceiver::open({.worker = attempt.worker(),
                                         .library = line_.library,
                                         .settings = *settings,
                                         .log = attempt.life().log(),
                                         .changed = [&inlet] { inlet.wake.notify(); }});
    if (!link) co_return link.error();
    log::info(attempt.life().log(), "RIST {} {}, {} profile, {}", config::waits(url_) ? "listens at" : "calls",
              upstream::rist_addresses(*settings), settings->simple ? "simple" : "main",
              url_.secret.empty() ? "in the clear" : fmt::format("AES-{}", url_.aes_bits));
    if (!config::waits(url_)) attempt.life().watchdog.arm(upstream::rist_answer_limit);
    co_return co_await inlet.run(**link);
  }

 private:
  const upstream::RistLine& line_;
  config::RistUrl url_;
};

}  // namespace

Result<upstream::Place> rist_place_of(const upstream::RistLine& line, const std::string& text) {
  std::string fault;
  auto url = config::parse_rist_source(text, fault);
  if (!url) return upstream::Errc::bad_rist_url;
  upstream::Place place{.fetcher = {}, .shown = config::shown(*url), .secrets = config::secrets_of(*url)};
  place.fetcher = std::make_shared<RistFetcher>(line, *std::move(url));
  return place;
}

}  // namespace weir::session::pull
