#include "session/common/upstream/tls_clients.h"

namespace weir::session::upstream {

base::Result<net::TlsContext*> TlsClients::get(const Trust& trust, std::string& reason) {
  if (const auto found = contexts_.find(trust); found != contexts_.end()) return found->second.get();
  const auto verify = trust.verify ? net::TlsContext::Verify::peer : net::TlsContext::Verify::off;
  TRY(auto made, net::TlsContext::make_client(verify, trust.authority_file, reason));
  // Streams that run keep what they need of the old ones.
  if (contexts_.size() >= most) contexts_.clear();
  return contexts_.emplace(trust, std::move(made)).first->second.get();
}

}  // namespace weir::session::upstream
