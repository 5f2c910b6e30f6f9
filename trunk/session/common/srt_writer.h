#pragma once

#include <array>
#include <optional>

#include "hub/hub.h"
#include "hub/message_reader.h"
#include "net/life.h"
#include "net/notifier.h"
#include "net/srt/socket.h"

namespace weir::session {

// Cuts the wires of a feed of transport stream (pack::ts_messages) into messages of an SRT connection. What the other
// side does not take in time is skipped to the next key frame, before libsrt would tear holes. Its owner decides when
// it begins and ends:
//
//   writer.reader().start();
//   while (...) { look at reader().state(), leaving(), socket.over(); CO_TRY_VOID(co_await writer.changed()); }
//
// On the worker of all that it is given, which outlives it.
class SrtWriter final : hub::MessageReader::Taker {
 public:
  SrtWriter(net::Life& life, net::SrtSocket& socket, hub::Seat seat);
  ~SrtWriter() override;
  SrtWriter(const SrtWriter&) = delete;

  hub::MessageReader& reader() { return reader_; }
  // The state of the reader, the socket or the life became another. What Notifier::wait says.
  net::Task<base::Result<void>> changed() { return wake_.wait(); }
  // The life was asked to end.
  bool leaving() const { return leaving_; }
  // Takes no more, and sees what was taken arrive, if the other side has it in two seconds.
  net::Task<void> finish();

  std::uint64_t skips() const { return reader_.skips() + dropped_ahead_; }
  base::Ticks behind() const {
    return reader_.behind() + std::chrono::duration_cast<base::Ticks>(socket_.figures().send_queue);
  }

 private:
  using Took = hub::MessageReader::Took;
  Took take(const hub::Wire& wire, bool begins) override;
  std::size_t flush() override;
  void reader_changed() override { wake_.notify(); }
  bool put(const base::SharedBytes& bytes);
  bool send(base::Bytes message);

  static constexpr std::size_t message_bytes = 7 * 188;  // whole packets, as every receiver expects them

  // given
  net::Life& life_;
  net::SrtSocket& socket_;
  hub::Seat seat_;

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
  bool setup_due_ = false, leaving_ = false;
  hub::MessageReader reader_;
};

}  // namespace weir::session
