#include "session/pull/counted_file.h"

#include "session/common/upstream/local_error.h"

namespace weir::session::pull {

net::Task<base::Result<base::Buffer>> CountedFile::read(std::uint64_t offset, std::size_t size) {
  auto piece = co_await pool_.run([file = file_, offset, size] {
    base::Buffer bytes(size);
    bytes.resize(file->read_at(offset, {bytes.data(), bytes.size()}));
    return bytes;
  });
  if (!piece) co_return upstream::LocalErrc::too_busy;
  meter_.received_bytes += piece->size();
  co_return *std::move(piece);
}

}  // namespace weir::session::pull
