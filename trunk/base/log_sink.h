#pragma once

#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

#include "base/log.h"
#include "base/log_line.h"
#include "base/log_tail.h"
#include "base/result.h"

namespace weir::log {

// An open file descriptor; closed with its owner unless it is standard output.
class LogFile {
 public:
  static base::Result<LogFile> open(const Options& options);
  LogFile(LogFile&& other) noexcept;
  LogFile& operator=(LogFile&& other) noexcept;
  ~LogFile();

  // Nothing to do for standard output.
  base::Result<void> give_to(unsigned user, unsigned group) const;
  // All of `line`, or false: the disk is full, the pipe is closed, or nobody reads it for `patience`.
  bool write(std::string_view line, std::chrono::milliseconds patience);

 private:
  LogFile(int fd, bool owned, bool may_stall) : fd_(fd), owned_(owned), may_stall_(may_stall) {}

  bool fail(bool begun);

  int fd_;
  bool owned_;
  bool may_stall_;     // a pipe or terminal, whose reader may sleep
  bool torn_ = false;  // the last line was cut off, so the next begins with a newline
};

// What goes through spdlog's queue: its message holds one string, so the two ids stand in front of the text.
void pack(const base::SessionId& id, const base::SessionId& previous, std::string_view text, fmt::memory_buffer& out);

// How many lines wait for the writer, and how many found no room.
struct Waiting {
  std::atomic<std::size_t> lines{0};
  std::atomic<std::uint64_t> dropped{0};
};

// Writes lines on spdlog's thread; reopen, flush and the counters may be used from any thread.
class LogSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  LogSink(const Options& options, LogFile file);

  base::Result<void> reopen();
  base::Result<void> give_to(unsigned user, unsigned group);
  Waiting& waiting() { return waiting_; }
  std::uint64_t unwritten() const { return unwritten_.load(std::memory_order_relaxed); }
  std::uint64_t flushes() const;
  const Tail& tail() const { return tail_; }
  bool wait_flush(std::uint64_t before, std::chrono::milliseconds at_most);
  // From now on a reader that sleeps is not waited for.
  void close() { closing_.store(true, std::memory_order_relaxed); }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override;
  void tell_drops(std::chrono::system_clock::time_point now);
  void put(const Line& line);

  // given
  Options options_;

  // owned
  LogFile file_;
  LineFormat format_;
  Tail tail_;

  // state
  fmt::memory_buffer bytes_;
  std::atomic<std::uint64_t> unwritten_{0};
  Waiting waiting_;
  std::atomic<bool> closing_{false};
  bool stalled_ = false;
  std::uint64_t told_ = 0;
  std::chrono::system_clock::time_point told_at_{};
  mutable std::mutex flush_mutex_;
  std::condition_variable flushed_;
  std::uint64_t flushes_ = 0;
};

}  // namespace weir::log
