#pragma once

#include "base/bytes.h"
#include "net/byte_stream.h"
#include "net/http/parser.h"
#include "net/http/request_body.h"

namespace weir::http {

// Reads one request from a stream: its head, then as much of its body as somebody asks for. Owns the only input buffer
// of a connection and dies with the request, so a connection that waits holds none. Limits of time are the caller's.
class RequestReader final : public RequestBody {
 public:
  // `leftover`: what was read behind the request before.
  RequestReader(net::ByteStream& stream, const HeadLimits& limits, base::Buffer leftover);

  // net::Errc::end_of_stream if the peer left before its first byte.
  net::Task<base::Result<Request>> read_head();
  // Freed of chunk framing.
  net::Task<base::Result<std::size_t>> read_body_some(base::MutableBytes room) override;

  bool body_done() const override { return parser_.done() && piece_.empty(); }
  bool body_untouched() const override { return used_ == buffer_.size() && !body_begun_; }
  std::optional<std::uint64_t> body_left() const override { return parser_.body_left(); }
  base::Buffer take_leftover() override;

 private:
  // Parses what is there; 0 if more input is needed.
  base::Result<std::size_t> step();
  net::Task<base::Result<void>> fill(std::size_t capacity);

  // given
  net::ByteStream& stream_;
  HeadLimits limits_;

  // state
  RequestParser parser_;
  base::Buffer buffer_;
  std::size_t used_ = 0;  // bytes at the front of buffer_ that were parsed
  base::Bytes piece_;     // body in buffer_, behind used_, that was parsed but not handed out
  bool body_begun_ = false;
};

}  // namespace weir::http
