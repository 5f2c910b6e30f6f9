#include "session/hls/disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <filesystem>
#include <unordered_set>

#include "base/log_limit.h"
#include "net/http/file_mark.h"
#include "session/common/path_pattern.h"

namespace weir::session::hls {
namespace {

struct Job {
  enum class Kind : std::uint8_t { write, replace, remove } kind;
  std::string path;  // below the root
  base::SharedBytes bytes;
  std::function<void()> done;
  std::vector<base::SharedBytes> rest{};

  std::uint64_t size() const {
    std::uint64_t sum = bytes.size();
    for (const base::SharedBytes& more : rest) sum += more.size();
    return sum;
  }
};

base::ErrorCode write_all(int file, base::Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::last_error();
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

const base::ErrorCode not_ours(EEXIST, boost::system::system_category());

base::ErrorCode write_file(const std::string& path, const Job& job, const FileOwner& owner) {
  if (!owner.has(path)) return not_ours;
  const std::string beside = path + ".tmp";
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  int file = ::open(beside.c_str(), flags, 0644);
  if (file < 0 && errno == ENOENT) {  // the first one, or somebody cleaned up
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
    if (failed) return {failed.value(), boost::system::system_category()};
    file = ::open(beside.c_str(), flags, 0644);
  }
  if (file < 0) return base::last_error();
  base::ErrorCode error = http::write_mark(file, owner.mark());  // before there is anything in it
  if (!error) error = write_all(file, job.bytes);
  for (const base::SharedBytes& more : job.rest) {
    if (!error) error = write_all(file, more);
  }
  if (::close(file) != 0 && !error) error = base::last_error();
  if (!error && ::rename(beside.c_str(), path.c_str()) != 0) error = base::last_error();
  if (error) ::unlink(beside.c_str());
  return error;
}

base::ErrorCode perform(const Disk::Settings& settings, const Job& job) {
  const std::string path = settings.root + "/" + job.path;
  if (job.kind != Job::Kind::remove) return write_file(path, job, settings.owner);
  if (!settings.owner.has(path)) return {};
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return base::last_error();
  return {};
}

}  // namespace

struct Disk::State {
  State(net::Worker& on, net::BlockingPool& by, Settings given, Unwritten& count, log::Context who,
        std::function<void()> on_fault)
      : worker(on), pool(by), settings(std::move(given)), unwritten(count), log(who), fault(std::move(on_fault)) {}
  State(const State&) = delete;
  ~State() { unwritten -= jobs.size(); }  // the process ends, and its time is over

  // given
  net::Worker& worker;
  net::BlockingPool& pool;
  const Settings settings;
  Unwritten& unwritten;
  log::Context log;
  std::function<void()> fault;

  // state
  std::deque<Job> jobs;
  std::uint64_t waiting_bytes = 0;
  bool busy = false;  // one of them is with the pool
  bool failed = false;
  std::unordered_set<std::string> left_out;  // files that are not there, and need not be removed; bounded
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
    const bool removal = job.kind == Job::Kind::remove;
    if (removal && left_out.erase(job.path) != 0) return;
    if (!removal && (jobs.size() >= most_jobs || waiting_bytes + job.size() > settings.most_bytes)) {
      if (job.kind == Job::Kind::write && left_out.size() < 2 * most_jobs) left_out.insert(job.path);
      if (const auto times = slow.hit(std::chrono::steady_clock::now())) {
        log::error(log, "HLS: {}/{} is not written: the disk is too slow, {} bytes wait ({} files left out)",
                   settings.root, job.path, waiting_bytes, times);
      }
      return tell();
    }
    waiting_bytes += job.size();
    ++unwritten;
    jobs.push_back(std::move(job));
    start_next(self);
  }

  void tell() {
    if (!std::exchange(failed, true) && fault) fault();
  }

  // No session does this: one would be stopped with the server, and what it has not written would be lost.
  void start_next(const std::shared_ptr<State>& self) {
    while (!busy && !jobs.empty()) {
      const auto job = std::make_shared<Job>(std::move(jobs.front()));
      jobs.pop_front();
      busy = pool.post([self, job] {
        const base::ErrorCode error = perform(self->settings, *job);
        --self->unwritten;
        self->worker.post([self, job, error] {
          self->busy = false;
          self->finished(*job, error);
          self->start_next(self);
        });
      });
      if (busy) return;
      if (job->kind == Job::Kind::remove) return jobs.push_front(std::move(*job));  // when the next job comes
      --unwritten;
      finished(*job, make_error_code(boost::system::errc::resource_unavailable_try_again));
    }
  }

  void finished(const Job& job, base::ErrorCode error) {
    waiting_bytes -= job.size();
    if (!error) {
      failed = false;
      if (job.done) job.done();
      return;
    }
    if (const auto times = broken.hit(std::chrono::steady_clock::now())) {
      log::error(log, "HLS: cannot {} {}/{}: {} ({} failures)", job.kind == Job::Kind::remove ? "remove" : "write",
                 settings.root, job.path, error == not_ours ? "another stream has this file" : error.message(), times);
    }
    if (job.kind != Job::Kind::remove) tell();
  }
};

Disk::Disk(net::Worker& worker, net::BlockingPool& pool, Settings settings, Unwritten& unwritten, log::Context log,
           std::function<void()> fault)
    : state_(std::make_shared<State>(worker, pool, std::move(settings), unwritten, log, std::move(fault))) {}

Disk::~Disk() { state_->fault = nullptr; }

void Disk::write(std::string path, base::SharedBytes bytes, std::function<void()> done) {
  state_->put(state_, {Job::Kind::write, std::move(path), std::move(bytes), std::move(done)});
}

void Disk::replace(std::string path, base::SharedBytes bytes, std::vector<base::SharedBytes> rest) {
  Job job{Job::Kind::replace, std::move(path), std::move(bytes), nullptr, std::move(rest)};
  if (!state_->jobs.empty()) {
    Job& last = state_->jobs.back();
    if (last.kind == Job::Kind::replace && last.path == job.path) {
      state_->waiting_bytes += job.size() - last.size();
      last = std::move(job);
      return;
    }
  }
  state_->put(state_, std::move(job));
}

void Disk::remove(std::string path) { state_->put(state_, {Job::Kind::remove, std::move(path), {}, nullptr}); }

}  // namespace weir::session::hls
