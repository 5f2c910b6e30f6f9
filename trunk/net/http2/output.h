#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace weir::http2 {

// Bytes on their way out, in order: small ones of its own, and others that it only points to.
class Output {
 public:
  void add_copy(base::Bytes bytes);
  void add(base::Bytes bytes);
  // Valid until the next change.
  const std::vector<iovec>& parts();
  std::size_t bytes() const { return bytes_; }
  // All behind the first `skip` bytes, copied behind what `to` holds.
  void copy_rest(std::size_t skip, base::Buffer& to);

 private:
  struct Piece {
    const std::uint8_t* at;  // null: in own_, at `offset`
    std::size_t offset, size;
  };
  base::Buffer own_;
  std::vector<Piece> pieces_;
  std::vector<iovec> parts_;
  std::size_t bytes_ = 0;
};

}  // namespace weir::http2
