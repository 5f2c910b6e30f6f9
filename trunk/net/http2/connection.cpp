#include "net/http2/connection.h"

#include <boost/asio/cancellation_state.hpp>

#include <algorithm>

#include "base/scope_exit.h"
#include "net/coroutine.h"
#include "net/http/answer.h"
#include "net/http2/serve.h"
#include "net/http2/stream.h"
#include "net/tcp_stream.h"

namespace weir::http2 {

using base::ErrorCode;
using base::Result;
using net::Task;

namespace {

constexpr std::size_t read_bytes = 16 * 1024;
// So much is framed at a time: what of it the socket does not take has to be copied.
constexpr std::size_t most_per_write = 128 * 1024;
// Beyond this the peer reads nothing of what it asks for.
constexpr std::size_t most_pending = 1024 * 1024;
constexpr std::size_t most_streams = Limits{}.streams;
constexpr std::size_t most_rest = 64 * 1024;
constexpr std::size_t request_cost = 2048;  // bytes that beginning one counts as

Limits limits_of(const http::ServerOptions& options) {
  Limits limits;
  limits.head = {options.max_head_bytes, options.max_target_bytes, options.max_headers};
  return limits;
}

}  // namespace

bool is_built() { return true; }

Task<void> serve_connection(net::ByteStream& stream, const http::Router& router, const http::ServerOptions& options,
                            net::Life& life) {
  const auto connection = std::make_shared<Connection>(stream, router, options, life);
  co_await connection->run();
}

Connection::Connection(net::ByteStream& stream, const http::Router& router, const http::ServerOptions& options,
                       net::Life& life)
    : stream_(&stream),
      router_(router),
      options_(options),
      life_(&life),
      worker_(life.worker()),
      peer_(stream.peer()),
      local_(stream.local()),
      encrypted_(stream.encrypted()),
      conversation_(limits_of(options), *this),
      gone_(life.worker().io()) {
  // What the kernel holds unsent is little: what is urgent does not stand behind it.
  net::apply({.not_sent_low_water_bytes = static_cast<int>(most_per_write)}, stream.native_handle());
}

Connection::~Connection() = default;

Task<void> Connection::run() {
  const auto self = shared_from_this();
  if (options_.http2) ++options_.http2->connections;
  life_->on_stop = [this] { leave(); };
  const base::ScopeExit over([this] {
    arrivals_.clear();  // they hold this
    life_->on_stop = nullptr;
    stream_ = nullptr;
    life_ = nullptr;
  });
  const ErrorCode why = co_await read_all();
  if (why && why.category() == errc_category) {
    http::report(options_, peer_, why.message());
    if (options_.http2) ++options_.http2->ended;
  }
  life_->on_stop = nullptr;
  // A session that was told to stop may wait no more; but the streams use what this one has.
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  flush();  // the reason
  stream_->shutdown();
  fail(net::Errc::end_of_stream);
  while (sessions_ > 0) (void)co_await gone_.wait();
  life_->watchdog.disarm();
}

// Until the peer has left, breaks the rules, or all that it wanted was answered and we leave.
Task<ErrorCode> Connection::read_all() {
  base::Buffer room;
  flush();
  for (;;) {
    if (failed_) co_return failed_;
    if (leaving_ && !std::exchange(told_to_leave_, true)) {
      conversation_.leave();
      flush();
    }
    if (conversation_.over() || (leaving_ && sessions_ == 0 && pending_.empty())) co_return ErrorCode();
    limit(conversation_.amid_fields() || !asked_ ? Limit::head : sessions_ == 0 ? Limit::idle : Limit::none);
    if (const auto ready = co_await stream_->readable(); !ready) {
      if (leaving_ && !co_await net::stop_requested()) continue;  // woken to look again
      co_return ready.error();
    }
    room.resize(std::min(read_bytes, stream_->turn().allowance()));
    const auto count = stream_->try_read({room.data(), room.size()});
    if (!count && count.error() == net::Errc::would_block) continue;
    if (!count) co_return count.error();
    reading_ = true;
    const auto read = conversation_.input(room.bytes().first(*count), std::chrono::steady_clock::now());
    reading_ = false;
    room.release_memory();
    if (!read) co_return read.error();
    flush();
    if (conversation_.broken()) co_return Errc::broken_rules;
    if (const auto begun = co_await begin_arrivals(); !begun) co_return begun.error();
    wake();
    flush();
  }
}

// Of what is waited for, from the moment on when it began: bytes that bring nothing forward move no limit.
void Connection::limit(Limit wanted) {
  if (std::exchange(limit_, wanted) == wanted) return;
  if (wanted == Limit::none) return life_->watchdog.disarm();
  life_->watchdog.arm(wanted == Limit::head ? options_.head_limit : options_.idle_limit);
}

void Connection::leave() {
  leaving_ = true;
  if (stream_) stream_->cancel();
}

void Connection::requested(StreamId id, base::Result<http::Request> request, bool has_body) {
  asked_ = true;
  limit_ = Limit::none;  // what it comes to is a new one
  // Sessions of streams that were given up may have a moment to go.
  if (sessions_ + arrivals_.size() >= 2 * most_streams) {
    if (options_.http2) ++options_.http2->refused;
    return conversation_.reset(id, Reason::refused_stream);
  }
  if (options_.http2) ++options_.http2->requests;
  auto stream = std::make_shared<Stream>(shared_from_this(), id, has_body);
  streams_[id] = stream.get();
  arrivals_.push_back({std::move(stream), std::move(request)});
}

void Connection::body_came(StreamId id, base::Bytes bytes) {
  Stream* const stream = find(id);
  if (!stream) {
    conversation_.consumed(id, bytes.size());
    const auto rest = rests_.find(id);
    if (rest == rests_.end()) return;
    if (bytes.size() <= rest->second) {
      rest->second -= bytes.size();
    } else {
      rests_.erase(rest);
      conversation_.reset(id, Reason::none);
    }
    return;
  }
  stream->body_came(bytes);
  changed_.push_back(id);
}

void Connection::body_ended(StreamId id) {
  if (Stream* const stream = find(id)) stream->end_body();
  changed_.push_back(id);
}

void Connection::closed(StreamId id) {
  rests_.erase(id);
  if (Stream* const stream = find(id)) stream->end();
  changed_.push_back(id);
  // Outside of input() nobody comes by: what was written last closed it.
  if (!reading_) wake_soon();
}

void Connection::window_opened(StreamId id) {
  if (id == 0) wake_all_ = true;
  changed_.push_back(id);
}

Stream* Connection::find(StreamId id) const {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second;
}

Task<Result<void>> Connection::begin_arrivals() {
  std::vector<Arrival> arrivals = std::exchange(arrivals_, {});
  for (Arrival& arrival : arrivals) {
    begin(std::move(arrival));
    if (failed_) co_return failed_;
    if (!stream_->turn().spend(request_cost)) CO_TRY_VOID(co_await stream_->yield());
  }
  co_return Result<void>();
}

void Connection::begin(Arrival arrival) {
  if (options_.leaving && options_.leaving()) leaving_ = true;
  if (!arrival.request) return refuse(*arrival.stream, arrival.request.error());
  ++sessions_;
  worker_.spawn(life_->name(),
                [self = shared_from_this(), stream = arrival.stream, request = *std::move(arrival.request)](
                    net::Life& life) { return self->serve(life, stream, request); });
}

void Connection::refuse(Stream& stream, ErrorCode error) {
  http::report(options_, peer_, error.message());
  const std::string text = error.message() + "\n";
  const http::Headers fields{{"Server", options_.server_name}, {"Content-Type", "text/plain; charset=utf-8"}};
  (void)stream.answer(http::status_of(error), fields, text.size(), false);
  const iovec part{const_cast<char*>(text.data()), text.size()};
  (void)stream.try_write({&part, 1});
  stream.finish();
}

Task<void> Connection::serve(net::Life& life, std::shared_ptr<Stream> stream, http::Request request) {
  const base::ScopeExit over([this, &stream] {
    stream->attach(nullptr);
    stream->finish();
    --sessions_;
    gone_.notify();
    if (sessions_ > 0 || !life_) return;
    if (limit_ == Limit::none) limit(Limit::idle);
    if (leaving_) leave();  // the connection waits for no more
  });
  life.comes_from(peer_.address);
  stream->attach(&life);
  auto body = std::make_unique<StreamBody>(*stream);
  http::Exchange exchange(*stream, life.watchdog, options_, std::move(request), std::move(body), stream.get());
  exchange.attach(&life);
  co_await http::answer(exchange, router_);
}

// Who waits is told what has changed: the most urgent first, as long as the socket takes what they write.
void Connection::wake() {
  std::vector<std::shared_ptr<Stream>> all;
  const bool everybody = std::exchange(wake_all_, false);
  std::vector<StreamId> changed = std::exchange(changed_, {});
  std::sort(changed.begin(), changed.end());
  for (const auto& [id, stream] : streams_) {
    const bool is_changed = std::binary_search(changed.begin(), changed.end(), id);
    if (is_changed || (everybody && stream->waits())) all.push_back(stream->shared_from_this());
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a->rank() < b->rank(); });
  for (const auto& stream : all) stream->wake();
}

