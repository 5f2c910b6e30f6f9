#include <algorithm>
#include <array>
#include <optional>

#include "hub/message_reader.h"
#include "net/worker.h"
#include "pack/formats.h"
#include "session/srt/connection.h"

namespace weir::session::srt {

using namespace std::chrono_literals;
using base::Bytes;

namespace {

constexpr std::size_t message_bytes = 7 * 188;  // whole packets, as every receiver expects them
// A newcomer gets a group of pictures at once, which a thin line takes time for: so late a message may be. Beyond
// that the player goes on from the next key frame; the library alone would tear holes.
constexpr auto send_patience = 2s;
constexpr auto most_queued = 1500ms;  // beyond the latency
constexpr auto farewell_limit = 2s;

// A player: cuts the wires of a transport stream into messages.
class Player final : hub::MessageReader::Taker {
 public:
  Player(Connection& connection, hub::Subscription& subscription)
      : c_(connection),
        subscription_(subscription),
        wake_(connection.life.worker().io()),
        size_(std::clamp<std::size_t>(connection.socket.payload_bytes() / 188 * 188, 188, message_bytes)),
        most_queued_(std::max<std::chrono::milliseconds>(connection.socket.send_latency(), 1s) + most_queued),
        reader_(subscription.feed(), *this) {
    c_.socket.set_send_patience(send_patience);
    c_.socket.on_writable([this] {
      if (c_.socket.over()) return wake_.notify();
      reader_.ready();
    });
    c_.life.on_stop = [this] {
      leaving_ = true;
      wake_.notify();
    };
    subscription_.record().behind = [this] {
      return reader_.behind() + std::chrono::duration_cast<base::Ticks>(c_.socket.figures().send_queue);
    };
    subscription_.record().skips = [this] { return std::uint64_t{reader_.skips()} + dropped_ahead_; };
  }
  ~Player() override {
    c_.life.on_stop = nullptr;
    c_.socket.on_writable(nullptr);
    subscription_.record().behind = nullptr;
    subscription_.record().skips = nullptr;
    subscription_.record().counted_skips = reader_.skips() + dropped_ahead_;
  }
  Player(const Player&) = delete;

  // Why it ended. Media does not run through this; it sleeps until there is something to say.
  net::Task<base::ErrorCode> run() {
    hub::Feed& feed = subscription_.feed();
    const auto publish_wait = feed.vhost().play.publish_wait;
    if (const base::ErrorCode absent = feed.absence()) co_return absent;
    if (!feed.live()) c_.life.watchdog.arm(publish_wait);
    reader_.start();
    for (;;) {
      if (c_.socket.over()) co_return net::Errc::end_of_stream;
      if (reader_.state() == hub::Reader::State::failed) co_return reader_.error();
      if (feed.live() && reader_.state() != hub::Reader::State::ended) {
        c_.life.watchdog.disarm();
        told_of_end_ = false;
      }
      // Waits for the next publisher, untold: whoever takes a contribution wants it back, not a new connection.
      if (reader_.state() == hub::Reader::State::ended && !std::exchange(told_of_end_, true)) {
        c_.life.watchdog.arm(publish_wait);
      }
      if (leaving_) co_return co_await leave();
      if (const auto woke = co_await wake_.wait(); !woke) {
        if (c_.life.stop_reason() != net::Errc::timed_out) co_return net::why_ended(c_.life, woke.error());
        co_return hub::Errc::nobody_published;
      }
    }
  }

  std::uint64_t skips() const { return reader_.skips() + dropped_ahead_; }

 private:
  using Took = hub::MessageReader::Took;

  Took take(const hub::Wire& wire, bool begins) override {
    // What was full comes again, and says so again.
    if (begins && began_on_ != reader_.position()) {
      began_on_ = reader_.position();
      filled_ = done_ = 0;
      setup_due_ = !wire.setup.empty();
    }
    if (done_ == 0 && c_.socket.send_queue() > most_queued_) {
      filled_ = 0;
      ++dropped_ahead_;
      return Took::later;
    }
    if (setup_due_) {
      if (!put(wire.setup)) return Took::full;
      setup_due_ = false;
      done_ = 0;
    }
    if (!put(wire.bytes)) return Took::full;
    done_ = 0;
    return Took::all;
  }

  std::size_t flush() override {
    // What does not fit now leaves with the next.
    if (filled_ > 0 && !c_.socket.over() && send({message_.data(), filled_})) filled_ = 0;
    return std::exchange(sends_, 0);
  }

  void reader_changed() override { wake_.notify(); }

  // From where it stopped the last time. False: the socket takes no more.
  bool put(const base::SharedBytes& bytes) {
    while (done_ < bytes.size()) {
      const Bytes rest = bytes.bytes().subspan(done_);
      if (filled_ == 0 && rest.size() >= size_) {
        if (!send(rest.first(size_))) return false;
        done_ += size_;
        continue;
      }
      const std::size_t count = std::min(size_ - filled_, rest.size());
      std::copy_n(rest.begin(), count, message_.begin() + static_cast<std::ptrdiff_t>(filled_));
      if (filled_ + count == size_) {
        if (!send({message_.data(), size_})) return false;
        filled_ = 0;
      } else {
        filled_ += count;
      }
      done_ += count;
    }
    return true;
  }

  bool send(Bytes message) {
    ++sends_;
    return c_.socket.try_write(message).has_value();
  }

  // What was sent arrives before the end does, if the player takes it.
  net::Task<base::ErrorCode> leave() {
    const base::ErrorCode why = c_.life.stop_reason();
    reader_.stop();
    c_.life.watchdog.arm(farewell_limit);
    net::TimerWheel::Timer look([this] { wake_.notify(); });
    while (!c_.socket.over() && c_.socket.send_queue() > 0ms) {
      c_.life.worker().wheel().arm(look, 20ms);
      if (!co_await wake_.wait()) break;
    }
    co_return why;
  }

  // given
  Connection& c_;
  hub::Subscription& subscription_;

  // owned
  net::Notifier wake_;
  std::array<std::uint8_t, message_bytes> message_;  // packets that do not fill a message yet
  std::size_t size_;                                 // of a whole message
  std::chrono::milliseconds most_queued_;

  // state
  std::size_t filled_ = 0, done_ = 0;  // of the message; of the wire
  std::size_t sends_ = 0;
  std::uint64_t dropped_ahead_ = 0;
  std::optional<hub::Log<hub::Wire>::Position> began_on_;
  bool setup_due_ = false, leaving_ = false, told_of_end_ = false;
  hub::MessageReader reader_;
};

}  // namespace

net::Task<base::ErrorCode> play(Connection& c, hub::Request request) {
  const std::string url = request.url();
  auto subscription = co_await c.shared.hub.subscribe(c.life, std::move(request), pack::ts_messages, c.link());
  if (!subscription) {
    log::warn(c.life.log(), "play of {} refused: {}", url, subscription.error().message());
    co_return subscription.error().why;
  }
  c.life.watchdog.disarm();
  Player player(c, *subscription);
  const base::ErrorCode why = co_await player.run();
  log::info(c.life.log(), "play of {} ended: {}; {} skips", url, why.message(), player.skips());
  co_return why;
}

}  // namespace weir::session::srt
