#include "proto/rtmp/chunk_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/byte_reader.h"

namespace weir::rtmp {
namespace {

constexpr std::uint32_t largest_chunk = 0xffffff;  // no message is longer, 5.4.1
constexpr std::uint32_t smallest_chunk = 128;
constexpr std::int64_t hour_ms = 3'600'000;

}  // namespace

base::Result<std::optional<Message>> ChunkReader::next(base::Bytes& in) {
  while (!in.empty() || (in_chunk_ && chunk_left_ == 0)) {
    if (!in_chunk_) {
      TRY_VOID(held_size_ == 0 ? take_header(in) : complete_header(in));
      if (!in_chunk_) break;
    }
    take_payload(in);
    if (chunk_left_ > 0) break;
    in_chunk_ = false;
    if (streams_[current_].received < streams_[current_].length) continue;
    TRY(auto message, finish_message());
    if (message) return message;
  }
  return std::optional<Message>();
}

base::Result<void> ChunkReader::take_header(base::Bytes& in) {
  auto header = parse_header(in);
  if (!header) {
    std::copy(in.begin(), in.end(), held_.begin());
    held_size_ = static_cast<std::uint8_t>(in.size());
    offset_ += in.size();
    in = {};
    return {};
  }
  header->at = offset_;
  offset_ += header->size;
  in = in.subspan(header->size);
  return begin_chunk(*header);
}

// A header whose start is held from the input before.
base::Result<void> ChunkReader::complete_header(base::Bytes& in) {
  const std::size_t before = held_size_;
  const std::size_t more = std::min(in.size(), held_.size() - before);
  std::copy_n(in.begin(), more, held_.begin() + before);
  auto header = parse_header(base::Bytes(held_).first(before + more));
  if (!header) {
    held_size_ = static_cast<std::uint8_t>(before + more);
    offset_ += more;
    in = in.subspan(more);
    return {};
  }
  header->at = offset_ - before;
  held_size_ = 0;
  const std::size_t taken = header->size > before ? header->size - before : 0;
  offset_ += taken;
  in = in.subspan(taken);
  TRY_VOID(begin_chunk(*header));
  if (header->size < before) {
    // What was held as a timestamp that might be repeated is payload after all, or even the chunk behind it.
    const auto copy = held_;
    base::Bytes rest = base::Bytes(copy).subspan(header->size, before - header->size);
    offset_ -= rest.size();
    take_payload(rest);
    std::copy(rest.begin(), rest.end(), held_.begin());
    held_size_ = static_cast<std::uint8_t>(rest.size());
    offset_ += rest.size();
  }
  return {};
}

// 5.3.1. Reads nothing but `in` and what the chunk stream remembers.
std::optional<ChunkReader::Header> ChunkReader::parse_header(base::Bytes in) const {
  base::ByteReader r{in};
  Header h{};
  const std::uint8_t first = r.u8();
  h.format = first >> 6;
  h.chunk_stream = first & 0x3f;
  if (h.chunk_stream == 0) {
    h.chunk_stream = 64u + r.u8();
  } else if (h.chunk_stream == 1) {
    const std::uint32_t low = r.u8();
    h.chunk_stream = 64u + low + 256u * r.u8();
  }
  h.basic_size = static_cast<std::uint8_t>(r.position());
  if (h.format < 3) h.time_field = r.u24();
  if (h.format < 2) {
    h.length = r.u24();
    h.type = static_cast<MessageType>(r.u8());
  }
  if (h.format == 0) h.stream_id = r.u32le();
  if (!r.ok()) return std::nullopt;
  if (h.format < 3) {
    h.extended = h.time_field == extended_mark;
    if (h.extended) h.time_field = r.u32();
  } else if (const Stream* stream = find(h.chunk_stream); stream && stream->extended) {
    const Repeat repeat = repeats_extended_time(*stream, in.subspan(r.position()));
    if (repeat == Repeat::unknown) return std::nullopt;
    h.extended = repeat == Repeat::yes;
    h.time_field = h.extended ? r.u32() : stream->time_field;
  }
  if (!r.ok()) return std::nullopt;
  h.size = static_cast<std::uint8_t>(r.position());
  return h;
}

// 5.3.1.3 wants the extended timestamp again in chunks of type 3; ffmpeg and librtmp leave it out. The next four bytes
// tell: if they are the timestamp, they are taken for it. Decided by the first byte that differs, so that the tail of a
// message that is shorter than four bytes does not wait for the message after it.
ChunkReader::Repeat ChunkReader::repeats_extended_time(const Stream& stream, base::Bytes in) const {
  std::uint32_t value = 0;
  const std::size_t count = std::min<std::size_t>(in.size(), 4);
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | in[i];
  const auto begins = [&](std::uint32_t expected) { return count == 0 || value == expected >> (8 * (4 - count)); };
  // Some write the difference again, some the time that it led to, with 32 bits or 31.
  const std::uint32_t time = clock_.field_of(stream.time_ms);
  if (begins(stream.time_field) || begins(time) || begins(time & 0x7fffffff)) {
    return count == 4 ? Repeat::yes : Repeat::unknown;
  }
  if (stream.partial || !stream.absolute) return Repeat::no;
  // The first chunk of a message may have a new time of its own, which is then near the one before.
  if (count < 4) return Repeat::unknown;
  const std::int64_t difference = static_cast<std::int32_t>(value - time);
  return difference > -hour_ms && difference < hour_ms ? Repeat::yes : Repeat::no;
}

base::Result<void> ChunkReader::begin_chunk(const Header& header) {
  TRY(current_, place_of(header));
  Stream& stream = streams_[current_];
  if (stream.partial) {
    if (header.format == 0) {
      return fail(Errc::header_inside_message, header.at,
                  fmt::format("basic header of type 0 on chunk stream {}, {} of {} bytes received", stream.id,
                              stream.received, stream.length));
    }
    if (header.format == 1 && (header.length != stream.length || header.type != stream.type)) {
      return fail(
          Errc::length_changed, header.at + header.basic_size + 3,
          fmt::format("message length {} on chunk stream {}, it was {}", header.length, stream.id, stream.length));
    }
  } else {
    TRY_VOID(begin_message(stream, header));
  }
  chunk_left_ = std::min(chunk_size_, stream.length - stream.received);
  in_chunk_ = true;
  return {};
}

base::Result<void> ChunkReader::begin_message(Stream& stream, const Header& header) {
  if (header.format < 2) {
    if (header.length > limits_.message_bytes) {
      return fail(Errc::message_too_long, header.at + header.basic_size + 3,
                  fmt::format("message length {} on chunk stream {}, limit {}", header.length, stream.id,
                              limits_.message_bytes));
    }
    stream.length = header.length;
    stream.type = header.type;
  } else if (stream.length > limits_.message_bytes) {
    return fail(Errc::message_too_long, header.at, fmt::format("message length {} repeated", stream.length));
  }
  if (header.format == 0) {
    stream.stream_id = header.stream_id;
    stream.time_ms = clock_.at(header.time_field, header.extended, stream.known ? stream.time_ms : clock_.last());
  } else if (header.format == 3 && header.extended && stream.absolute && header.time_field != stream.time_field) {
    stream.time_ms = clock_.at(header.time_field, true, stream.time_ms);
  } else if (header.format == 3 && stream.extended && stream.absolute) {
    stream.time_ms = clock_.at(stream.time_field, true, stream.time_ms);
  } else {
    // 5.3.1.2.4: type 3 has the difference of the header before; behind a type 0 that is its timestamp (FMLE relies on
    // it).
    stream.time_ms = clock_.after(stream.time_ms, header.format == 3 ? stream.time_field : header.time_field);
  }
  if (header.format < 3) {
    stream.time_field = header.time_field;
    stream.extended = header.extended;
    stream.absolute = header.format == 0;
  } else if (header.extended) {
    stream.time_field = header.time_field;
  }
  stream.known = true;
  stream.drained = drain_ && (stream.type == MessageType::audio || stream.type == MessageType::video);
  stream.received = 0;

  if (partial_messages_ >= limits_.partial_messages || partial_bytes_ + stream.length > limits_.partial_bytes) {
    return fail(Errc::too_many_partial_messages, header.at,
                fmt::format("message of {} bytes on chunk stream {} beside {} unfinished of {} bytes", stream.length,
                            stream.id, partial_messages_, partial_bytes_));
  }
  ++partial_messages_;
  partial_bytes_ += stream.length;
  stream.partial = true;
  if (stream.length > 0 && !stream.drained) make_room(stream);
  return {};
}

// Media lies one behind the other, since a stream of small messages would otherwise cost an allocation each, and all of
// it is forgotten in order. Commands live short and large messages pay for a block of their own.
void ChunkReader::make_room(Stream& stream) {
  constexpr std::uint32_t packed_bytes = 16 * 1024;
  const bool media = stream.type == MessageType::audio || stream.type == MessageType::video;
  if (media && stream.length <= packed_bytes) {
    slab_.reserve(stream.length);
    stream.payload = slab_.commit(stream.length);
    return;
  }
  base::Block block = base::Block::allocate(stream.length);
  const std::uint8_t* data = block.data();
  stream.payload = base::SharedBytes(std::move(block), data, stream.length);
}

std::size_t ChunkReader::unfinished_bytes() const {
  std::size_t sum = 0;
  for (const Stream& stream : streams_) sum += stream.partial && !stream.drained ? stream.received : 0;
  return sum;
}

void ChunkReader::take_payload(base::Bytes& in) {
  Stream& stream = streams_[current_];
  const std::size_t count = std::min<std::size_t>(in.size(), chunk_left_);
  if (count == 0) return;
  if (!stream.drained) {
    // Nobody else has seen this slice yet.
    std::memcpy(const_cast<std::uint8_t*>(stream.payload.data()) + stream.received, in.data(), count);
  } else if (stream.received < stream.head.size()) {
    std::memcpy(stream.head.data() + stream.received, in.data(), std::min(count, stream.head.size() - stream.received));
  }
  in = in.subspan(count);
  offset_ += count;
  stream.received += static_cast<std::uint32_t>(count);
  chunk_left_ -= static_cast<std::uint32_t>(count);
}

base::Result<std::optional<Message>> ChunkReader::finish_message() {
  Stream& stream = streams_[current_];
  std::optional<Message> message;
  if (stream.type == MessageType::set_chunk_size || stream.type == MessageType::abort) {
    TRY_VOID(apply_control(stream.type, stream.payload));
  } else {
    message.emplace();
    message->type = stream.type;
    message->stream_id = stream.stream_id;
    message->chunk_stream = stream.id;
    message->time_ms = stream.time_ms;
    message->size_bytes = stream.length;
    if (stream.drained) {
      message->head = stream.head;
    } else if (stream.length > 0) {
      message->payload = std::move(stream.payload);
    }
  }
  release(streams_[current_]);
  return message;
}

void ChunkReader::release(Stream& stream) {
  partial_bytes_ -= stream.length;
  --partial_messages_;
  stream.partial = false;
  stream.payload = {};
}

base::Result<void> ChunkReader::apply_control(MessageType type, base::Bytes payload) {
  base::ByteReader r{payload};
  const std::uint32_t value = r.u32();
  const std::uint64_t at = offset_ - payload.size();
  if (!r.ok()) {
    return fail(Errc::bad_control_message, at,
                fmt::format("control message of type {} has {} bytes, 4 are needed", int(type), payload.size()));
  }
  if (type == MessageType::set_chunk_size) {  // 5.4.1
    if (value < smallest_chunk || value > 0x7fffffff) {
      return fail(Errc::bad_chunk_size, at, fmt::format("chunk size {}", value));
    }
    chunk_size_ = std::min(value, largest_chunk);
    return {};
  }
  for (Stream& stream : streams_) {  // 5.4.2
    if (stream.id == value && stream.partial && &stream != &streams_[current_]) release(stream);
  }
  return {};
}

std::size_t ChunkReader::skippable() const {
  if (!in_chunk_ || held_size_ != 0 || chunk_left_ < 2) return 0;
  const Stream& stream = streams_[current_];
  return stream.drained && stream.received >= stream.head.size() ? chunk_left_ - 1 : 0;
}

void ChunkReader::skip(std::size_t count) {
  offset_ += count;
  streams_[current_].received += static_cast<std::uint32_t>(count);
  chunk_left_ -= static_cast<std::uint32_t>(count);
}

const ChunkReader::Stream* ChunkReader::find(std::uint32_t id) const {
  if (current_ < streams_.size() && streams_[current_].id == id) return &streams_[current_];
  for (const Stream& stream : streams_) {
    if (stream.id == id) return &stream;
  }
  return nullptr;
}

base::Result<std::uint32_t> ChunkReader::place_of(const Header& header) {
  if (const Stream* stream = find(header.chunk_stream)) return static_cast<std::uint32_t>(stream - streams_.data());
  // Type 1 is let pass: librtmp begins its pings on chunk stream 2 with it.
  if (header.format >= 2) {
    return fail(Errc::no_predecessor, header.at,
                fmt::format("basic header of type {} on new chunk stream {}", header.format, header.chunk_stream));
  }
  if (streams_.size() >= limits_.chunk_streams) {
    return fail(Errc::too_many_chunk_streams, header.at,
                fmt::format("chunk stream {}, limit {} streams", header.chunk_stream, limits_.chunk_streams));
  }
  Stream& stream = streams_.emplace_back();
  stream.id = header.chunk_stream;
  return static_cast<std::uint32_t>(streams_.size() - 1);
}

base::ErrorCode ChunkReader::fail(Errc code, std::uint64_t offset, std::string text) {
  diagnostic_ = {offset, std::move(text)};
  return code;
}

}  // namespace weir::rtmp
