#pragma once

#include <string_view>
#include <utility>

#include "base/result.h"

namespace weir::process {

// This process as a child without a terminal. The one that was started waits for report() and ends with that status, so
// that whoever started it learns whether the server is up. One that dies before it reports has failed.
class Daemon {
 public:
  // Goes on in the child. Before any thread is started.
  static base::Result<Daemon> become();
  Daemon(Daemon&& other) noexcept : report_to_(std::exchange(other.report_to_, -1)) {}
  Daemon& operator=(Daemon&&) = delete;
  ~Daemon();

  // The status of the process that was started; `why` goes to its standard error. The first report counts.
  void report(int status, std::string_view why = {});

 private:
  explicit Daemon(int report_to) : report_to_(report_to) {}
  int report_to_;
};

}  // namespace weir::process
