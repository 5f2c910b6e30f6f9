#include <algorithm>
#include <cstring>

#include "app/bench/errc.h"
#include "app/bench/scan.h"
#include "base/byte_reader.h"

namespace weir::bench {

void Ends::take(base::Bytes piece) {
  const auto count = static_cast<std::uint32_t>(piece.size());
  if (at_ < head_.size())
    std::memcpy(head_.data() + at_, piece.data(), std::min<std::size_t>(head_.size() - at_, count));
  const std::uint32_t tail_from = size_ > tail_.size() ? size_ - static_cast<std::uint32_t>(tail_.size()) : 0;
  const std::uint32_t end = at_ + count;
  if (end > tail_from) {
    const std::uint32_t from = std::max(at_, tail_from);
    std::memcpy(tail_.data() + (from - tail_from), piece.data() + (from - at_), end - from);
  }
  at_ = end;
}

base::Result<void> ChunkScan::feed(base::Bytes in, Watcher& watcher) {
  while (!in.empty()) {
    if (chunk_left_ > 0) {
      const std::size_t count = std::min<std::size_t>(chunk_left_, in.size());
      Stream& stream = streams_[current_];
      stream.ends.take(in.first(count));
      chunk_left_ -= static_cast<std::uint32_t>(count);
      in = in.subspan(count);
      if (stream.ends.complete()) finish(stream, watcher);
      continue;
    }
    if (partial_size_ == 0) {
      TRY(const std::size_t used, header(in));
      if (used > 0) {
        in = in.subspan(used);
      } else {
        std::memcpy(partial_.data(), in.data(), in.size());  // shorter than a header, or header() would have used it
        partial_size_ = in.size();
        return {};
      }
    } else {
      partial_[partial_size_++] = in[0];
      in = in.subspan(1);
      TRY(const std::size_t used, header({partial_.data(), partial_size_}));
      if (used == 0) continue;
      partial_size_ = 0;
    }
    // A message of no bytes ends with its header.
    if (Stream& stream = streams_[current_]; stream.open && stream.ends.complete()) finish(stream, watcher);
  }
  return {};
}

base::Result<std::size_t> ChunkScan::header(base::Bytes in) {
  base::ByteReader r{in};
  // RTMP 1.0, 5.3.1.1: basic header of one to three bytes.
  const std::uint8_t first = r.u8();
  const std::uint32_t format = first >> 6;
  std::uint32_t id = first & 0x3f;
  if (id == 0) {
    id = 64u + r.u8();
  } else if (id == 1) {
    const std::uint32_t low = r.u8();
    id = 64u + low + 256u * r.u8();
  }
  if (!r.ok()) return 0;
  Stream* stream = find(id);
  if (!stream) return Errc::bad_chunk;

  // 5.3.1.2: message header by format; nothing is applied before all of it is here.
  std::uint32_t time = 0, size = stream->size;
  std::uint8_t type = stream->type;
  if (format <= 2) time = r.u24();
  if (format <= 1) {
    size = r.u24();
    type = r.u8();
  }
  if (format == 0) r.skip(4);
  if (format == 3 && !stream->known) return Errc::bad_chunk;
  const bool extended = format == 3 ? stream->extended : time == 0xffffff;
  if (extended) time = r.u32();
  if (!r.ok()) return 0;
  if (size > message_limit || (format != 0 && !stream->known)) return Errc::bad_chunk;

  stream->extended = extended;
  stream->known = true;
  if (!stream->open) {
    if (format == 0) {
      stream->time_ms = time;
      stream->delta_ms = time;  // 5.3.1.2.4: a type 3 after a type 0 repeats the time as the delta
    } else {
      if (format != 3) stream->delta_ms = time;
      stream->time_ms += stream->delta_ms;
    }
    stream->size = size;
    stream->type = type;
    stream->open = true;
    stream->ends.begin(size);
  }
  current_ = static_cast<std::size_t>(stream - streams_.data());
  chunk_left_ = std::min(stream->ends.left(), chunk_size_);
  return r.position();
}

ChunkScan::Stream* ChunkScan::find(std::uint32_t id) {
  for (Stream& stream : streams_) {
    if (stream.id == id) return &stream;
  }
  if (streams_.size() == stream_limit) return nullptr;
  streams_.emplace_back().id = id;
  return &streams_.back();
}

void ChunkScan::finish(Stream& stream, Watcher& watcher) {
  stream.open = false;
  base::ByteReader r{stream.ends.tail()};
  if (stream.type == 1) {  // 5.4.1 Set Chunk Size
    if (const std::uint32_t size = r.u32() & 0x7fffffff; r.ok() && size > 0) chunk_size_ = size;
  } else if (stream.type == 2) {  // 5.4.2 Abort Message
    const std::uint32_t id = r.u32();
    for (Stream& other : streams_) {
      if (other.id == id) other.open = false;
    }
  }
  watcher.seen({.type = stream.type,
                .time_ms = stream.time_ms,
                .size = stream.ends.size(),
                .head = stream.ends.head(),
                .tail = stream.ends.tail()});
}

}  // namespace weir::bench
