#include "net/http2/serve.h"

// In place of the others of this folder where nghttp2 is not there.
namespace weir::http2 {

bool is_built() { return false; }

net::Task<void> serve_connection(net::ByteStream& stream, const http::Router&, const http::ServerOptions&, net::Life&) {
  stream.shutdown();
  co_return;
}

}  // namespace weir::http2
