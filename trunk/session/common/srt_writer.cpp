#include "session/common/srt_writer.h"

#include <algorithm>

#include "net/worker.h"

namespace weir::session {

using namespace std::chrono_literals;
using base::Bytes;

namespace {

// A newcomer gets a group of pictures at once, which a thin line takes time for: so late a message may be. Beyond
// that it goes on from the next key frame; the library alone would tear holes.
constexpr auto send_patience = 2s;
constexpr auto most_queued = 1500ms;  // beyond the latency
constexpr auto srt_farewell_limit = 2s;

}  // namespace

SrtWriter::SrtWriter(net::Life& life, net::SrtSocket& socket, hub::Seat seat)
    : life_(life),
      socket_(socket),
      seat_(seat),
      wake_(life.worker().io()),
      size_(std::clamp<std::size_t>(socket.payload_bytes() / 188 * 188, 188, message_bytes)),
      most_queued_(std::max<std::chrono::milliseconds>(socket.send_latency(), 1s) + most_queued),
      reader_(seat.feed, *this) {
  socket_.set_send_patience(send_patience);
  socket_.on_writable([this] {
    if (socket_.over()) return wake_.notify();
    reader_.ready();
  });
  life_.on_stop = [this] {
    leaving_ = true;
    wake_.notify();
  };
  reader_.note_first(seat_.record.first_media);
  seat_.record.behind = [this] { return behind(); };
  seat_.record.skips = [this] { return skips(); };
}

SrtWriter::~SrtWriter() {
  life_.on_stop = nullptr;
  socket_.on_writable(nullptr);
  seat_.record.behind = nullptr;
  seat_.record.skips = nullptr;
  seat_.record.counted_skips = skips();
}

SrtWriter::Took SrtWriter::take(const hub::Wire& wire, bool begins) {
  // What was full comes again, and says so again.
  if (begins && began_on_ != reader_.position()) {
    began_on_ = reader_.position();
    filled_ = done_ = 0;
    setup_due_ = !wire.setup.empty();
  }
  if (done_ == 0 && socket_.send_queue() > most_queued_) {
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

std::size_t SrtWriter::flush() {
  // What does not fit now leaves with the next.
  if (filled_ > 0 && !socket_.over() && send({message_.data(), filled_})) filled_ = 0;
  return std::exchange(sends_, 0);
}

// From where it stopped the last time. False: the socket takes no more.
bool SrtWriter::put(const base::SharedBytes& bytes) {
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

bool SrtWriter::send(Bytes message) {
  ++sends_;
  return socket_.try_write(message).has_value();
}

net::Task<void> SrtWriter::finish() {
  reader_.stop();
  life_.watchdog.arm(srt_farewell_limit);
  net::TimerWheel::Timer look([this] { wake_.notify(); });
  while (!socket_.over() && socket_.send_queue() > 0ms) {
    life_.worker().wheel().arm(look, 20ms);
    if (!co_await wake_.wait()) break;
  }
}

}  // namespace weir::session
