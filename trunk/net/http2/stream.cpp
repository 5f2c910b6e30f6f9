#include "net/http2/stream.h"

#include <algorithm>

#include "net/coroutine.h"
#include "net/http2/connection.h"

namespace weir::http2 {

using base::Result;
using net::Task;

namespace {

// A playlist is small, and without it nobody knows what to ask for next: it goes before segments.
std::uint8_t urgency_of(std::string_view content_type) {
  constexpr std::uint8_t of_lists = 1, of_all_else = 3;
  for (const std::string_view type :
       {"application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl", "application/dash+xml"}) {
    if (content_type.starts_with(type)) return of_lists;
  }
  return of_all_else;
}

}  // namespace

Stream::Stream(std::shared_ptr<Connection> connection, StreamId id, bool has_body)
    : ByteStream(connection->worker().cut_turns()),
      connection_(std::move(connection)),
      id_(id),
      can_read_(connection_->worker().io()),
      can_write_(connection_->worker().io()),
      body_ended_(!has_body) {
  peer_ = connection_->peer();
  local_ = connection_->local();
}

Stream::~Stream() {
  if (body_.size() > 0) connection_->consumed(*this, body_.size());  // of the window of all
  connection_->forget(*this);
}

Result<std::size_t> Stream::try_read(base::MutableBytes) {
  if (closed_) return net::Errc::end_of_stream;
  return net::Errc::would_block;
}

Result<std::size_t> Stream::try_write(std::span<const iovec> parts) {
  if (closed_ || ended_ || !answered_) return net::Errc::end_of_stream;
  std::size_t total = 0;
  for (const iovec& part : parts) total += part.iov_len;
  if (total == 0) return std::size_t{0};
  const bool ends = left_ && total >= *left_;
  const std::size_t count = connection_->write(*this, parts, ends);
  // With room for some none was taken: no answer goes out any more.
  if (count == 0) return closed_ || connection_->has_room(*this) ? net::Errc::end_of_stream : net::Errc::would_block;
  meter_.sent_bytes += count;
  served_ = connection_->count_service();
  if (left_) *left_ -= std::min<std::uint64_t>(*left_, count);
  ended_ = left_ && *left_ == 0;
  return count;
}

Task<Result<void>> Stream::wait(net::Notifier& notifier) {
  if (std::exchange(cancelled_, false)) co_return net::Errc::stopped;
  CO_TRY_VOID(co_await notifier.wait());
  if (std::exchange(cancelled_, false)) co_return net::Errc::stopped;
  co_return Result<void>();
}

Task<Result<void>> Stream::readable() {
  while (!closed_) CO_TRY_VOID(co_await wait(can_read_));
  co_return Result<void>();
}

Task<Result<void>> Stream::writable() {
  while (!closed_ && !ended_ && !connection_->has_room(*this)) {
    waits_to_write_ = true;
    const auto woken = co_await wait(can_write_);
    waits_to_write_ = false;
    CO_TRY_VOID(woken);
  }
  co_return Result<void>();
}

void Stream::when_readable(std::function<void()> then) {
  then_read_ = std::move(then);
  if (closed_) connection_->wake_soon();
}

void Stream::when_writable(std::function<void()> then) {
  then_write_ = std::move(then);
  if (closed_ || connection_->has_room(*this)) connection_->wake_soon();
}

void Stream::cancel() {
  cancelled_ = true;
  can_read_.notify();
  can_write_.notify();
}

void Stream::shutdown() {
  if (closed_ || !answered_ || std::exchange(ended_, true)) return;
  connection_->write(*this, {}, true);
}

void Stream::close() {
  if (closed_) return;
  connection_->reset(*this, Reason::cancel);
}

int Stream::native_handle() const { return connection_->native_handle(); }
bool Stream::encrypted() const { return connection_->encrypted(); }

Result<void> Stream::answer(int status, const http::Headers& fields, std::optional<std::uint64_t> size_bytes,
                            bool bare) {
  if (closed_) return net::Errc::end_of_stream;
  urgency_ = urgency_of(fields.find("Content-Type"));
  answered_ = true;
  ended_ = bare;
  if (!bare) left_ = size_bytes;
  connection_->answer(*this, status, fields, size_bytes, bare);
  return {};
}

Task<Result<std::size_t>> Stream::read_body(base::MutableBytes room) {
  while (body_.empty()) {
    if (body_ended_) co_return std::size_t{0};
    if (closed_) co_return http::Errc::body_cut_off;
    CO_TRY_VOID(co_await wait(can_read_));
  }
  const std::size_t count = std::min(room.size(), body_.size());
  std::copy_n(body_.data(), count, room.begin());
  body_.consume(count);
  meter_.received_bytes += count;
  connection_->consumed(*this, count);
  if (!turn().spend(count)) CO_TRY_VOID(co_await yield());
  co_return count;
}

void Stream::finish() {
  if (closed_) return;
  const bool whole = answered_ && (ended_ || !left_ || *left_ == 0);
  if (!whole) return connection_->reset(*this, Reason::internal_error);
  shutdown();
  if (!body_ended_) connection_->let_rest_come(*this);
}

void Stream::wake() {
  can_read_.notify();
  can_write_.notify();
  if (closed_) {
    if (auto then = std::exchange(then_read_, nullptr)) then();
  }
  if (closed_ || connection_->has_room(*this)) {
    if (auto then = std::exchange(then_write_, nullptr)) then();
  }
  // Nobody waits for the rest; what is whole may be brought to its end.
  if (closed_ && !ended_ && life_) life_->stop(net::Errc::end_of_stream);
}

}  // namespace weir::http2
