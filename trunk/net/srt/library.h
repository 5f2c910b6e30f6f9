#pragma once

#include <atomic>
#include <cstdint>

#include "base/log.h"

namespace weir::net {

// libsrt for as long as this lives: its threads, and what it has to say in our log (warnings and errors, at most ten
// lines a second). Everything of this folder needs one; the process has one, in main. Main thread; ending it waits for
// the library's threads, up to some seconds after the last socket was closed.
class SrtLibrary {
 public:
  explicit SrtLibrary(log::Logger* logger);
  ~SrtLibrary();
  SrtLibrary(const SrtLibrary&) = delete;
  SrtLibrary& operator=(const SrtLibrary&) = delete;

 private:
  static void write(void* self, int level, const char* file, int line, const char* area, const char* message);
  bool may_write();

  // given
  log::Context log_;

  // state
  std::atomic<std::int64_t> second_{0};
  std::atomic<int> lines_{0};  // in that second
};

}  // namespace weir::net
