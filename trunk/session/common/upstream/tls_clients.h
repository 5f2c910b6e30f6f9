#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "net/tls_context.h"

namespace weir::session::upstream {

// What a server that we dial has to be: how its certificate is looked at, and where it may be.
struct Trust {
  bool verify = true;
  std::string authority_file{};  // PEM, beside the system's; may be empty
  bool public_only = false;      // Reach::open: somebody chose it who is no administrator of this machine
  auto operator<=>(const Trust&) const = default;
};

// The TLS contexts of one worker's clients, one for each setting: the authorities are read once, not per connection.
class TlsClients {
 public:
  // net::Errc::tls_failed, and `reason` says which file is at fault.
  base::Result<net::TlsContext*> get(const Trust& trust, std::string& reason);

 private:
  // Settings come from the configuration alone; one that changed all the time would leave its old ones here.
  static constexpr std::size_t most = 64;
  std::map<Trust, std::unique_ptr<net::TlsContext>> contexts_;
};

}  // namespace weir::session::upstream
