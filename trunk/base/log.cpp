#include "base/log.h"

#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>

#include "base/log_sink.h"

namespace weir::log {

namespace {

// A line longer than this is cut: what a peer can make us write is bounded.
constexpr std::size_t longest_text = 8 * 1024;
constexpr std::chrono::milliseconds flush_time{2000};

spdlog::level::level_enum spdlog_level(Level level) { return static_cast<spdlog::level::level_enum>(level); }
static_assert(static_cast<int>(Level::trace) == SPDLOG_LEVEL_TRACE &&
              static_cast<int>(Level::error) == SPDLOG_LEVEL_ERROR);

// Signals are for the main thread.
void begin_writer_thread() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  pthread_setname_np(pthread_self(), "weir-log");
}

}  // namespace

// The queue and thread are spdlog's; the lines and the file are ours. Nothing is registered with spdlog's globals.
struct Logger::State {
  explicit State(Level lowest) : level(lowest) {}

  std::atomic<Level> level;
  std::shared_ptr<LogSink> sink;                       // null: silent
  std::shared_ptr<spdlog::details::thread_pool> pool;  // joined before the sink goes
  std::shared_ptr<spdlog::async_logger> logger;
};

Logger::Logger(std::unique_ptr<State> state) : state_(std::move(state)) {}

Logger::~Logger() {
  if (!state_ || !state_->sink) return;
  state_->sink->close();
  state_->pool.reset();  // writes what waits, then joins
}

base::Result<std::unique_ptr<Logger>> Logger::make(const Options& options) {
  if (options.to_file) {
    std::error_code ignored;  // opening the file tells what is wrong
    std::filesystem::create_directories(std::filesystem::path(options.path).parent_path(), ignored);
  }
  TRY(LogFile file, LogFile::open(options));
  auto state = std::make_unique<State>(options.level);
  const std::size_t lines = std::clamp<std::size_t>(options.queue_lines, 1, 1'000'000);
  state->pool = std::make_shared<spdlog::details::thread_pool>(lines, 1, begin_writer_thread);
  // Called on the pool's own thread only, which the pool joins before it goes.
  auto overrun = [pool = state->pool.get()]() -> std::uint64_t { return pool->overrun_counter(); };
  state->sink = std::make_shared<LogSink>(options, std::move(file), overrun);
  state->logger = std::make_shared<spdlog::async_logger>("weir", state->sink, state->pool,
                                                         spdlog::async_overflow_policy::overrun_oldest);
  state->logger->set_level(spdlog::level::trace);  // ours is asked before the line is formatted
  return std::unique_ptr<Logger>(new Logger(std::move(state)));
}

std::unique_ptr<Logger> Logger::make_silent() {
  return std::unique_ptr<Logger>(new Logger(std::make_unique<State>(Level::off)));
}

bool Logger::enabled(Level level) const {
  return level >= state_->level.load(std::memory_order_relaxed) && level != Level::off && state_->sink;
}

void Logger::set_level(Level level) { state_->level.store(level, std::memory_order_relaxed); }

base::Result<void> Logger::reopen() {
  if (!state_->sink) return {};
  flush();  // what was said before belongs into the old file
  return state_->sink->reopen();
}

std::uint64_t Logger::dropped_lines() const {
  return state_->sink ? state_->pool->overrun_counter() + state_->sink->unwritten() : 0;
}

std::vector<KeptLine> Logger::recent(std::uint64_t after, std::size_t most, Level lowest) const {
  return state_->sink ? state_->sink->tail().read(after, most, lowest) : std::vector<KeptLine>();
}

void Logger::flush() {
  if (!state_->sink) return;
  const std::uint64_t before = state_->sink->flushes();
  state_->logger->flush();
  state_->sink->wait_flush(before, flush_time);
}

void Logger::write(Level level, const base::SessionId& id, const base::SessionId& previous, std::string_view text) {
  if (!enabled(level)) return;
  fmt::memory_buffer packed;
  pack(id, previous, text.substr(0, longest_text), packed);
  if (text.size() > longest_text) packed.append(std::string_view(" ..."));
  state_->logger->log(spdlog_level(level), spdlog::string_view_t(packed.data(), packed.size()));
}

void write_formatted(Level level, const Context& who, fmt::string_view format, fmt::format_args arguments) {
  fmt::memory_buffer text;
  fmt::vformat_to(fmt::appender(text), format, arguments);
  who.logger->write(level, who.id, who.previous, std::string_view(text.data(), text.size()));
}

}  // namespace weir::log
