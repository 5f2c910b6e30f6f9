#pragma once

#include <string>

#include "app/cluster/coworkers.h"
#include "app/cluster/readiness.h"
#include "app/cluster/traverse.h"

namespace weir::cluster {

// What one worker asks of the other servers of a cluster: links of its hub's admission, and its locator.
//
// * A request that came through this server before is refused: edges that fetch from one another.
// * `cluster { token_traverse on; }`: the origin judges.
// * `cluster { origin_cluster on; coworkers ...; }`: a player of a stream that is not here goes where it is.
// * While this server drains, newcomers go where the stream is too, or away. Other servers that fetch a stream of its
//   publishers, who are still here, are let in.
class Service {
 public:
  // `server` as in session/common/upstream/way.h. Before the worker starts; lives until it has stopped.
  Service(hub::Hub& hub, const std::string& server, Figures& figures, Readiness& readiness);
  Service(const Service&) = delete;

  // Asked before the coworkers where a stream is that a player wants. It is fetched from there. Before the worker
  // starts.
  using Find = std::function<net::Task<base::Result<std::optional<Origin>>>(net::Life&, const hub::Request&)>;
  // `choose` says where newcomers had better go while this server drains.
  void find_with(Find find, Find choose) {
    find_ = std::move(find);
    choose_ = std::move(choose);
  }

 private:
  net::Task<base::Result<void>> judge(net::Life& life, const hub::Request& request, hub::Action action);
  net::Task<base::Result<std::string>> locate(net::Life& life, const hub::Request& request, hub::Action action);
  net::Task<base::Result<std::string>> place_of(net::Life& life, const hub::Request& request, hub::Action action);
  net::Task<base::Result<std::string>> place_to_go(net::Life& life, const hub::Request& request, hub::Action action);
  bool closed(const hub::Request& request, hub::Action action) const;

  // given
  hub::Hub& hub_;
  const std::string& server_;
  Figures& figures_;
  Readiness& readiness_;
  Find find_, choose_;

  // owned
  Coworkers coworkers_;
  Traverse traverse_;
};

}  // namespace weir::cluster
