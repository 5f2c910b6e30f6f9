#include "net/http2/conversation.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "net/http/target.h"
#include "net/http/text.h"

namespace weir::http2 {

using base::Bytes;
using base::Result;

namespace {

constexpr std::size_t field_overhead = 32;  // RFC 9113 6.5.2
constexpr std::size_t most_settings = 32;   // of a frame

std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

nghttp2_nv field_of(std::string_view name, std::string_view value) {
  return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

// nghttp2 calls these in the middle of its work.
struct Conversation::Calls {
  static Conversation& self(void* user) { return *static_cast<Conversation*>(user); }

  static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
    self(user).count(head->type, head->length, head->flags);
    return 0;
  }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    self(user).block_bytes_ = 0;
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) self(user).begin_request(frame->hd.stream_id);
    return 0;
  }

  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    if (!self(user).count_field(name_size + value_size)) return NGHTTP2_ERR_CALLBACK_FAILURE;
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
      self(user).add_field(text_of(name, name_size), text_of(value, value_size));
    }
    return 0;  // trailers are of no use to anybody here
  }

  // RFC 9113 8.1.1: a request with it is malformed.
  static int invalid_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*, std::size_t name_size,
                            const std::uint8_t*, std::size_t value_size, std::uint8_t, void* user) {
    if (!self(user).count_field(name_size + value_size)) return NGHTTP2_ERR_CALLBACK_FAILURE;
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  // What nghttp2 says by itself is what the peer made it say.
  static int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Conversation& me = self(user);
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR) me.broken_ = true;
    if (frame->hd.type == NGHTTP2_RST_STREAM && me.given_up_.erase(frame->hd.stream_id) == 0) {
      me.take(me.resets_, Errc::too_many_resets);  // CVE-2025-8671
    }
    return 0;
  }

  // An answer that cannot be told any more: who makes it need not.
  static int frame_not_sent(nghttp2_session*, const nghttp2_frame* frame, int, void* user) {
    Conversation& me = self(user);
    me.given_up_.erase(frame->hd.stream_id);
    if (frame->hd.type == NGHTTP2_HEADERS) me.events_.closed(frame->hd.stream_id);
    return 0;
  }

  static int frame_came(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Conversation& me = self(user);
    const StreamId id = frame->hd.stream_id;
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
          me.end_request(!ends);
        } else if (ends) {
          me.events_.body_ended(id);
        }
        break;
      case NGHTTP2_DATA:
        if (ends) me.events_.body_ended(id);
        break;
      case NGHTTP2_WINDOW_UPDATE:
        me.events_.window_opened(id);
        break;
      case NGHTTP2_SETTINGS:
        me.events_.window_opened(0);  // the initial window may have grown
        break;
      default:
        break;
    }
    return 0;
  }

  static int data_came(nghttp2_session*, std::uint8_t, StreamId id, const std::uint8_t* data, std::size_t size,
                       void* user) {
    self(user).events_.body_came(id, {data, size});
    return 0;
  }

  static int stream_closed(nghttp2_session*, StreamId id, std::uint32_t, void* user) {
    Conversation& me = self(user);
    if (me.arriving_ && me.arriving_->id == id) me.arriving_.reset();
    me.ending_.erase(id);
    me.given_up_.erase(id);
    me.events_.closed(id);
    return 0;
  }

  // How much of a stream's body goes into the next frame: only what write() has in its hands.
  static ssize_t read(nghttp2_session*, StreamId id, std::uint8_t*, std::size_t most, std::uint32_t* flags,
                      nghttp2_data_source*, void* user) {
    Conversation& me = self(user);
    Offer& offer = me.offer_;
    if (me.ending_.erase(id) > 0) {
      *flags |= NGHTTP2_DATA_FLAG_NO_COPY | NGHTTP2_DATA_FLAG_EOF;
      return 0;
    }
    if (offer.id != id || (offer.left == 0 && !offer.ends)) return NGHTTP2_ERR_DEFERRED;
    const std::size_t size = std::min(most, offer.left);
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (offer.ends && size == offer.left) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      offer.ends = false;
    }
    return static_cast<ssize_t>(size);
  }

  static int send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* head, std::size_t size,
                       nghttp2_data_source*, void* user) {
    constexpr std::size_t head_size = 9;
    Offer& offer = self(user).offer_;
    offer.out->add_copy({head, head_size});
    if (size == 0) return 0;
    offer.left -= size;
    offer.taken += size;
    while (size > 0) {
      const iovec& part = offer.parts.front();
      const std::size_t count = std::min(size, part.iov_len - offer.offset);
      offer.out->add({static_cast<const std::uint8_t*>(part.iov_base) + offer.offset, count});
      size -= count;
      offer.offset += count;
      if (offer.offset < part.iov_len) continue;
      offer.parts = offer.parts.subspan(1);
      offer.offset = 0;
    }
    return 0;
  }
};

