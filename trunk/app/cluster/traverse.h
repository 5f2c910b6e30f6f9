#pragma once

#include "app/cluster/figures.h"
#include "hub/hub.h"
#include "session/common/upstream/tls_clients.h"

namespace weir::cluster {

// `token_traverse`: an origin judges whoever comes to an edge, by what it says in its connect. As SRS does it: the
// first origin that can be reached in 3 s is asked, in RTMP, with the client's tcUrl, pageUrl, swfUrl and arguments; it
// has 30 s for its answer, which is the verdict. Where none can be reached nobody is let in. On one worker; outlives
// the tasks.
class Traverse {
 public:
  static constexpr std::size_t most_at_once = 1000;

  Traverse(hub::Hub& hub, Figures& figures) : hub_(hub), figures_(figures) {}
  Traverse(const Traverse&) = delete;

  // session::upstream::Errc::refused, nowhere; hub::Errc::limit. `request` outlives the task.
  net::Task<base::Result<void>> judge(net::Life& life, const hub::Request& request);

 private:
  struct Question;
  static net::Task<void> ask(Traverse& self, net::Life& life, std::shared_ptr<Question> question);

  // given
  hub::Hub& hub_;
  Figures& figures_;

  // owned
  session::upstream::TlsClients tls_;

  // state
  std::size_t under_way_ = 0;
};

}  // namespace weir::cluster
