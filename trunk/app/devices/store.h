#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/log_limit.h"
#include "net/blocking_pool.h"
#include "session/gb28181/platform.h"

namespace weir::devices {

// `devices_file`: devices are there after a restart, offline until they speak. On the worker of the platform, but for
// restore() and finish(), which are called while no worker runs.
class Store {
 public:
  Store(std::string path, net::BlockingPool& files, log::Context log);
  ~Store();

  // What the file holds. A file that is none is told and set aside; one that is not there yet is nothing to tell.
  void restore(session::gb28181::Platform& platform);
  // Several times a second: writes what has changed, a few devices at a time.
  void tick(const session::gb28181::Platform& platform, base::Instant now);
  // At the end, at once.
  void finish(const session::gb28181::Platform& platform);

  static constexpr std::chrono::seconds pause{5};        // between two writings
  static constexpr std::size_t slice_bytes = 64 * 1024;  // in one tick

 private:
  struct Writing;
  bool append(const session::gb28181::Platform& platform, std::size_t most_bytes);

  // given
  std::string path_;
  net::BlockingPool& files_;
  log::Context log_;

  // owned
  std::shared_ptr<Writing> writing_;  // what the thread that writes has to say
  std::vector<std::string> ids_;      // that are still to be put into the text
  std::string text_;

  // state
  std::uint64_t written_ = 0, begun_ = 0;  // changes
  base::Instant next_{};
  bool under_way_ = false;
  log::Limit failures_, left_out_;
};

}  // namespace weir::devices
