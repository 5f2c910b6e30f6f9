#include "net/http/request_reader.h"

#include <algorithm>

#include "net/coroutine.h"

namespace weir::http {

using base::Bytes;
using base::Result;
using net::Task;

namespace {
constexpr std::size_t first_read = 2 * 1024;
constexpr std::size_t body_read = 16 * 1024;
constexpr int most_empty_lines = 4;
}  // namespace

RequestReader::RequestReader(net::ByteStream& stream, const HeadLimits& limits, base::Buffer leftover)
    : stream_(stream), limits_(limits), parser_(limits), buffer_(std::move(leftover)) {}

Task<Result<Request>> RequestReader::read_head() {
  bool begun = false;
  int empty_lines = 0;
  for (;;) {
    // An empty line before the request line is passed over (RFC 9112 2.2): some clients end a body with one.
    while (!begun && buffer_.size() - used_ >= 2 && buffer_.data()[used_] == '\r' &&
           buffer_.data()[used_ + 1] == '\n') {
      used_ += 2;
      if (++empty_lines > most_empty_lines) co_return Errc::empty_lines;
    }
    const bool lone_return = !begun && buffer_.size() - used_ == 1 && buffer_.data()[used_] == '\r';
    if (used_ < buffer_.size() && !lone_return) {
      begun = true;
      CO_TRY(const std::size_t progress, step());
      if (parser_.head_done()) co_return parser_.take_head();
      if (progress > 0) continue;
    }
    const std::size_t waiting = buffer_.size() - used_;
    CO_TRY_VOID(co_await fill(std::clamp(waiting * 2, first_read, std::max(limits_.head_bytes, first_read))));
  }
}

Task<Result<std::size_t>> RequestReader::read_body_some(base::MutableBytes room) {
  if (room.empty()) co_return std::size_t{0};
  for (;;) {
    if (!piece_.empty()) {
      const std::size_t count = std::min(room.size(), piece_.size());
      std::copy_n(piece_.begin(), count, room.begin());
      piece_ = piece_.subspan(count);
      co_return count;
    }
    if (parser_.done()) co_return std::size_t{0};
    CO_TRY(const std::size_t progress, step());
    if (progress > 0 || parser_.done()) continue;
    const auto filled = co_await fill(body_read);
    if (!filled && filled.error() == net::Errc::end_of_stream) co_return Errc::body_cut_off;
    CO_TRY_VOID(filled);
  }
}

Result<std::size_t> RequestReader::step() {
  const Bytes input = buffer_.bytes().subspan(used_);
  TRY(const std::size_t count, parser_.put(input));
  piece_ = parser_.body();
  used_ += count;
  return count;
}

// Moves what is unread to the front of a buffer of that capacity and reads behind it.
Task<Result<void>> RequestReader::fill(std::size_t capacity) {
  body_begun_ = body_begun_ || parser_.head_done();
  buffer_.consume(used_);
  used_ = 0;
  const std::size_t held = buffer_.size();
  // Chunk headers and trailers wait in the buffer until they are whole; nobody needs longer ones.
  if (held >= capacity) co_return parser_.head_done() ? Errc::bad_chunk : Errc::head_too_large;
  buffer_.resize(capacity);
  const auto count = co_await stream_.read_some(base::MutableBytes(buffer_.data(), capacity).subspan(held));
  buffer_.resize(held + (count ? *count : 0));
  if (!count) co_return count.error();
  co_return Result<void>();
}

base::Buffer RequestReader::take_leftover() {
  buffer_.consume(used_);
  used_ = 0;
  piece_ = {};
  base::Buffer rest = std::move(buffer_);
  buffer_.clear();
  if (rest.empty()) rest.release_memory();
  return rest;
}

}  // namespace weir::http
