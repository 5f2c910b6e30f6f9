#include "base/log_sink.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/own_file.h"

namespace weir::log {

namespace {

constexpr std::size_t id_size = std::tuple_size_v<decltype(base::SessionId::text)>;
constexpr std::chrono::milliseconds patience{1000};

Level level_of(spdlog::level::level_enum level) { return static_cast<Level>(level); }

}  // namespace

base::Result<LogFile> LogFile::open(const Options& options) {
  constexpr int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK;
  int fd = STDOUT_FILENO;
  if (options.to_file && !options.follow_links && !options.path.starts_with("/dev/")) {  // /dev/stdout is a link
    TRY(fd, base::open_own_file(options.path, flags));
  } else if (options.to_file) {
    fd = ::open(options.path.c_str(), flags, 0644);
  }
  if (fd < 0) return base::last_error();
  struct stat status{};
  const bool regular = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  return LogFile(fd, options.to_file, !regular);
}

LogFile::LogFile(LogFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), owned_(other.owned_), may_stall_(other.may_stall_), torn_(other.torn_) {}

LogFile& LogFile::operator=(LogFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(owned_, other.owned_);
  std::swap(may_stall_, other.may_stall_);
  std::swap(torn_, other.torn_);
  return *this;
}

LogFile::~LogFile() {
  if (owned_ && fd_ >= 0) ::close(fd_);
}

base::Result<void> LogFile::give_to(unsigned user, unsigned group) const {
  if (!owned_) return {};
  return base::give_file(fd_, user, group);
}

bool LogFile::write(std::string_view line, std::chrono::milliseconds wait) {
  bool begun = false;
  if (torn_) {
    const char newline = '\n';
    torn_ = ::write(fd_, &newline, 1) != 1;
  }
  while (!line.empty()) {
    if (may_stall_) {
      pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
      if (::poll(&ready, 1, static_cast<int>(wait.count())) == 0) return fail(begun);
    }
    const ssize_t written = ::write(fd_, line.data(), line.size());
    if (written < 0 && (errno == EINTR || (errno == EAGAIN && may_stall_))) continue;
    if (written <= 0) return fail(begun);
    begun = true;
    line.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool LogFile::fail(bool begun) {
  torn_ = torn_ || begun;
  return false;
}

void pack(const base::SessionId& id, const base::SessionId& previous, std::string_view text, fmt::memory_buffer& out) {
  out.append(id.text.data(), id.text.data() + id_size);
  out.append(previous.text.data(), previous.text.data() + id_size);
  out.append(text.data(), text.data() + text.size());
}

LogSink::LogSink(const Options& options, LogFile file)
    : options_(options), file_(std::move(file)), format_(options.json, options.utc) {}

base::Result<void> LogSink::reopen() {
  if (!options_.to_file) return {};
  TRY(LogFile fresh, LogFile::open(options_));
  const std::lock_guard lock(mutex_);  // of base_sink: held while a line is written
  file_ = std::move(fresh);
  return {};
}

base::Result<void> LogSink::give_to(unsigned user, unsigned group) {
  const std::lock_guard lock(mutex_);
  return file_.give_to(user, group);
}

void LogSink::sink_it_(const spdlog::details::log_msg& message) {
  waiting_.lines.fetch_sub(1, std::memory_order_relaxed);
  tell_drops(message.time);
  const std::string_view packed(message.payload.data(), message.payload.size());
  Line line{.time = message.time, .level = level_of(message.level), .text = packed.substr(2 * id_size)};
  std::ranges::copy(packed.substr(0, id_size), line.id.text.begin());
  std::ranges::copy(packed.substr(id_size, id_size), line.previous.text.begin());
  put(line);
}

void LogSink::tell_drops(std::chrono::system_clock::time_point now) {
  const std::uint64_t dropped = waiting_.dropped.load(std::memory_order_relaxed) + unwritten();
  if (dropped == told_ || now - told_at_ < std::chrono::seconds(1)) return;
  const std::string text = fmt::format("{} log lines were dropped: more came than could be written", dropped - told_);
  told_ = dropped;
  told_at_ = now;
  put(Line{.time = now, .level = Level::warn, .text = text});
}

void LogSink::put(const Line& line) {
  tail_.add(line);
  bytes_.clear();
  format_.append(line, bytes_);
  // A reader that slept once is not waited for again until it takes a line, or the queue would take as long as its
  // length.
  const bool hurry = stalled_ || closing_.load(std::memory_order_relaxed);
  const bool written = file_.write({bytes_.data(), bytes_.size()}, hurry ? std::chrono::milliseconds{0} : patience);
  stalled_ = !written;
  if (!written) unwritten_.fetch_add(1, std::memory_order_relaxed);
}

void LogSink::flush_() {
  {
    const std::lock_guard lock(flush_mutex_);
    ++flushes_;
  }
  flushed_.notify_all();
}

std::uint64_t LogSink::flushes() const {
  const std::lock_guard lock(flush_mutex_);
  return flushes_;
}

bool LogSink::wait_flush(std::uint64_t before, std::chrono::milliseconds at_most) {
  std::unique_lock lock(flush_mutex_);
  return flushed_.wait_for(lock, at_most, [&] { return flushes_ > before; });
}

}  // namespace weir::log
