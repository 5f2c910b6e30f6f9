#include "app/record/disk_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "app/record/error.h"
#include "app/record/finish.h"
#include "app/record/path.h"

namespace weir::record {

using base::Result;

namespace {

constexpr unsigned most_names = 100;
constexpr auto look_distance = std::chrono::seconds(1);

}  // namespace

std::shared_ptr<DiskFile> DiskFile::make(const Pools& pools, std::string path, Finish finish, Told told,
                                         http::FileMark mark) {
  return std::make_shared<DiskFile>(pools, std::move(path), finish, std::move(told), std::move(mark));
}

DiskFile::DiskFile(const Pools& pools, std::string path, Finish finish, Told told, http::FileMark mark)
    : pools_(pools), wanted_(std::move(path)), finish_(finish), mark_(std::move(mark)), told_(std::move(told)) {}

DiskFile::~DiskFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool DiskFile::write(base::Buffer bytes) {
  if (failed_) return false;
  const std::size_t size = bytes.size();
  const bool too_much = backlog_.fetch_add(size) + size > largest_backlog;
  {
    const std::lock_guard lock(mutex_);
    // What waits is still written; what comes now is not, so that the file ends whole.
    if (too_much) {
      failed_ = true;
      closing_ = true;
      backlog_ -= size;
    } else {
      queue_.push_back(std::move(bytes));
    }
  }
  schedule();
  return !too_much;
}

void DiskFile::close(std::vector<Patch> patches) {
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return;
    closing_ = true;
    patches_ = std::move(patches);
  }
  schedule();
}

void DiskFile::schedule() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(busy_, true)) return;
  }
  if (pools_.writers.post([self = shared_from_this()] { self->work(); })) return;
  const std::lock_guard lock(mutex_);
  busy_ = false;  // the pool is full: tried again with the next bytes, until the backlog is too long
}

// On the pool: what is queued now; more comes in a job of its own, behind those of other files.
void DiskFile::work() {
  std::vector<base::Buffer> batch;
  bool closing = false;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(queue_);
    closing = closing_;
  }
  for (const base::Buffer& bytes : batch) {
    backlog_ -= bytes.size();
    if (over_) continue;
    Result<void> done = descriptor_ < 0 ? open() : Result<void>();
    if (done) done = put(bytes, written_);
    if (done) done = look_if_there();
    if (done) {
      written_ += bytes.size();
    } else {
      fail(done.error());
    }
  }
  if (closing) {
    // Nothing comes after this, and busy_ stays: what follows may go on in a thread of the finishers.
    if (over_) return;
    if (failed_) return fail(Errc::too_slow);
    return finish();
  }
  {
    const std::lock_guard lock(mutex_);
    busy_ = false;
    if (queue_.empty() && !closing_) return;
  }
  schedule();
}

// Under the first name that neither a file nor another recording has.
Result<void> DiskFile::open() {
  std::error_code failure;
  const auto folder = std::filesystem::path(wanted_).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, failure);
  if (failure) return base::ErrorCode(failure.value(), boost::system::system_category());
  for (unsigned number = 0; number < most_names; ++number) {
    path_ = number == 0 ? wanted_ : numbered(wanted_, number);
    part_ = path_ + ".tmp";
    struct stat facts{};
    if (::lstat(path_.c_str(), &facts) == 0) continue;
    descriptor_ = ::open(part_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor_ >= 0) {
      // What tells a file that is being written from one that a crash left; gone with the process, however it ends.
      (void)::flock(descriptor_, LOCK_EX | LOCK_NB);
      // Where neither is possible, its place says that it is a recording: see door.h.
      (void)http::write_mark(descriptor_, mark_);
      return {};
    }
    if (errno != EEXIST) return base::last_error();
  }
  return Errc::no_free_name;
}

Result<void> DiskFile::put(base::Bytes bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::last_error();
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

// A file without a name is written for nobody.
Result<void> DiskFile::look_if_there() {
  const auto now = pools_.now();
  if (now - looked_at_ < look_distance) return {};
  looked_at_ = now;
  struct stat facts{};
  if (::fstat(descriptor_, &facts) != 0) return base::last_error();
  if (facts.st_nlink == 0) return Errc::file_removed;
  return {};
}

// What was written whole stays, under its name.
void DiskFile::fail(base::ErrorCode error) {
  failed_ = true;
  Outcome outcome{.error = error, .error_path = part_.empty() ? wanted_ : part_};
  if (descriptor_ >= 0) {
    outcome.bytes = written_;
    if (written_ == 0) {
      ::unlink(part_.c_str());
    } else if (::ftruncate(descriptor_, static_cast<off_t>(written_)) == 0) {
      if (const auto path = rename_to_free_name(part_, path_)) outcome.path = *path;
    }
  }
  tell(outcome);
}

void DiskFile::finish() {
  if (descriptor_ < 0) return tell({});  // nothing was ever written
  for (const Patch& patch : patches_) {
    if (const auto done = put(patch.bytes, patch.offset); !done) return fail(done.error());
  }
  if (const auto there = look_if_there(); !there) return fail(there.error());
  if (finish_ != Finish::rename) {
    over_ = true;
    if (pools_.finishers.post([self = shared_from_this()] { self->rearrange(); })) return;
  }
  const auto path = rename_to_free_name(part_, path_);
  if (!path) return fail(path.error());
  tell({.path = *path, .bytes = written_});
}

void DiskFile::rearrange() {
  Outcome outcome{.bytes = written_};
  const std::string ordered = path_ + ".moov.tmp";
  const auto done =
      finish_ == Finish::tables_first ? write_tables_first(part_, ordered) : write_index_first(part_, ordered);
  if (!done) outcome.unordered = done.error();
  const auto path = rename_to_free_name(done ? ordered : part_, path_);
  if (path) {
    struct stat facts{};
    if (::stat(path->c_str(), &facts) == 0) outcome.bytes = static_cast<std::uint64_t>(facts.st_size);
    outcome.path = *path;
    if (done) ::unlink(part_.c_str());
  } else {
    outcome.error = path.error();
    outcome.error_path = part_;
    if (done) ::unlink(ordered.c_str());
  }
  tell(outcome);
}

void DiskFile::tell(const Outcome& outcome) {
  over_ = true;
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  if (const auto told = std::exchange(told_, nullptr)) told(outcome);
}

}  // namespace weir::record
