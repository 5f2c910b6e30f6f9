#include "net/http2/output.h"

#include <algorithm>

namespace weir::http2 {

void Output::add_copy(base::Bytes bytes) {
  if (bytes.empty()) return;
  const bool goes_on =
      !pieces_.empty() && !pieces_.back().at && pieces_.back().offset + pieces_.back().size == own_.size();
  if (goes_on) {
    pieces_.back().size += bytes.size();
  } else {
    pieces_.push_back({nullptr, own_.size(), bytes.size()});
  }
  own_.append(bytes);
  bytes_ += bytes.size();
}

void Output::add(base::Bytes bytes) {
  if (bytes.empty()) return;
  pieces_.push_back({bytes.data(), 0, bytes.size()});
  bytes_ += bytes.size();
}

const std::vector<iovec>& Output::parts() {
  parts_.clear();
  for (const Piece& piece : pieces_) {
    const std::uint8_t* const at = piece.at ? piece.at : own_.data() + piece.offset;
    parts_.push_back({const_cast<std::uint8_t*>(at), piece.size});
  }
  return parts_;
}

void Output::copy_rest(std::size_t skip, base::Buffer& to) {
  for (const iovec& part : parts()) {
    const std::size_t passed = std::min(skip, part.iov_len);
    skip -= passed;
    to.append(base::Bytes(static_cast<const std::uint8_t*>(part.iov_base), part.iov_len).subspan(passed));
  }
}

}  // namespace weir::http2
