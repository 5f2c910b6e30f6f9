#include "hub/pump.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>

namespace weir::hub {

namespace {

constexpr std::size_t most_own_bytes = 256 * 1024;
constexpr std::size_t most_bytes_per_write = 1 << 20;

}  // namespace

Pump::Pump(Feed& feed, net::ByteStream& stream, std::function<void()> attention)
    : Reader(feed, std::move(attention)), stream_(stream) {}

// The fast path: one send of bytes that all readers at this position share.
std::size_t Pump::serve() {
  if (position_ < feed_.log().tail()) {
    advance();
    return 1;
  }
  const Batch& batch = feed_.batch(position_);
  const auto written = stream_.try_write(batch.parts());
  if (written && *written == batch.bytes()) {
    position_ = batch.end();
    if (position_ != feed_.log().head()) advance();
  } else if (written || written.error() == net::Errc::would_block) {
    written_of_batch(written ? *written : 0);
    wait_for_room();
  } else {
    fail(written.error());
  }
  return 1;
}

void Pump::begin_on(const Wire& entry) {
  if (!std::exchange(header_sent_, true) && !feed_.header().empty()) own_.push_back(feed_.header());
  if (!entry.setup.empty()) own_.push_back(entry.setup);
}

void Pump::send(base::SharedBytes message) {
  if (state() == State::failed || message.empty()) return;
  own_bytes_ += static_cast<std::uint32_t>(message.size());
  own_.push_back(std::move(message));
  if (own_bytes_ > most_own_bytes) {
    fail(net::Errc::too_large);
  } else if (!blocked()) {
    advance();
  }
}

void Pump::advance() {
  if (in_advance_ || state() == State::failed) return;
  in_advance_ = true;
  unblock();
  // A player that is behind and takes whatever it is given goes on in another turn of the loop.
  while (write_some()) {
    if (stream_.turn().over()) {
      wait_for_room();
      break;
    }
  }
  in_advance_ = false;
  if (state() != State::failed && !blocked()) settle();
}

// Writes the rest of a message that was cut, then this session's own messages, then the stream. False when there is
// nothing to write or the stream takes no more.
bool Pump::write_some() {
  std::array<iovec, Batch::most_parts> parts;
  std::size_t count = 0, total = 0;
  const auto add = [&](const base::SharedBytes& bytes) {
    if (bytes.empty()) return true;
    if (count > 0 &&
        static_cast<const std::uint8_t*>(parts[count - 1].iov_base) + parts[count - 1].iov_len == bytes.data()) {
      parts[count - 1].iov_len += bytes.size();
    } else if (count == parts.size()) {
      return false;
    } else {
      parts[count++] = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    }
    total += bytes.size();
    return total < most_bytes_per_write;
  };
  if (media_flows()) skip_if_lost();
  bool room = add(cut_);
  for (std::size_t i = 0; room && i < own_.size(); ++i) room = add(own_[i]);
  if (media_flows()) {
    const auto& log = feed_.log();
    for (auto position = position_; room && position < log.head(); ++position) room = add(log.at(position).bytes);
  }
  if (count == 0) return false;
  const auto written = stream_.try_write({parts.data(), count});
  if (!written && written.error() != net::Errc::would_block) {
    fail(written.error());
    return false;
  }
  take_written(written ? *written : 0);
  if (written) stream_.turn().spend(*written);
  if (written && *written == total) return true;
  wait_for_room();
  return false;
}

void Pump::take_written(std::size_t count) {
  if (count > 0) made_progress();
  const std::size_t of_cut = std::min(count, cut_.size());
  if (of_cut > 0) cut_ = of_cut == cut_.size() ? base::SharedBytes() : cut_.slice(of_cut);
  count -= of_cut;
  std::size_t done = 0;
  while (count > 0 && done < own_.size()) {
    if (count < own_[done].size()) {
      cut_ = own_[done].slice(count);
      count = 0;
      ++done;
      break;
    }
    count -= own_[done++].size();
  }
  if (done > 0) own_.erase(own_.begin(), own_.begin() + static_cast<std::ptrdiff_t>(done));
  if (own_.empty()) own_bytes_ = 0;
  if (count > 0) written_of_batch(count);
}

// `count` bytes of the log from the present position on were written.
void Pump::written_of_batch(std::size_t count) {
  const auto& log = feed_.log();
  while (count > 0 && position_ < log.head()) {
    const base::SharedBytes& bytes = log.at(position_).bytes;
    ++position_;
    if (count < bytes.size()) {
      cut_ = bytes.slice(count);
      return;
    }
    count -= bytes.size();
  }
}

void Pump::wait_for_room() {
  block();
  if (std::exchange(armed_, true)) return;
  stream_.when_writable([this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    armed_ = false;
    advance();
  });
}

}  // namespace weir::hub
