#include "session/hls/disposal.h"

namespace weir::session::hls {

void Disposal::take(base::SharedBytes bytes) {
  const std::scoped_lock lock(mutex_);
  if (pool_) pool_->post([bytes = std::move(bytes)] {});
}

void Disposal::close() {
  const std::scoped_lock lock(mutex_);
  pool_ = nullptr;
}

}  // namespace weir::session::hls
