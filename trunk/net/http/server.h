#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "net/byte_stream.h"
#include "net/http/client_address.h"
#include "net/http/router.h"
#include "net/http2/figures.h"
#include "net/life.h"
#include "net/watchdog.h"

namespace weir::http {

struct ServerOptions {
  std::string server_name = "Weir";
  bool cors = true;  // http_server.crossdomain; which answers, the gate says

  std::size_t max_head_bytes = 16 * 1024;
  std::size_t max_target_bytes = 8 * 1024;
  std::size_t max_headers = 100;

  std::chrono::milliseconds head_limit{10'000};   // from the first byte of a request to the end of its head
  std::chrono::milliseconds idle_limit{15'000};   // between requests
  std::chrono::milliseconds body_limit{30'000};   // for Exchange::read_body
  std::chrono::milliseconds write_limit{30'000};  // for each 256 KiB of an answer

  // One clear line about a request that was refused or cut off; for the log.
  std::function<void(std::string_view)> on_fault;
  // Whether what the peer of this address says of its clients is to be believed; nobody is if unset.
  TrustsProxy trusts_proxy;
  // In which header. Unset: in either.
  std::function<ForwardedBy()> proxy_header;
  ForwardedBy forwarded_by() const { return proxy_header ? proxy_header() : ForwardedBy::either; }
  // Whether clients are to go elsewhere: each answer then closes its connection. Unset: no.
  std::function<bool()> leaving;
  // What HTTP/2 counts; outlives the connections. Null: nobody asks.
  http2::Figures* http2 = nullptr;
};

// Serves the requests of one connection in order until it ends: the peer leaves or falls silent, a request is
// unreadable, a handler took the stream over, or the session is told to stop. What is passed outlives the task. The
// stream is shut down, not closed. `life` is what handlers get as Exchange::life(). Between requests nothing is held
// but this frame.
net::Task<void> serve_connection(net::ByteStream& stream, const Router& router, const ServerOptions& options,
                                 net::Watchdog& watchdog, net::Life* life = nullptr);

}  // namespace weir::http
