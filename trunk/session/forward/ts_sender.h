#pragma once

#include <optional>

#include "base/log_limit.h"
#include "format/ts/constant_rate.h"
#include "hub/hub.h"
#include "hub/message_reader.h"
#include "net/fine_timer.h"
#include "net/life.h"
#include "net/notifier.h"
#include "session/forward/send_pace.h"
#include "session/forward/sending.h"
#include "session/forward/ts_out.h"

namespace weir::session::forward {

// Sends a stream as a transport stream in datagrams, from its next key frame on, until it ends or the life is told to
// stop. Each picture leaves over the time until the next, or everything at a constant rate; what the way out does not
// take, or the rate has no room for, is counted. On the worker of all that it is given, which outlives it.
class TsSender final : public Sending, hub::MessageReader::Taker {
 public:
  // `muxrate`: bits a second of the stream, null packets among them; 0: as it comes.
  TsSender(net::Life& life, TsOut& out, rtp::TsDatagrams::Options options, hub::Seat seat, hub::MemoryBudget* memory,
           std::uint64_t muxrate = 0);
  ~TsSender() override;
  TsSender(const TsSender&) = delete;

  // hub::Errc::unpublished: the stream ended; else what the way out failed of.
  net::Task<base::ErrorCode> run();

  std::uint64_t sent_bytes() const override { return out_.meter().sent_bytes; }
  std::uint64_t skips() const override { return reader_.skips(); }
  base::Ticks behind() const override { return reader_.behind(); }
  std::uint64_t drops() const override { return out_.drops() + (rate_ ? rate_->overflow() : 0); }
  const net::TransportFigures* transport() const override { return out_.transport(); }

 private:
  using Took = hub::MessageReader::Took;
  Took take(const hub::Wire& wire, bool begins) override;
  std::size_t flush() override { return 1; }
  void reader_changed() override { wake_.notify(); }
  base::Instant::duration spread_of(const hub::Wire& wire);
  void look();
  void look_by_rate(base::Instant now);
  void send(std::size_t count, base::Instant now);
  void look_again(base::Instant now);
  bool nothing_left() const {
    return datagrams_.ready() == 0 && !datagrams_.holds_some() && (!rate_ || rate_->waiting() == 0);
  }

  // given
  net::Life& life_;
  TsOut& out_;
  hub::Seat seat_;

  // owned
  net::Notifier wake_;
  net::FineTimer timer_;
  rtp::TsDatagrams datagrams_;
  std::optional<ts::ConstantRate> rate_;
  base::Buffer due_;  // by it
  hub::MemoryAccount held_;

  // state
  SendPace pace_;
  std::optional<base::Ticks> picture_;  // the last one's time
  base::Instant held_since_{};          // packets that do not fill a datagram
  bool leaving_ = false;
  std::uint64_t overflow_told_ = 0;
  log::Limit too_low_{base::Millis{10'000}};
  hub::MessageReader reader_;
};

}  // namespace weir::session::forward
