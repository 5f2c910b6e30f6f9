#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "net/blocking_pool.h"
#include "net/http/file_mark.h"

namespace weir::record {

// One recording's file: bytes are handed over on a worker and written, in order, on a pool of threads that may wait for
// the disk. It is written as NAME.tmp and gets its name when it is complete. A failure ends it: what is whole so far is
// kept under its name, and the owner is told.
//
//   auto file = DiskFile::make(pools, "a/b.mp4", DiskFile::Finish::tables_first, told);
//   file->write(bytes) ...  file->close(patches);
class DiskFile : public std::enable_shared_from_this<DiskFile> {
 public:
  enum class Finish : std::uint8_t {
    rename,
    tables_first,  // fragmented MP4 becomes regular, with its tables in front
    index_first,   // FLV gets an index of its key frames
  };
  struct Patch {  // bytes that are known at the end alone
    std::uint64_t offset;
    base::Buffer bytes;
  };
  struct Outcome {
    std::string path;  // where the file is now; empty if there is none
    std::uint64_t bytes = 0;
    base::ErrorCode error;      // why it ended early; the file may be there all the same
    std::string error_path;     // of what the error is about
    base::ErrorCode unordered;  // tables or index could not be put in front; the file is as it was written
  };
  using Clock = std::chrono::steady_clock;
  struct Pools {
    net::BlockingPool& writers;
    net::BlockingPool& finishers;                          // of what takes long: never between others' writes
    std::function<Clock::time_point()> now = &Clock::now;  // any thread
  };
  // Called once, on a thread of a pool.
  using Told = std::function<void(const Outcome&)>;

  // Bytes that may wait for the disk; beyond it the recording fails with Errc::too_slow.
  static constexpr std::size_t largest_backlog = 32 * 1024 * 1024;

  // `mark`: of whom the file is, and whether it is kept back from who asks for it by its path.
  static std::shared_ptr<DiskFile> make(const Pools& pools, std::string path, Finish finish, Told told,
                                        http::FileMark mark = {});
  DiskFile(const Pools& pools, std::string path, Finish finish, Told told, http::FileMark mark = {});
  ~DiskFile();
  DiskFile(const DiskFile&) = delete;
  DiskFile& operator=(const DiskFile&) = delete;

  // False if the file has failed; the owner has been told, or will be.
  bool write(base::Buffer bytes);
  void close(std::vector<Patch> patches = {});

  std::size_t backlog() const { return backlog_.load(std::memory_order_relaxed); }
  std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }

 private:
  void schedule();
  void work();
  base::Result<void> open();
  base::Result<void> put(base::Bytes bytes, std::uint64_t offset);
  base::Result<void> look_if_there();
  void fail(base::ErrorCode error);
  void finish();
  void rearrange();
  void tell(const Outcome& outcome);

  // given
  const Pools pools_;
  const std::string wanted_;
  const Finish finish_;
  const http::FileMark mark_;

  // shared
  std::mutex mutex_;
  std::vector<base::Buffer> queue_;
  std::vector<Patch> patches_;
  bool closing_ = false;
  bool busy_ = false;  // a job is queued or runs
  std::atomic<std::size_t> backlog_{0};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<bool> failed_{false};

  // of whichever thread of the pool runs the job: one at a time
  Told told_;
  int descriptor_ = -1;
  std::string path_, part_;
  bool over_ = false;
  std::chrono::steady_clock::time_point looked_at_{};
};

}  // namespace weir::record
