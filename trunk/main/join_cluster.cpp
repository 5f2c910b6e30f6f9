#include "main/process.h"
#include "main/server.h"

namespace weir::server {

void Server::join_cluster() {
  registry_ =
      std::make_unique<registry::Registry>(registry::Registry::Given{pool_, peers_, *statistics_, readiness_, *events_,
                                                                     process::local_address(config_->stats.network)},
                                           *config_);
  api_->registry = registry_.get();
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    // Behind all other rules: who is let in has the name.
    auto& door =
        *doors_.emplace_back(std::make_unique<registry::Door>(shards_[i]->hub(), *registry_, shards_[i]->pulls()));
    guards_->cluster_of(i).find_with(
        [&door](net::Life& life, const hub::Request& request) { return door.find(life, request); },
        [&door](net::Life& life, const hub::Request& request) { return door.choose(life, request); });
  }
}

}  // namespace weir::server
