#include "session/gb28181/sip_connection.h"

#include <sys/uio.h>

namespace weir::session::gb28181 {

void SipConnection::send(std::string_view bytes) {
  if (waiting_.size() + bytes.size() > most_waiting) return life_.stop(net::Errc::timed_out);
  waiting_ += bytes;
  if (!armed_) flush();
}

void SipConnection::flush() {
  while (!waiting_.empty()) {
    const iovec part{waiting_.data(), waiting_.size()};
    const auto written = stream_.try_write({&part, 1});
    if (written) {
      waiting_.erase(0, *written);
      continue;
    }
    if (written.error() != net::Errc::would_block) return life_.stop(written.error());
    armed_ = true;
    return stream_.when_writable([weak = std::weak_ptr(self_)] {
      const auto self = weak.lock();
      if (!self) return;
      (*self)->armed_ = false;
      (*self)->flush();
    });
  }
}

}  // namespace weir::session::gb28181
