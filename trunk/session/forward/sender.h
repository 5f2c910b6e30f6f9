#pragma once

#include <memory>

#include "hub/hub.h"
#include "hub/message_reader.h"
#include "net/life.h"
#include "net/notifier.h"
#include "session/common/upstream/rtmp_link.h"
#include "session/forward/sending.h"

namespace weir::session::forward {

// Sends a stream over a link that agreed to take it, from its newest group of pictures on, until the stream ends, the
// other side does, or the life is told to stop. What the other side does not take waits in the feed, as it does for
// players: there the limits of the virtual host hold, and it goes on from the newest key frame once it is too far
// behind. On the worker of all that it is given, which outlives it.
class Sender final : hub::MessageReader::Taker, public Sending {
 public:
  Sender(net::Life& life, upstream::RtmpLink& link, hub::Subscription& subscription, hub::MemoryBudget* memory);
  ~Sender() override;
  Sender(const Sender&) = delete;

  // hub::Errc::unpublished: the stream ended; net::Errc::end_of_stream, stalled, ...; upstream::Errc::refused: `why`
  // has what the other side said.
  net::Task<base::ErrorCode> run(std::string& why);
  std::uint64_t sent_bytes() const override { return link_.stream().sent_bytes(); }
  std::uint64_t skips() const override { return reader_.skips(); }
  base::Ticks behind() const override { return reader_.behind(); }

 private:
  using Took = hub::MessageReader::Took;
  Took take(const hub::Wire& wire, bool begins) override;
  std::size_t flush() override;
  void reader_changed() override { wake_->notify(); }

  std::size_t unsent() const { return out_.size() - sent_ + link_.client().output().size(); }
  void write();
  void wait_for_room();
  void listen();
  base::ErrorCode read(std::string& why);
  net::Task<void> say_good_bye();

  // given
  net::Life& life_;
  upstream::RtmpLink& link_;
  hub::Subscription& subscription_;

  // owned
  std::shared_ptr<net::Notifier> wake_;  // counted: a callback of the stream may come after this is gone
  base::Buffer out_;                     // what the stream has not taken yet, behind `sent_` bytes that it has
  hub::MemoryAccount held_;
  hub::MessageReader reader_;

  // state
  std::size_t sent_ = 0;
  base::ErrorCode failed_;
  bool armed_ = false, listening_ = false, leaving_ = false;
};

}  // namespace weir::session::forward
