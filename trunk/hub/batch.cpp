#include "hub/batch.h"

#include <sys/uio.h>

namespace weir::hub {

Batch::Batch() = default;
Batch::~Batch() = default;

std::span<const iovec> Batch::parts() const { return {parts_->data(), count_}; }

void Batch::gather(const Log<Wire>& log, Log<Wire>::Position from) {
  if (from == from_ && log.head() == head_ && parts_) return;
  if (!parts_) parts_ = std::make_unique<std::array<iovec, most_parts>>();
  count_ = 0;
  bytes_ = 0;
  from_ = from;
  head_ = log.head();
  auto& parts = *parts_;
  Log<Wire>::Position position = from;
  for (; position < head_; ++position) {
    const base::SharedBytes& bytes = log.at(position).bytes;
    if (bytes.empty()) continue;
    if (count_ > 0) {
      iovec& last = parts[count_ - 1];
      if (static_cast<const std::uint8_t*>(last.iov_base) + last.iov_len == bytes.data()) {
        last.iov_len += bytes.size();
        bytes_ += bytes.size();
        continue;
      }
    }
    if (count_ == most_parts) break;
    parts[count_++] = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    bytes_ += bytes.size();
  }
  to_ = position;
}

}  // namespace weir::hub
