#pragma once

#include <memory>
#include <string>

#include "format/flv/tag.h"
#include "hub/hub.h"
#include "hub/message_reader.h"
#include "net/byte_stream.h"
#include "net/life.h"
#include "net/notifier.h"
#include "session/forward/sending.h"

namespace weir::session::forward {

// Sends a stream over a byte stream whose other side agreed to take it, from its newest group of pictures on, until the
// stream ends, the other side does, or the life is told to stop. What the other side does not take waits in the feed,
// as it does for players: there the limits of the virtual host hold, and it goes on from the newest key frame once it
// is too far behind. What messages look like there is for who derives from it to say. On the worker of all that it is
// given, which outlives it.
class StreamSender : hub::MessageReader::Taker, public Sending {
 public:
  ~StreamSender() override;
  StreamSender(const StreamSender&) = delete;

  // hub::Errc::unpublished: the stream ended; net::Errc::end_of_stream, stalled, ...; upstream::Errc::refused: `why`
  // has what the other side said.
  net::Task<base::ErrorCode> run(std::string& why);
  std::uint64_t sent_bytes() const override { return stream_.sent_bytes(); }
  std::uint64_t skips() const override { return reader_.skips(); }
  base::Ticks behind() const override { return reader_.behind(); }

 protected:
  // The feed's format is pack::pushed.
  StreamSender(net::Life& life, net::ByteStream& stream, hub::Seat seat, hub::MemoryBudget* memory);

  // A message of the stream, behind all that was there.
  virtual void put(flv::TagType type, std::uint32_t time_ms, base::Bytes body) = 0;
  // What the other side said; an error ends it.
  virtual base::ErrorCode heard(base::Bytes bytes, std::string& why) = 0;
  // The last words.
  virtual void close() = 0;
  // Bytes that are made and stand nowhere in out() yet, and the way there.
  virtual std::size_t made() const { return 0; }
  virtual void gather() {}

  // What is written next, behind what waits.
  base::Buffer& out() { return out_; }
  std::size_t flush() override;

 private:
  using Took = hub::MessageReader::Took;
  Took take(const hub::Wire& wire, bool begins) override;
  void reader_changed() override { wake_->notify(); }

  std::size_t unsent() const { return out_.size() - sent_ + made(); }
  void write();
  void wait_for_room();
  void listen();
  base::ErrorCode read(std::string& why);
  net::Task<void> say_good_bye();

  // given
  net::Life& life_;
  net::ByteStream& stream_;
  hub::Seat seat_;

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
