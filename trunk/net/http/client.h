#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "net/byte_stream.h"
#include "net/http/headers.h"
#include "net/http/url.h"

namespace weir::net {
class TlsContext;
}

namespace weir::http {

struct ClientRequest {
  std::string method = "GET";
  Headers headers;  // Host, Content-Length, Connection and User-Agent are added
  std::string body;
};

struct ClientReply {
  int status = 0;
  Headers headers;
  std::string body;
  bool keep_alive = false;  // the stream may carry another request
};

struct ClientLimits {
  std::chrono::milliseconds total{10'000};  // from the call to the last byte
  std::size_t max_head_bytes = 16 * 1024;
  std::size_t max_body_bytes = 1024 * 1024;
};

// Sends one request on a connected stream and reads the whole answer. net::Errc::timed_out, http::Errc::body_too_large,
// bad_status_line, ... The stream is left open.
net::Task<base::Result<ClientReply>> exchange_on(net::ByteStream& stream, Url url, ClientRequest request,
                                                 ClientLimits limits);

// Makes a connection to host and port; the caller passes what knows how (TcpStream's connect).
using Connector =
    std::function<net::Task<base::Result<std::unique_ptr<net::ByteStream>>>(std::string host, std::uint16_t port)>;

// Connects (with TLS for https, which `tls` must be given for), asks once, closes.
net::Task<base::Result<ClientReply>> fetch(Connector connect, net::TlsContext* tls, Url url, ClientRequest request,
                                           ClientLimits limits);

}  // namespace weir::http
