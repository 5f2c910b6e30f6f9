#include "net/http/parser.h"

#include <boost/beast/http/basic_parser.hpp>

#include <charconv>

#include "base/text.h"
#include "net/http/target.h"
#include "net/http/text.h"

namespace weir::http {

namespace beast = boost::beast;
using base::Bytes;
using base::ErrorCode;
using base::Result;
using BeastError = beast::http::error;

namespace {

std::string_view text_of(beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

// Looks at the line ends of a head, which Beast takes more freely than a server may: it joins folded lines (RFC 9112
// 5.2) and passes over blanks before the first field (2.2).
class LineEnds {
 public:
  // `input` begins with what the last call saw and the parser did not take.
  Errc look(Bytes input) {
    for (; seen_ < input.size() && place_ != Place::behind_head; ++seen_) {
      const char c = static_cast<char>(input[seen_]);
      if (c == '\n' && place_ != Place::at_return && place_ != Place::at_last_return) return Errc::bad_line_ending;
      switch (place_) {
        case Place::in_line:
          if (c == '\r') place_ = Place::at_return;
          break;
        case Place::at_return:
          if (c != '\n') return Errc::bare_return;
          place_ = Place::at_line;
          break;
        case Place::at_line:
          if (c == ' ' || c == '\t') return Errc::folded_line;
          place_ = c == '\r' ? Place::at_last_return : Place::in_line;
          break;
        case Place::at_last_return:
          if (c != '\n') return Errc::bare_return;
          place_ = Place::behind_head;
          break;
        case Place::behind_head:
          break;
      }
    }
    return Errc::ok;
  }
  void taken(std::size_t count) { seen_ -= std::min(seen_, count); }

 private:
  enum class Place : std::uint8_t { in_line, at_return, at_line, at_last_return, behind_head };
  Place place_ = Place::in_line;
  std::size_t seen_ = 0;
};

template <class Head>
class MessageParser<Head>::Machine final : public beast::http::basic_parser<std::is_same_v<Head, Request>> {
  using Parser = beast::http::basic_parser<std::is_same_v<Head, Request>>;
  static constexpr bool is_request = std::is_same_v<Head, Request>;

 public:
  Machine(const HeadLimits& limits, bool without_body) : limits_(limits) {
    this->header_limit(static_cast<std::uint32_t>(limits.head_bytes));
    this->body_limit(boost::none);  // the reader counts
    if (without_body) this->skip(true);
  }

  Head head;
  Bytes piece;

  Result<std::size_t> feed(Bytes input) {
    piece = {};
    const bool head_was_done = this->is_header_done();
    ErrorCode error;
    if constexpr (is_request) {
      if (const Errc fault = head_was_done ? Errc::ok : line_ends_.look(input); fault != Errc::ok) return fault;
    }
    const std::size_t used = this->put(boost::asio::const_buffer(input.data(), input.size()), error);
    line_ends_.taken(used);
    if (fault_ != Errc::ok) return fault_;
    if (error && error != BeastError::need_more) return translate(error, input);
    if (!head_was_done) {
      // Beast's own limit starts anew with every line that is taken; this one is for the whole head.
      head_bytes_ += used;
      const std::size_t waiting = this->is_header_done() ? 0 : input.size() - used;
      if (head_bytes_ + waiting >= limits_.head_bytes) return overflow(input);
    }
    if (!head_was_done && this->is_header_done()) TRY_VOID(check_head());
    return used;
  }

  Result<void> end() {
    if (!this->is_header_done()) return Errc::body_cut_off;
    ErrorCode error;
    if (!this->is_done()) this->put_eof(error);
    if (error) return Errc::body_cut_off;
    return {};
  }

 private:
  // The head is as large as it may be: whether its first line has ended tells which part is too long.
  Errc overflow(Bytes input) const {
    const bool in_first_line = head_bytes_ == 0 && base::as_text(input).find("\r\n") == std::string_view::npos;
    return is_request && in_first_line ? Errc::target_too_long : Errc::head_too_large;
  }

  ErrorCode translate(const ErrorCode& error, Bytes input) const {
    if (error == BeastError::header_limit) return overflow(input);
    if (error == BeastError::bad_version) return is_request ? Errc::bad_version : Errc::bad_status_line;
    if (error == BeastError::bad_method) return Errc::bad_request_line;
    if (error == BeastError::bad_target) return Errc::bad_request_line;
    if (error == BeastError::bad_status || error == BeastError::bad_reason) return Errc::bad_status_line;
    if (error == BeastError::bad_line_ending) return Errc::bad_line_ending;
    if (error == BeastError::bad_content_length || error == BeastError::multiple_content_length) {
      return saw_coding_ ? Errc::length_and_chunked : Errc::bad_content_length;
    }
    if (error == BeastError::bad_transfer_encoding) {
      return saw_length_ ? Errc::length_and_chunked : Errc::chunked_not_last;
    }
    if (error == BeastError::bad_chunk || error == BeastError::bad_chunk_extension) return Errc::bad_chunk;
    return Errc::bad_header;
  }

  // RFC 9112 6.1, 6.3: chunked once and last, else nobody knows where the body ends; other codings we do not have.
  Errc judge_coding(std::string_view list) const {
    if constexpr (is_request) {
      const std::string_view last = base::trim(list.substr(list.rfind(',') + 1));
      if (saw_coding_ || !base::iequals(last, "chunked")) return Errc::chunked_not_last;
      const std::size_t comma = list.rfind(',');
      if (comma == std::string_view::npos) return Errc::ok;
      std::string_view before = list.substr(0, comma);
      while (!before.empty()) {
        if (base::iequals(base::trim(cut_front(before, ',')), "chunked")) return Errc::chunked_not_last;
      }
      return Errc::unknown_transfer_encoding;
    } else {
      return saw_coding_ || !base::iequals(base::trim(list), "chunked") ? Errc::unknown_transfer_encoding : Errc::ok;
    }
  }

  void fail(Errc fault, ErrorCode& error) {
    fault_ = fault;
    error = fault;
  }

  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                       ErrorCode& error) override {
    if constexpr (is_request) {
      if (target.size() > limits_.target_bytes) return fail(Errc::target_too_long, error);
      head.method = text_of(method);
      head.target = text_of(target);
      head.minor_version = static_cast<std::uint8_t>(version % 10);
    }
  }

  void on_response_impl(int status, beast::string_view, int, ErrorCode&) override {
    if constexpr (!is_request) head.status = status;
  }

  void on_field_impl(beast::http::field field, beast::string_view name, beast::string_view value,
                     ErrorCode& error) override {
    if (++field_count_ > limits_.fields) return fail(Errc::too_many_headers, error);
    if (this->is_header_done()) return;  // a trailer: nobody here asks for them
    if (field == beast::http::field::content_length) {
      // One number only: lists and repetitions are how requests are smuggled past proxies (RFC 9112 6.3).
      const std::string_view digits = text_of(value);
      if (saw_length_ || !std::all_of(digits.begin(), digits.end(), is_digit)) {
        return fail(Errc::bad_content_length, error);
      }
      if (saw_coding_) return fail(Errc::length_and_chunked, error);
      saw_length_ = true;
    } else if (field == beast::http::field::transfer_encoding) {
      if (saw_length_) return fail(Errc::length_and_chunked, error);
      if (const Errc fault = judge_coding(text_of(value)); fault != Errc::ok) return fail(fault, error);
      saw_coding_ = true;
    }
    if constexpr (is_request) {
      if (field == beast::http::field::host) {
        if (saw_host_) return fail(Errc::several_hosts, error);
        saw_host_ = true;
        auto host = host_of(base::trim(text_of(value)));
        if (!host) return fail(Errc::bad_host, error);
        head.host = *std::move(host);
      }
    }
    if (!head.headers.add(text_of(name), text_of(value))) fail(Errc::control_character, error);
  }

  Result<void> check_head() {
    head.keep_alive = this->keep_alive();
    if constexpr (is_request) {
      if (head.minor_version >= 1 && !saw_host_) return Errc::no_host;
      if (head.minor_version == 0 && saw_coding_) return Errc::coding_in_http_1_0;  // RFC 9112 6.1
      head.chunked = saw_coding_;
      if (const auto length = this->content_length()) head.content_length = *length;
      TRY_VOID(apply_target(head));
    }
    return {};
  }

  void on_header_impl(ErrorCode&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  void on_chunk_header_impl(std::uint64_t, beast::string_view, ErrorCode&) override {}
  void on_finish_impl(ErrorCode&) override {}
  std::size_t on_body_impl(beast::string_view body, ErrorCode&) override {
    piece = base::as_bytes(text_of(body));
    return body.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, ErrorCode&) override {
    piece = base::as_bytes(text_of(body));
    return body.size();
  }

  // given
  HeadLimits limits_;

  // state
  LineEnds line_ends_;
  std::size_t head_bytes_ = 0;
  std::size_t field_count_ = 0;
  bool saw_length_ = false;
  bool saw_coding_ = false;
  bool saw_host_ = false;
  Errc fault_ = Errc::ok;
};

template <class Head>
MessageParser<Head>::MessageParser(const HeadLimits& limits, bool without_body)
    : machine_(std::make_unique<Machine>(limits, without_body)) {}
template <class Head>
MessageParser<Head>::~MessageParser() = default;

template <class Head>
Result<std::size_t> MessageParser<Head>::put(Bytes input) {
  if (machine_->is_done()) {
    machine_->piece = {};
    return std::size_t{0};
  }
  return machine_->feed(input);
}
template <class Head>
Result<void> MessageParser<Head>::finish() {
  return machine_->end();
}
template <class Head>
bool MessageParser<Head>::head_done() const {
  return machine_->is_header_done();
}
template <class Head>
bool MessageParser<Head>::done() const {
  return machine_->is_done();
}
template <class Head>
Bytes MessageParser<Head>::body() const {
  return machine_->piece;
}
template <class Head>
Head MessageParser<Head>::take_head() {
  return std::move(machine_->head);
}
template <class Head>
std::optional<std::uint64_t> MessageParser<Head>::body_left() const {
  const auto left = machine_->content_length_remaining();
  return left ? std::optional<std::uint64_t>(*left) : std::nullopt;
}

template class MessageParser<Request>;
template class MessageParser<ReplyHead>;

}  // namespace weir::http
