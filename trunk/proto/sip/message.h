#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "proto/sip/error.h"
#include "proto/sip/uri.h"

namespace weir::sip {

inline constexpr std::size_t most_head_bytes = 16 * 1024;
inline constexpr std::size_t most_body_bytes = 256 * 1024;
inline constexpr std::size_t most_headers = 64;

struct Header {
  std::string name;   // in its long form: "v" is "Via"
  std::string value;  // one line, without blanks around
};

// RFC 3261 20.42: of the first Via.
struct Via {
  std::string transport;  // "UDP", "TCP"
  std::string host;
  std::uint16_t port = 0;
  std::string branch;  // empty: of RFC 2543
};

// A request or an answer. What is parsed has the fields behind the body set; what is written needs the headers alone.
struct Message {
  std::string method;   // of a request; of an answer that of its CSeq
  std::string uri;      // of a request
  unsigned status = 0;  // of an answer; 0: a request
  std::string reason;   // of an answer
  std::vector<Header> headers;
  std::string body;

  Via via;
  NameAddress from, to;
  std::string call_id;
  std::uint32_t cseq = 0;

  bool is_request() const { return status == 0; }
  // The first of that name, compared without case; null if there is none.
  const std::string* find(std::string_view name) const;
  // The same as text: empty if there is none.
  std::string_view header(std::string_view name) const;
  // As a number; none if it is not there or is none.
  std::optional<std::uint32_t> number(std::string_view name) const;
  Message& add(std::string_view name, std::string value);
  // In front of the others: Via.
  Message& add_first(std::string_view name, std::string value);
};

// One datagram of one message (RFC 3261 18.3). A body that is shorter than its Content-Length is taken as it is, since
// devices count wrongly; what is behind the body is left out.
base::Result<Message> parse(std::string_view datagram);

// As it goes over the wire, with its Content-Length. Control characters in the head become blanks: nothing that a
// device said can end a line.
std::string to_text(const Message& message);

// The answer to a request (RFC 3261 8.2.6): its Vias, From, To, Call-ID and CSeq. `tag` is To's, if it has none.
// The first Via tells the peer from where its request came (18.2.1, RFC 3581).
Message make_answer(const Message& request, unsigned status, std::string_view tag, std::string_view from_address,
                    std::uint16_t from_port);
// The words that go with a status; "Unknown" for others than those that we send.
std::string_view reason_of(unsigned status);

// Messages on a byte stream: bytes in, messages out. Of one connection.
class StreamReader {
 public:
  void input(std::string_view bytes);
  // The next whole message; none: more bytes are needed. After an error nothing else comes.
  base::Result<std::optional<Message>> poll();
  // Blank lines between messages, by which a peer asks whether we are there (RFC 5626 3.5.1): how many pairs since the
  // last call. Each is answered by one line end.
  std::size_t take_pings() { return std::exchange(pings_, 0); }

 private:
  std::string buffer_;
  std::size_t begin_ = 0;      // of the message that comes
  std::size_t scanned_ = 0;    // no head ends before
  std::size_t line_ends_ = 0;  // between messages
  std::size_t pings_ = 0;
};

}  // namespace weir::sip
