#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/http/parser.h"
#include "session/common/upstream/destination.h"
#include "session/common/upstream/tls_clients.h"
#include "session/forward/stream_sender.h"

namespace weir::session::forward {

// By HTTP a stream is sent as the endless body of a POST, in FLV, in chunks (RFC 9112 7.1), as `ffmpeg -f flv
// http://...` sends it and as this server and SRS take it.

// Connects, with TLS for https, and asks. `examine` looks at the connection before a word is said. Each step has ten
// seconds; `why` is which it was, or what TLS says.
using Examine = std::function<base::Result<void>(const net::ByteStream&)>;
net::Task<base::Result<std::unique_ptr<net::ByteStream>>> open_http(net::Life& life, upstream::TlsClients& tls,
                                                                    const upstream::Trust& trust,
                                                                    const upstream::HttpTarget& target,
                                                                    const std::string& way, Examine examine,
                                                                    std::string& why);

// A stream as the body of a request whose head was sent. The other side may agree before it has all of it, as ffmpeg
// does; what else it answers is a refusal.
class HttpSender final : public StreamSender {
 public:
  HttpSender(net::Life& life, net::ByteStream& stream, hub::Seat seat, hub::MemoryBudget* memory);

 private:
  void put(flv::TagType type, std::uint32_t time_ms, base::Bytes body) override;
  base::ErrorCode heard(base::Bytes bytes, std::string& why) override;
  void close() override;
  void begin_chunk(std::size_t size);
  void begin_file();

  // owned
  std::optional<http::ReplyParser> parser_;
  base::Buffer held_;  // of the answer's head

  // state
  bool begun_ = false, agreed_ = false;
};

}  // namespace weir::session::forward
