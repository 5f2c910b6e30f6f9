#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/byte_stream.h"
#include "net/life.h"
#include "proto/rtmp/client.h"
#include "proto/stream_url.h"
#include "session/common/upstream/error.h"
#include "session/common/upstream/tls_clients.h"

namespace weir::session::upstream {

// Whom to call, and for what.
struct Call {
  proto::StreamUrl url;  // of scheme rtmp or rtmps, with app and stream
  ::weir::rtmp::Role role = ::weir::rtmp::Role::publish;
  Trust trust{};
  std::uint32_t chunk_size = 60'000;
  std::optional<amf0::Value> arguments{};  // of connect
  std::chrono::milliseconds step{10'000};  // each step of the start may take so long
  // What connect says in another's name, in place of what the URL says.
  struct As {
    std::string tc_url, page_url, swf_url;
  };
  std::optional<As> as{};
  // Looks at the connection before a word is said, as the address of a name is known only then. May be empty.
  std::function<base::Result<void>(const net::ByteStream&, const proto::StreamUrl&)> examine{};
};

// "rtmp://host[:port]/app/stream?query" of a configuration or another server. Errc::bad_address for other schemes and
// for what names no host.
base::Result<proto::StreamUrl> parse_rtmp_url(std::string_view text);

// A connection to another RTMP server that agreed to take our stream, or to give us one. On its session's worker.
class RtmpLink {
 public:
  static constexpr unsigned most_redirects = 3;

  // Dials, and talks until the other side agrees; follows redirects (302) to other servers. Ends with the life's
  // stop, with net::Errc::timed_out after a step that took too long, Errc::refused, ... `why` gets what the other side
  // said, or which step it was. The life's watchdog is disarmed in the end.
  static net::Task<base::Result<std::unique_ptr<RtmpLink>>> open(net::Life& life, TlsClients& tls, Call call,
                                                                 std::string& why);

  // Says connect and nothing more: whether the other server lets such a client in. `reached` once there is a
  // connection, for which there is call.step; the rest has `limit`. Errors as open().
  static net::Task<base::Result<void>> ask_to_connect(net::Life& life, TlsClients& tls, Call call,
                                                      std::chrono::milliseconds limit, bool& reached, std::string& why);

  net::ByteStream& stream() { return *stream_; }
  ::weir::rtmp::Client& client() { return client_; }

 private:
  RtmpLink(std::unique_ptr<net::ByteStream> stream, ::weir::rtmp::ClientOptions options)
      : stream_(std::move(stream)), client_(std::move(options)) {}
  static net::Task<base::Result<std::unique_ptr<RtmpLink>>> dial(net::Life& life, TlsClients& tls, const Call& call,
                                                                 std::string& why);
  // Where the other side sends us; null: it agreed, to the `connect` alone or to all.
  net::Task<base::Result<std::optional<::weir::rtmp::Redirected>>> agree(net::Life& life, const Call& call,
                                                                         std::string& why, bool connect_only = false);
  net::Task<base::Result<void>> flush();

  // owned
  std::unique_ptr<net::ByteStream> stream_;
  ::weir::rtmp::Client client_;
};

}  // namespace weir::session::upstream
