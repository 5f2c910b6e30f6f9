#include "session/forward/stream_sender.h"

#include <sys/uio.h>

#include <array>

#include "net/worker.h"
#include "pack/push.h"

namespace weir::session::forward {

using namespace std::chrono_literals;
using base::ErrorCode;

namespace {

// Beyond the message that is being sent: enough for the line to stay busy until the next round.
constexpr std::size_t most_unsent = 256 * 1024;
constexpr auto farewell_limit = 1s;

}  // namespace

StreamSender::StreamSender(net::Life& life, net::ByteStream& stream, hub::Seat seat, hub::MemoryBudget* memory)
    : life_(life),
      stream_(stream),
      seat_(seat),
      wake_(std::make_shared<net::Notifier>(life.worker().io())),
      held_(memory, hub::Cache::messages),
      reader_(seat.feed, *this) {
  seat_.record.behind = [this] { return reader_.behind(); };
  seat_.record.skips = [this] { return std::uint64_t{reader_.skips()}; };
  life_.on_stop = [this] {
    leaving_ = true;
    wake_->notify();
  };
}

StreamSender::~StreamSender() {
  life_.on_stop = nullptr;
  seat_.record.behind = nullptr;
  seat_.record.skips = nullptr;
  seat_.record.counted_skips = reader_.skips();
}

StreamSender::Took StreamSender::take(const hub::Wire& wire, bool begins) {
  if (unsent() >= most_unsent) return Took::full;
  const auto send = [this](flv::TagType type, std::uint32_t time_ms, base::Bytes body) { put(type, time_ms, body); };
  if (begins) pack::each_message(wire.setup.bytes(), send);
  pack::each_message(wire.bytes.bytes(), send);
  return Took::all;
}

std::size_t StreamSender::flush() {
  gather();
  if (!armed_) write();
  return 1;
}

void StreamSender::write() {
  if (failed_ || sent_ == out_.size()) return;
  const iovec part{out_.data() + sent_, out_.size() - sent_};
  const auto written = stream_.try_write({&part, 1});
  if (!written && written.error() != net::Errc::would_block) {
    failed_ = written.error();
    return wake_->notify();
  }
  if (written) {
    sent_ += *written;
    stream_.turn().spend(*written);
  }
  if (sent_ == out_.size()) {
    out_.clear();
    sent_ = 0;
  } else {
    if (sent_ > out_.size() / 2) {
      out_.consume(sent_);
      sent_ = 0;
    }
    wait_for_room();
  }
  held_.set(out_.size());
}

void StreamSender::wait_for_room() {
  armed_ = true;
  stream_.when_writable([this, alive = std::weak_ptr<net::Notifier>(wake_)] {
    const auto wake = alive.lock();
    if (!wake) return;
    armed_ = false;
    write();
    reader_.ready();
    if (leaving_ || failed_ || reader_.state() == hub::Reader::State::ended) wake->notify();
  });
}

void StreamSender::listen() {
  listening_ = true;
  stream_.when_readable([this, alive = std::weak_ptr<net::Notifier>(wake_)] {
    const auto wake = alive.lock();
    if (!wake) return;
    listening_ = false;
    wake->notify();
  });
}

// The other side says little: acknowledgements, pings, and why it ends.
ErrorCode StreamSender::read(std::string& why) {
  if (listening_) return {};
  std::array<std::uint8_t, 4096> room;
  for (;;) {
    const auto count = stream_.try_read(room);
    if (!count && count.error() == net::Errc::would_block) break;
    if (!count) return count.error();
    if (const ErrorCode said = heard(base::Bytes(room).first(*count), why)) return said;
  }
  if (made() > 0) flush();
  listen();
  return {};
}

net::Task<void> StreamSender::say_good_bye() {
  reader_.stop();
  close();
  flush();
  life_.watchdog.arm(farewell_limit);
  while (unsent() > 0 && !failed_ && co_await wake_->wait()) {
  }
  stream_.shutdown();
}

net::Task<ErrorCode> StreamSender::run(std::string& why) {
  if (const ErrorCode absent = seat_.feed.absence()) co_return absent;
  if (!seat_.feed.live()) co_return hub::Errc::unpublished;
  reader_.start();
  for (;;) {
    if (const ErrorCode left = read(why)) co_return left;
    if (failed_) co_return failed_;
    if (reader_.state() == hub::Reader::State::failed) co_return reader_.error();
    if (leaving_ || reader_.state() == hub::Reader::State::ended) {
      co_await say_good_bye();
      co_return leaving_ ? life_.stop_reason() : ErrorCode(hub::Errc::unpublished);
    }
    if (const auto woke = co_await wake_->wait(); !woke) co_return net::why_ended(life_, woke.error());
  }
}

}  // namespace weir::session::forward
