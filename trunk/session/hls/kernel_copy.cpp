#include "session/hls/kernel_copy.h"

#include <sys/mman.h>
#include <unistd.h>

#include "session/hls/outlet.h"

namespace weir::session::hls {

KernelCopy::~KernelCopy() {
  if (const int file = file_.load(); file >= 0) ::close(file);
  if (budget_) budget_->give(taken_);
}

int KernelCopy::file(base::Bytes bytes, Budget& budget, std::uint64_t most_bytes) {
  if (const int made = file_.load(std::memory_order_acquire); made >= 0) return made;
  // Exactly one caller is the second.
  if (asked_.fetch_add(1, std::memory_order_relaxed) != 1) return -1;
  if (budget.used() + bytes.size() > most_bytes) return -1;
  const int file = ::memfd_create("weir-segment", MFD_CLOEXEC);
  if (file < 0) return -1;
  // All at once or not at all: it is memory.
  if (::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    ::close(file);
    return -1;
  }
  budget_ = &budget;
  taken_ = bytes.size();
  budget.take(taken_);
  file_.store(file, std::memory_order_release);
  return file;
}

}  // namespace weir::session::hls
