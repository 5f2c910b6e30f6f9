#include "session/hls/disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/log_limit.h"
#include "session/common/path_pattern.h"

namespace weir::session::hls {
namespace {

struct Job {
  enum class Kind : std::uint8_t { write, replace, remove } kind;
  std::string path;  // below the root
  base::SharedBytes bytes;
  std::function<void()> done;
};

base::ErrorCode last_error() { return {errno, boost::system::system_category()}; }

base::ErrorCode write_all(int file, base::Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return last_error();
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

base::ErrorCode write_file(const std::string& path, base::Bytes bytes) {
  const std::string beside = path + ".tmp";
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  int file = ::open(beside.c_str(), flags, 0644);
  if (file < 0 && errno == ENOENT) {  // the first one, or somebody cleaned up
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
    if (failed) return {failed.value(), boost::system::system_category()};
    file = ::open(beside.c_str(), flags, 0644);
  }
  if (file < 0) return last_error();
  base::ErrorCode error = write_all(file, bytes);
  if (::close(file) != 0 && !error) error = last_error();
  if (!error && ::rename(beside.c_str(), path.c_str()) != 0) error = last_error();
  if (error) ::unlink(beside.c_str());
  return error;
}

base::ErrorCode perform(const std::string& root, const Job& job) {
  const std::string path = root + "/" + job.path;
  if (job.kind != Job::Kind::remove) return write_file(path, job.bytes);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return last_error();
  return {};
}

}  // namespace

struct Disk::State {
  State(net::Worker& on, net::BlockingPool& by, std::string folder, std::uint64_t most, log::Context who,
        std::function<void()> on_fault)
      : worker(on), pool(by), root(std::move(folder)), most_bytes(most), log(who), fault(std::move(on_fault)) {}

  // given
  net::Worker& worker;
  net::BlockingPool& pool;
  std::string root;
  std::uint64_t most_bytes;
  log::Context log;
  std::function<void()> fault;

  // state
  std::deque<Job> jobs;
  std::uint64_t waiting_bytes = 0;
  bool running = false;
  bool failed = false;
  log::Limit slow, broken, unsafe;

  void put(const std::shared_ptr<State>& self, Job job) {
    constexpr std::size_t most_jobs = 4096;
    // Whatever pattern a path was made of: none leaves the root.
    if (!is_safe_path(job.path)) {
      if (const auto times = unsafe.hit(std::chrono::steady_clock::now())) {
        log::error(log, "HLS: no file can have the name {} ({} left out)", job.path, times);
      }
      return;
    }
    if (jobs.size() >= most_jobs || waiting_bytes + job.bytes.size() > most_bytes) {
      if (const auto times = slow.hit(std::chrono::steady_clock::now())) {
        log::error(log, "HLS: {}/{} is not written: the disk is too slow, {} bytes wait ({} files left out)", root,
                   job.path, waiting_bytes, times);
      }
      return tell();
    }
    waiting_bytes += job.bytes.size();
    jobs.push_back(std::move(job));
    if (std::exchange(running, true)) return;
    worker.spawn("files", [self](net::Life& life) { return drain(life, self); });
  }

  void tell() {
    if (!std::exchange(failed, true) && fault) fault();
  }

  static net::Task<void> drain(net::Life& life, std::shared_ptr<State> self) {
    while (!self->jobs.empty() && !life.stopping()) {
      const Job job = std::move(self->jobs.front());
      self->jobs.pop_front();
      // Copies: the pool's thread may still be at it when this session is stopped.
      const auto done = co_await self->pool.run(
          [root = self->root, job = Job{job.kind, job.path, job.bytes, nullptr}] { return perform(root, job); });
      self->waiting_bytes -= job.bytes.size();
      if (!done || *done) {
        if (const auto times = self->broken.hit(std::chrono::steady_clock::now())) {
          log::error(self->log, "HLS: cannot {} {}/{}: {} ({} failures)",
                     job.kind == Job::Kind::remove ? "remove" : "write", self->root, job.path,
                     done ? done->message() : "too much waits for the disk", times);
        }
        if (job.kind != Job::Kind::remove) self->tell();
      } else {
        self->failed = false;
        if (job.done) job.done();
      }
    }
    self->running = false;
  }
};

Disk::Disk(net::Worker& worker, net::BlockingPool& pool, std::string root, std::uint64_t most_bytes, log::Context log,
           std::function<void()> fault)
    : state_(std::make_shared<State>(worker, pool, std::move(root), most_bytes, log, std::move(fault))) {}

Disk::~Disk() { state_->fault = nullptr; }

void Disk::write(std::string path, base::SharedBytes bytes, std::function<void()> done) {
  state_->put(state_, {Job::Kind::write, std::move(path), std::move(bytes), std::move(done)});
}

void Disk::replace(std::string path, base::SharedBytes bytes) {
  for (Job& job : state_->jobs) {
    if (job.kind != Job::Kind::replace || job.path != path) continue;
    state_->waiting_bytes += bytes.size() - job.bytes.size();
    job.bytes = std::move(bytes);
    return;
  }
  state_->put(state_, {Job::Kind::replace, std::move(path), std::move(bytes), nullptr});
}

void Disk::remove(std::string path) { state_->put(state_, {Job::Kind::remove, std::move(path), {}, nullptr}); }

}  // namespace weir::session::hls