void Connection::wake_soon() {
  wake_all_ = true;
  if (std::exchange(wake_posted_, true)) return;
  worker_.post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->wake_posted_ = false;
    self->wake();
    self->flush();
  });
}

void Connection::forget(Stream& stream) {
  const auto found = streams_.find(stream.id());
  if (found != streams_.end() && found->second == &stream) streams_.erase(found);
}

void Connection::answer(Stream& stream, int status, const http::Headers& fields,
                        std::optional<std::uint64_t> size_bytes, bool bare) {
  if (!stream_ || failed_) return;
  conversation_.answer(stream.id(), status, fields, size_bytes, bare);
  if (bare || !size_bytes) flush();  // else it leaves with the body
}

bool Connection::has_room(const Stream& stream) const {
  return !stream_ || failed_ || (pending_.empty() && conversation_.room(stream.id()) > 0);
}

std::size_t Connection::write(Stream& stream, std::span<const iovec> parts, bool ends) {
  if (!stream_ || failed_ || reading_ || (!parts.empty() && !pending_.empty())) return 0;
  Output out;
  const std::size_t taken = conversation_.write(stream.id(), parts, most_per_write, ends, out);
  send(out);
  return taken;
}

void Connection::reset(Stream& stream, Reason reason) {
  if (!stream_ || failed_) return;
  conversation_.reset(stream.id(), reason);
  flush();
}

