#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/log.h"
#include "net/blocking_pool.h"
#include "net/worker.h"

namespace weir::session::hls {

// The files of one stream: a copy of what is in memory, written behind the stream's back. Jobs are done in order, one
// at a time on the blocking pool; those that a slow disk makes wait are bounded, and what is beyond is left out and
// logged. A file appears whole: written beside its name, then renamed. Lives on the stream's home worker.
class Disk {
 public:
  // `root` is the folder that paths are relative to, and that none of them leaves. `fault` hears of the first failure
  // after a success.
  Disk(net::Worker& worker, net::BlockingPool& pool, std::string root, std::uint64_t most_bytes, log::Context log,
       std::function<void()> fault);
  ~Disk();

  // `done` is called on the worker when the file is complete.
  void write(std::string path, base::SharedBytes bytes, std::function<void()> done = nullptr);
  // As write(), but one that still waits under this name is replaced: a playlist.
  void replace(std::string path, base::SharedBytes bytes);
  void remove(std::string path);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace weir::session::hls