Conversation::Conversation(const Limits& limits, Events& events)
    : limits_(limits),
      events_(events),
      session_(nullptr, nghttp2_session_del),
      resets_(limits.resets, limits.resets_per_second),
      controls_(limits.controls, limits.controls_per_second),
      updates_(limits.updates, limits.updates_per_second) {
  nghttp2_session_callbacks* calls = nullptr;
  nghttp2_option* options = nullptr;
  nghttp2_session* session = nullptr;
  if (nghttp2_session_callbacks_new(&calls) != 0) throw std::bad_alloc();
  const std::unique_ptr<nghttp2_session_callbacks, void (*)(nghttp2_session_callbacks*)> owned_calls(
      calls, nghttp2_session_callbacks_del);
  nghttp2_session_callbacks_set_on_begin_frame_callback(calls, Calls::begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(calls, Calls::begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(calls, Calls::header);
  nghttp2_session_callbacks_set_on_invalid_header_callback(calls, Calls::invalid_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(calls, Calls::frame_came);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, Calls::data_came);
  nghttp2_session_callbacks_set_on_stream_close_callback(calls, Calls::stream_closed);
  nghttp2_session_callbacks_set_on_frame_send_callback(calls, Calls::frame_sent);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(calls, Calls::frame_not_sent);
  nghttp2_session_callbacks_set_send_data_callback(calls, Calls::send_data);
  if (nghttp2_option_new(&options) != 0) throw std::bad_alloc();
  const std::unique_ptr<nghttp2_option, void (*)(nghttp2_option*)> owned_options(options, nghttp2_option_del);
  nghttp2_option_set_no_auto_window_update(options, 1);
  nghttp2_option_set_max_settings(options, most_settings);
  if (nghttp2_session_server_new2(&session, calls, this, options) != 0) throw std::bad_alloc();
  session_.reset(session);
  const std::array<nghttp2_settings_entry, 4> settings{
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(limits.stream_window_bytes)},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.head.head_bytes)},
       // The tree of RFC 7540 is work for whoever wants to make some: who goes first is ours to say (RFC 9218 2.1).
       {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}}};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, limits.connection_window_bytes);
}

Conversation::~Conversation() = default;

Result<void> Conversation::input(Bytes bytes, base::Instant now) {
  now_ = now;
  const ssize_t taken = nghttp2_session_mem_recv(session_.get(), bytes.data(), bytes.size());
  if (taken == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
  if (taken == NGHTTP2_ERR_BAD_CLIENT_MAGIC) return Errc::no_preface;
  if (fault_ != Errc::ok) {
    nghttp2_session_terminate_session(session_.get(), static_cast<std::uint32_t>(Reason::enhance_your_calm));
    return fault_;
  }
  if (taken < 0) return taken == NGHTTP2_ERR_FLOODED ? Errc::too_many_controls : Errc::broken_rules;
  return {};
}

// What costs us work and the peer nearly nothing is bounded by the second.
void Conversation::take(base::Allowance& allowance, Errc fault) {
  if (!allowance.take(now_) && fault_ == Errc::ok) fault_ = fault;
}

// A few bytes may stand for fields of any length (RFC 7541 6.1): what is more than twice too long is not read to its
// end, which a refusal of the request alone would take.
bool Conversation::count_field(std::size_t bytes) {
  block_bytes_ += bytes + field_overhead;
  if (block_bytes_ <= 2 * limits_.head.head_bytes) return true;
  if (fault_ == Errc::ok) fault_ = Errc::head_without_end;
  return false;
}

void Conversation::count(std::uint8_t type, std::size_t length, std::uint8_t flags) {
  switch (type) {
    case NGHTTP2_DATA:
      if (length == 0 && (flags & NGHTTP2_FLAG_END_STREAM) == 0) take(controls_, Errc::too_many_controls);
      return;
    case NGHTTP2_HEADERS:
    case NGHTTP2_CONTINUATION:  // nghttp2 bounds them
      return;
    case NGHTTP2_RST_STREAM:
      return take(resets_, Errc::too_many_resets);
    case NGHTTP2_WINDOW_UPDATE:
      return take(updates_, Errc::too_many_updates);
    default:
      return take(controls_, Errc::too_many_controls);
  }
}

void Conversation::begin_request(StreamId id) {
  Arriving& arriving = arriving_.emplace(Arriving());
  arriving.id = id;
  arriving.request.major_version = 2;
  arriving.request.minor_version = 0;
  arriving.request.keep_alive = true;
}

void Conversation::add_field(std::string_view name, std::string_view value) {
  if (!arriving_ || arriving_->fault != http::Errc::ok) return;
  Arriving& arriving = *arriving_;
  http::Request& request = arriving.request;
  arriving.bytes += name.size() + value.size() + field_overhead;
  if (arriving.bytes > limits_.head.head_bytes) {
    arriving.fault = http::Errc::head_too_large;
  } else if (name == ":method") {
    request.method = value;
  } else if (name == ":path") {
    request.target = value;
    if (value.size() > limits_.head.target_bytes) arriving.fault = http::Errc::target_too_long;
  } else if (name == ":authority" || name == "host") {
    // RFC 9113 8.3.1: the first of the two counts.
    if (!std::exchange(arriving.names_host, true)) {
      auto host = http::host_of(value);
      if (host) request.host = *std::move(host);
      if (!host) arriving.fault = http::Errc::bad_host;
      request.headers.add("host", value);
    }
  } else if (!name.starts_with(':')) {
    if (++arriving.fields > limits_.head.fields) arriving.fault = http::Errc::too_many_headers;
    if (name == "content-length") {
      std::uint64_t size = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), size);
      if (error != std::errc() || end != value.data() + value.size()) arriving.fault = http::Errc::bad_content_length;
      request.content_length = size;
    }
    if (!request.headers.add(name, value)) arriving.fault = http::Errc::control_character;
  }
}

