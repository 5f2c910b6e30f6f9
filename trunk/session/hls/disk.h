#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/log.h"
#include "net/blocking_pool.h"
#include "net/worker.h"
#include "session/hls/file_owner.h"

namespace weir::session::hls {

// How many files of all streams wait to be written. The server that stops waits for zero. Any thread.
using Unwritten = std::atomic<std::size_t>;

// The files of one stream: a copy of what is in memory, written behind the stream's back. Jobs are done in their order,
// one at a time on the blocking pool, whatever becomes of the session that made them; those that a slow disk makes wait
// are bounded, and what is beyond is left out and logged; removals are not, as each has a file that was written. A file
// appears whole: written beside its name, then renamed. Lives on the stream's home worker; what waits is written even
// when it is gone.
class Disk {
 public:
  struct Settings {
    std::string root;  // the folder that paths are relative to, and that none of them leaves
    std::uint64_t most_bytes = 64u << 20;
    FileOwner owner{};  // what others own is neither written over nor removed
  };
  // `fault` hears of the first failure after a success. `unwritten` and the pool outlive what waits.
  Disk(net::Worker& worker, net::BlockingPool& pool, Settings settings, Unwritten& unwritten, log::Context log,
       std::function<void()> fault);
  ~Disk();

  // `done` is called on the worker when the file is complete.
  void write(std::string path, base::SharedBytes bytes, std::function<void()> done = nullptr);
  // A playlist: as write(), but one that still waits under this name as the last of all is replaced. One that others
  // wait behind stays, so that a playlist never comes before what it names.
  void replace(std::string path, base::SharedBytes bytes, std::vector<base::SharedBytes> rest = {});
  void remove(std::string path);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace weir::session::hls
