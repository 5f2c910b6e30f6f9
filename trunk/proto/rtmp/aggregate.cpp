#include "proto/rtmp/aggregate.h"

#include <fmt/format.h>

#include "base/byte_reader.h"

namespace weir::rtmp {

base::Result<std::vector<Message>> split_aggregate(const Message& aggregate, Diagnostic& fault) {
  constexpr std::size_t trailer_size = 4;
  base::ByteReader r{aggregate.payload};
  std::vector<Message> parts;
  std::uint32_t first_time = 0;
  while (r.left() > 0) {
    const std::size_t at = r.position();
    Message part;
    part.type = static_cast<MessageType>(r.u8());
    const std::uint32_t size = r.u24();
    const std::uint32_t low = r.u24();
    const std::uint32_t time = static_cast<std::uint32_t>(r.u8()) << 24 | low;
    r.skip(3);  // the message stream: that of the aggregate counts
    const std::size_t start = r.position();
    r.skip(size);
    if (!r.ok()) {
      fault = {at, fmt::format("message of {} bytes inside an aggregate of {}", size, aggregate.payload.size())};
      return Errc::bad_aggregate;
    }
    if (parts.empty()) first_time = time;
    part.stream_id = aggregate.stream_id;
    part.chunk_stream = aggregate.chunk_stream;
    part.time_ms = aggregate.time_ms + static_cast<std::int32_t>(time - first_time);
    part.payload = aggregate.payload.slice(start, size);
    part.size_bytes = size;
    parts.push_back(std::move(part));
    // Some leave out the size behind the last.
    r.skip(std::min(trailer_size, r.left()));
  }
  return parts;
}

}  // namespace weir::rtmp
