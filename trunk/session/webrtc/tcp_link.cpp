#include "session/webrtc/tcp_link.h"

#include <algorithm>

#include "proto/rtp/framing.h"

namespace weir::session::webrtc {

using base::Bytes;

void TcpLink::send(Bytes packets, std::size_t segment) {
  if (failed_ || segment == 0) return;
  while (!packets.empty()) {
    const Bytes packet = packets.first(std::min(segment, packets.size()));
    packets = packets.subspan(packet.size());
    if (queue_.size() - at_ + packet.size() > most_queued || packet.size() > rtp::most_framed) {
      ++drops_;
      continue;
    }
    std::uint8_t head[rtp::frame_head_bytes];
    rtp::write_frame_head(head, packet.size());
    queue_.append(head);
    queue_.append(packet);
    ++sent_;
  }
  if (!waiting_) pump();
}

void TcpLink::pump() {
  waiting_ = false;
  while (at_ < queue_.size()) {
    const iovec part{queue_.data() + at_, queue_.size() - at_};
    const auto written = stream_.try_write({&part, 1});
    if (written) {
      at_ += *written;
      continue;
    }
    if (written.error() != net::Errc::would_block) {
      failed_ = true;
      break;
    }
    waiting_ = true;
    stream_.when_writable([this] { pump(); });
    if (at_ > most_queued / 2) {
      queue_.consume(at_);
      at_ = 0;
    }
    return;
  }
  queue_.clear();
  at_ = 0;
}

}  // namespace weir::session::webrtc
