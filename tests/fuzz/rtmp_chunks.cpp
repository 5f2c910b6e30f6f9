#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "proto/rtmp/chunk_reader.h"

namespace {

using namespace weir;

struct Seen {
  std::vector<rtmp::Message> messages;
  base::ErrorCode error;
  std::uint64_t error_at = 0;
};

Seen read(base::Bytes all, std::size_t piece, bool drain) {
  rtmp::ChunkReader reader(
      rtmp::ChunkLimits{.message_bytes = 1 << 16, .partial_bytes = 1 << 18, .partial_messages = 8});
  reader.set_drain(drain);
  Seen seen;
  for (base::Bytes rest = all; !rest.empty() && !seen.error; rest = rest.subspan(std::min(piece, rest.size()))) {
    base::Bytes in = rest.first(std::min(piece, rest.size()));
    while (!in.empty() && !seen.error) {
      auto message = reader.next(in);
      if (!message) {
        seen.error = message.error();
        seen.error_at = reader.diagnostic().offset;
      } else if (*message) {
        seen.messages.push_back(std::move(**message));
      }
    }
  }
  return seen;
}

void require(bool ok) {
  if (!ok) std::abort();
}

}  // namespace

// The same messages and the same fault, however the bytes are cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const bool drain = (data[0] & 1) != 0;
  const base::Bytes all(data + 2, size - 2);
  const Seen whole = read(all, all.size() + 1, drain);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1} + data[1]}) {
    const Seen cut = read(all, piece, drain);
    require(cut.error == whole.error && cut.error_at == whole.error_at);
    require(cut.messages.size() == whole.messages.size());
    for (std::size_t i = 0; i < whole.messages.size(); ++i) {
      const auto& a = whole.messages[i];
      const auto& b = cut.messages[i];
      require(a.type == b.type && a.time_ms == b.time_ms && a.stream_id == b.stream_id && a.size_bytes == b.size_bytes);
      require(std::ranges::equal(a.payload.bytes(), b.payload.bytes()));
    }
  }
  return 0;
}
