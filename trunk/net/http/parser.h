#pragma once

#include <memory>

#include "base/bytes.h"
#include "net/http/error.h"
#include "net/http/request.h"

namespace weir::http {

struct HeadLimits {
  std::size_t head_bytes = 16 * 1024;
  std::size_t target_bytes = 8 * 1024;
  std::size_t fields = 100;
};

// The status line and header of an answer, for the client.
struct ReplyHead {
  int status = 0;
  Headers headers;
  bool keep_alive = false;
};

// One HTTP/1 message, read piece by piece without a socket. Stands on Beast's parser, which is instantiated in
// parser.cpp alone; what Beast lets pass but we do not (a body with two lengths, several hosts, unknown codings) is
// refused here.
//
// put() is given all bytes that it did not consume before, and more. It stops after the head and after each piece of
// body.
template <class Head>
class MessageParser {
 public:
  explicit MessageParser(const HeadLimits& limits, bool without_body = false);
  ~MessageParser();

  // Bytes consumed; 0 means that more are needed.
  base::Result<std::size_t> put(base::Bytes input);
  // The input ended: fine for an answer whose body runs to the end, else Errc::body_cut_off.
  base::Result<void> finish();

  bool head_done() const;
  bool done() const;
  // What the last put() found of the body: a part of its input.
  base::Bytes body() const;
  // Once, when the head is done.
  Head take_head();
  // Bytes of body still to come, if the head said how many there are.
  std::optional<std::uint64_t> body_left() const;

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

using RequestParser = MessageParser<Request>;
using ReplyParser = MessageParser<ReplyHead>;
extern template class MessageParser<Request>;
extern template class MessageParser<ReplyHead>;

}  // namespace weir::http
