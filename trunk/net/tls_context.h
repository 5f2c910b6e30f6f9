#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace weir::net {

// Certificates and rules for TLS streams: TLS 1.2 and 1.3, no suite without forward secrecy and none with CBC (RFC 9325
// 4.1 and 4.2), ALPN "http/1.1" and where it is offered "h2". One per worker and endpoint; the contexts
// that it hands out are counted, so streams outlive a reload.
class TlsContext {
 public:
  struct ServerFiles {
    std::string certificate;  // PEM, the chain after the certificate
    std::string key;          // PEM, not encrypted
    bool operator==(const ServerFiles&) const = default;
  };
  enum class Version : std::uint8_t { tls_1_2, tls_1_3 };
  struct Rules {
    Version least = Version::tls_1_2, most = Version::tls_1_3;
    std::vector<std::string> curves;  // the preferred first, as OpenSSL names them; empty: OpenSSL's own
    bool operator==(const Rules&) const = default;
  };
  enum class Verify : std::uint8_t { peer, off };

  // On failure net::Errc::tls_failed and a sentence that names the file in `reason`.
  static base::Result<std::unique_ptr<TlsContext>> make_server(ServerFiles files, std::string& reason) {
    return make_server(std::move(files), Rules(), reason);
  }
  static base::Result<std::unique_ptr<TlsContext>> make_server(ServerFiles files, Rules rules, std::string& reason);
  // Trusts the system's authorities; `extra_authority` is a further PEM file or empty.
  static base::Result<std::unique_ptr<TlsContext>> make_client(Verify verify, const std::string& extra_authority,
                                                               std::string& reason);

  // Other files or rules for connections from now on; nothing changes where these do not fit.
  base::Result<void> use(ServerFiles files, Rules rules, std::string& reason);
  // Reads the files again if they changed (looked at once a second at most). Files that do not fit leave the old pair
  // in use; then `on_fault` gets the sentence, once per change. Called by TlsStream for each new connection.
  void refresh(base::Instant now);
  void on_fault(std::function<void(std::string_view)> hook) { on_fault_ = std::move(hook); }

  std::shared_ptr<ssl_ctx_st> current() const { return context_; }
  // Whether that connection, which did not shake hands yet, may choose HTTP/2.
  static void offer_http2(ssl_st& connection, bool offered);
  bool verifies_peer() const { return verify_ == Verify::peer; }

 private:
  TlsContext() = default;

  // given
  ServerFiles files_;
  Rules rules_;
  Verify verify_ = Verify::off;
  std::function<void(std::string_view)> on_fault_;

  // state
  std::shared_ptr<ssl_ctx_st> context_;
  std::string stamp_;  // times and sizes of the files that were read last
  base::Instant next_look_{};
};

}  // namespace weir::net
