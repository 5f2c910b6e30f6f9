#include "session/forward/ts_sender.h"

#include "base/random.h"
#include "net/worker.h"

namespace weir::session::forward {

using namespace std::chrono_literals;
using base::ErrorCode;
using base::Instant;
using net::Task;

namespace {

// A group of pictures that was sent already would be one burst: a receiver that was there before has no use for it.
constexpr base::Ticks most_late = std::chrono::duration_cast<base::Ticks>(300ms);
constexpr auto most_held = 50ms;  // what does not fill a datagram
constexpr auto of_sound_alone = 20ms;
constexpr auto between_sendings = 2ms;  // at a constant rate
constexpr auto least_spread = 5ms, most_spread = 100ms;

// RFC 3550 5.1: numbers begin at random.
rtp::TsDatagrams::Options with_numbers(rtp::TsDatagrams::Options options) {
  std::array<std::uint8_t, 6> random{};
  base::fill_random(random);
  options.first_sequence = static_cast<std::uint16_t>(random[0] << 8 | random[1]);
  for (std::size_t i = 2; i < random.size(); ++i) options.ssrc = options.ssrc << 8 | random[i];
  return options;
}

std::uint32_t timestamp_of(Instant now) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<base::Ticks>(now.time_since_epoch()).count());
}

}  // namespace

TsSender::TsSender(net::Life& life, TsOut& out, rtp::TsDatagrams::Options options, hub::Seat seat,
                   hub::MemoryBudget* memory, std::uint64_t muxrate)
    : life_(life),
      out_(out),
      seat_(seat),
      wake_(life.worker().io()),
      timer_(life.worker().io(), [this] { look(); }),
      datagrams_(with_numbers(options)),
      held_(memory, hub::Cache::messages),
      reader_(seat.feed, *this) {
  if (muxrate != 0) rate_.emplace(ts::ConstantRate::Options{.bits_per_second = muxrate});
  life_.on_stop = [this] {
    leaving_ = true;
    wake_.notify();
  };
  seat_.record.behind = [this] { return behind(); };
  seat_.record.skips = [this] { return skips(); };
}

TsSender::~TsSender() {
  life_.on_stop = nullptr;
  seat_.record.behind = nullptr;
  seat_.record.skips = nullptr;
  seat_.record.counted_skips = skips();
}

TsSender::Took TsSender::take(const hub::Wire& wire, bool begins) {
  if (begins && reader_.behind() > most_late) return Took::later;
  const Instant now = std::chrono::steady_clock::now();
  if (rate_) {
    if (begins) rate_->input(wire.setup.bytes(), now);
    rate_->input(wire.bytes.bytes(), now);
    held_.set(rate_->waiting() * rtp::TsDatagrams::ts_packet_bytes);
    if (!timer_.armed()) look();
    return Took::all;
  }
  const std::size_t before = datagrams_.ready();
  if (!datagrams_.holds_some()) held_since_ = now;
  if (begins) datagrams_.append(wire.setup.bytes());
  datagrams_.append(wire.bytes.bytes());
  const auto spread = spread_of(wire);
  const bool idle = pace_.waiting() == 0;
  pace_.add(datagrams_.ready() - before, now, spread);
  if (datagrams_.ready() != before) held_since_ = now;
  held_.set(datagrams_.ready() * datagrams_.datagram_bytes());
  if (idle) look();
  return Took::all;
}

// What comes between two pictures leaves with the one before; what goes on as it came, or what is rare, at once.
Instant::duration TsSender::spread_of(const hub::Wire& wire) {
  if (wire.kind == media::Kind::data) return 0ms;
  if (wire.kind != media::Kind::video) return picture_ && pace_.waiting() > 0 ? 0ms : of_sound_alone;
  const auto since = picture_ ? wire.dts - *picture_ : base::Ticks::zero();
  picture_ = wire.dts;
  return std::clamp<Instant::duration>(std::chrono::duration_cast<Instant::duration>(since), least_spread, most_spread);
}

// Whatever comes, to the end: a decoder counts on it.
void TsSender::look_by_rate(Instant now) {
  due_.clear();
  rate_->output(now, rtp::TsDatagrams::packets_each, due_);
  datagrams_.append(due_);
  send(datagrams_.ready(), now);
  held_.set(rate_->waiting() * rtp::TsDatagrams::ts_packet_bytes);
  if (rate_->overflow() != overflow_told_ && too_low_.hit(now) != 0) {
    log::warn(life_.log(), "muxrate is too low for this stream: {} packets were dropped", rate_->overflow());
    overflow_told_ = rate_->overflow();
  }
  using State = hub::Reader::State;
  const bool over = leaving_ || reader_.state() == State::ended || reader_.state() == State::failed;
  if (out_.failed() || (nothing_left() && over)) return wake_.notify();
  timer_.arm(now + between_sendings);
}

void TsSender::look() {
  const Instant now = std::chrono::steady_clock::now();
  if (rate_) return look_by_rate(now);
  if (datagrams_.holds_some() && now - held_since_ >= most_held) {
    datagrams_.fill_up();
    pace_.add(1, now, 0ms);
  }
  send(pace_.due(now), now);
  if (out_.failed() || (nothing_left() && (leaving_ || reader_.state() != hub::Reader::State::flowing))) wake_.notify();
  look_again(now);
}

void TsSender::look_again(Instant now) {
  if (pace_.waiting() > 0) {
    timer_.arm(pace_.next_look(now));
  } else if (datagrams_.holds_some()) {
    timer_.arm(held_since_ + most_held);
  }
}

void TsSender::send(std::size_t count, Instant now) {
  if (count == 0) return;
  datagrams_.take(count, timestamp_of(now),
                  [this](rtp::TsDatagrams::Stream stream, base::Bytes datagrams, std::size_t each) {
                    out_.send(stream, datagrams, each);
                  });
  held_.set(datagrams_.ready() * datagrams_.datagram_bytes());
}

Task<ErrorCode> TsSender::run() {
  if (const ErrorCode absent = seat_.feed.absence()) co_return absent;
  if (!seat_.feed.live()) co_return hub::Errc::unpublished;
  reader_.start();
  for (;;) {
    if (out_.failed()) co_return out_.failed();
    if (reader_.state() == hub::Reader::State::failed) co_return reader_.error();
    if (leaving_ || reader_.state() == hub::Reader::State::ended) {
      const ErrorCode why = leaving_ ? life_.stop_reason() : ErrorCode(hub::Errc::unpublished);
      reader_.stop();
      while (!nothing_left() && !out_.failed() && co_await wake_.wait()) {
      }
      co_return why;
    }
    if (const auto woke = co_await wake_.wait(); !woke) co_return net::why_ended(life_, woke.error());
  }
}

}  // namespace weir::session::forward