void Conversation::end_request(bool has_body) {
  if (!arriving_) return;
  Arriving arriving = *std::exchange(arriving_, std::nullopt);
  http::Request& request = arriving.request;
  request.chunked = has_body && !request.content_length;
  Result<http::Request> result = arriving.fault;
  if (arriving.fault == http::Errc::ok) {
    if (!arriving.names_host) {
      result = http::Errc::no_host;
    } else if (const auto applied = http::apply_target(request); !applied) {
      result = applied.error();
    } else {
      result = std::move(request);
    }
  }
  events_.requested(arriving.id, std::move(result), has_body);
}

void Conversation::answer(StreamId id, int status, const http::Headers& fields, std::optional<std::uint64_t> size_bytes,
                          bool bare) {
  std::vector<std::string> names;  // in small letters (RFC 9113 8.2.1)
  names.reserve(fields.size());
  const std::string code = std::to_string(status), size = std::to_string(size_bytes.value_or(0));
  std::vector<nghttp2_nv> list{field_of(":status", code)};
  if (size_bytes) list.push_back(field_of("content-length", size));
  for (std::size_t i = 0; i < fields.size(); ++i) {
    names.push_back(base::lower(fields.name(i)));
    list.push_back(field_of(names.back(), fields.value(i)));
  }
  nghttp2_data_provider provider{};
  provider.read_callback = Calls::read;
  if (nghttp2_submit_response(session_.get(), id, list.data(), list.size(), bare ? nullptr : &provider) != 0) {
    reset(id, Reason::internal_error);
  }
}

std::size_t Conversation::write(StreamId id, std::span<const iovec> parts, std::size_t most, bool ends, Output& out) {
  std::size_t total = 0;
  for (const iovec& part : parts) total += part.iov_len;
  while (!parts.empty() && parts.front().iov_len == 0) parts = parts.subspan(1);
  offer_ = {id, parts, 0, std::min(total, most), 0, ends && total <= most, &out};
  nghttp2_session_resume_data(session_.get(), id);  // says no where it does not wait: it is about to ask then
  gather(out);
  const Offer done = std::exchange(offer_, {});
  if (done.ends && done.left == 0) ending_.insert(id);
  return done.taken;
}

std::size_t Conversation::room(StreamId id) const {
  const std::int32_t all = nghttp2_session_get_remote_window_size(session_.get());
  const std::int32_t one = nghttp2_session_get_stream_remote_window_size(session_.get(), id);
  return static_cast<std::size_t>(std::max(0, std::min(all, one)));
}

void Conversation::reset(StreamId id, Reason reason) {
  if (reason != Reason::refused_stream) given_up_.insert(id);
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, static_cast<std::uint32_t>(reason));
}

void Conversation::consumed(StreamId id, std::size_t bytes) { nghttp2_session_consume(session_.get(), id, bytes); }

void Conversation::leave() {
  const StreamId last = nghttp2_session_get_last_proc_stream_id(session_.get());
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0);
}

void Conversation::gather(Output& out) {
  Output* const before = std::exchange(offer_.out, &out);
  for (;;) {
    const std::uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &data);
    if (size == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
    if (size <= 0) break;
    out.add_copy({data, static_cast<std::size_t>(size)});
  }
  offer_.out = before;
}

bool Conversation::over() const {
  return nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
}

}  // namespace weir::http2