void Connection::consumed(Stream& stream, std::size_t bytes) {
  conversation_.consumed(stream.id(), bytes);
  flush();
}

void Connection::let_rest_come(Stream& stream) {
  if (!stream_ || failed_) return;
  rests_[stream.id()] = most_rest;
  forget(stream);
  flush();
}

void Connection::flush() {
  if (!stream_ || failed_ || reading_) return;
  Output out;
  conversation_.gather(out);
  send(out);
}

void Connection::send(Output& out) {
  if (out.bytes() == 0) return;
  std::size_t sent = 0;
  if (pending_.empty()) {
    const auto written = stream_->try_write(out.parts());
    if (!written && written.error() != net::Errc::would_block) return fail(written.error());
    sent = written ? *written : 0;
    if (sent == out.bytes() && stream_->is_drained()) return;
  }
  out.copy_rest(sent, pending_);
  if (pending_.size() > most_pending) return fail(Errc::too_slow);
  send_pending();
}

// What waits leaves once there is room; then streams write again.
void Connection::send_pending() {
  if (std::exchange(armed_, true)) return;
  stream_->when_writable([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || !self->stream_ || self->failed_) return;
    self->armed_ = false;
    const iovec part{self->pending_.data(), self->pending_.size()};
    const auto written = self->stream_->try_write({&part, 1});
    if (!written && written.error() != net::Errc::would_block) return self->fail(written.error());
    self->pending_.consume(written ? *written : 0);
    if (!self->pending_.empty() || !self->stream_->is_drained()) return self->send_pending();
    self->pending_.release_memory();
    self->wake_all_ = true;
    self->wake();
    self->flush();
    if (self->leaving_ && self->sessions_ == 0) self->leave();
  });
}

// Nothing moves any more: all who wait are told.
void Connection::fail(ErrorCode error) {
  if (failed_) return;
  failed_ = error;
  for (const auto& [id, stream] : streams_) {
    stream->end();
    changed_.push_back(id);
  }
  wake_soon();
  if (stream_) stream_->cancel();
}

}  // namespace weir::http2
