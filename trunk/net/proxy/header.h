#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "net/byte_stream.h"

namespace weir::proxy {

// Whose connection it is. Not `relayed`: the load balancer's own (a health check), or of a kind that has no address
// here; the connection's own ends count then.
struct Header {
  unsigned version = 0;
  bool relayed = false;
  net::Peer source;       // the client
  net::Peer destination;  // where it had connected to
};

// Reads the header that stands before the first byte of the client: HAProxy's proxy-protocol.txt, 2.1 (a line) and 2.2
// (binary). Fed until done(); nothing behind the header is taken, and with pieces of at most wanted() bytes nothing
// behind it is read either. After an error it is of no use but for complaint().
class HeaderReader {
 public:
  static constexpr std::size_t most_line_bytes = 107;     // 2.1
  static constexpr std::size_t most_binary_bytes = 4096;  // ours; the specification wants all of it in 536

  // How many of the bytes were the header's. An error: Errc.
  base::Result<std::size_t> input(base::Bytes in);
  // So many bytes belong to the header for sure; 0 when it is whole.
  std::size_t wanted() const;
  bool done() const { return done_; }
  const Header& header() const { return header_; }
  // After an error: "byte 14 is 0x41: family or ...".
  std::string complaint() const;

 private:
  base::Result<void> step();
  base::Result<void> step_line();
  base::Result<void> step_binary();
  base::Result<void> finish_line();
  base::Result<void> finish_binary();
  base::Result<void> read_fields(std::size_t at);
  base::ErrorCode wrong(base::ErrorCode what, std::size_t at);
  std::string_view text() const { return base::as_text(seen_); }

  // state
  std::vector<std::uint8_t> seen_;
  std::size_t length_ = 0;  // of a binary header, as it says
  bool done_ = false;
  Header header_;
  base::ErrorCode error_;
  std::size_t wrong_at_ = 0;
};

}  // namespace weir::proxy
