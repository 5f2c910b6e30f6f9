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

#include "base/log_flood.h"
#include "base/log_sink.h"

namespace weir::log {

namespace {

// A line longer than this is cut: what a peer can make us write is bounded.
constexpr std::size_t longest_text = 8 * 1024;
constexpr std::chrono::milliseconds flush_time{2000};
constexpr std::size_t flush_room = 64;

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
  State(Level lowest, std::size_t lines, unsigned lines_per_address)
      : level(lowest), queue_lines(lines), flood(lines_per_address) {}

  std::atomic<Level> level;
  const std::size_t queue_lines;
  Flood flood;
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
  const std::size_t lines = std::clamp<std::size_t>(options.queue_lines, 1, 1'000'000);
  auto state = std::make_unique<State>(options.level, lines, options.lines_per_address);
  // put() counts what waits, so that this queue is never full and never throws its oldest lines out; flushes need room.
  state->pool = std::make_shared<spdlog::details::thread_pool>(lines + flush_room, 1, begin_writer_thread);
  state->sink = std::make_shared<LogSink>(options, std::move(file));
  state->logger = std::make_shared<spdlog::async_logger>("weir", state->sink, state->pool,
                                                         spdlog::async_overflow_policy::overrun_oldest);
  state->logger->set_level(spdlog::level::trace);  // ours is asked before the line is formatted
  return std::unique_ptr<Logger>(new Logger(std::move(state)));
}

std::unique_ptr<Logger> Logger::make_silent() {
  return std::unique_ptr<Logger>(new Logger(std::make_unique<State>(Level::off, 0, 0)));
}

bool Logger::enabled(Level level) const {
  return level >= state_->level.load(std::memory_order_relaxed) && level != Level::off && state_->sink;
}

void Logger::set_level(Level level) { state_->level.store(level, std::memory_order_relaxed); }

void Logger::set_lines_per_address(unsigned lines_per_second) { state_->flood.set_rate(lines_per_second); }

base::Result<void> Logger::reopen() {
  if (!state_->sink) return {};
  flush();  // what was said before belongs into the old file
  return state_->sink->reopen();
}

base::Result<void> Logger::give_to(unsigned user, unsigned group) {
  if (!state_->sink) return {};
  return state_->sink->give_to(user, group);
}

std::uint64_t Logger::dropped_lines() const {
  return state_->sink ? state_->sink->waiting().dropped.load(std::memory_order_relaxed) + state_->sink->unwritten() : 0;
}

std::uint64_t Logger::left_out_lines() const { return state_->flood.left_out(); }

std::vector<KeptLine> Logger::recent(std::uint64_t after, std::size_t most, Level lowest) const {
  return state_->sink ? state_->sink->tail().read(after, most, lowest) : std::vector<KeptLine>();
}

void Logger::flush() {
  if (!state_->sink) return;
  const std::uint64_t before = state_->sink->flushes();
  state_->logger->flush();
  state_->sink->wait_flush(before, flush_time);
}

void Logger::write(Level level, const Context& who, std::string_view kind, fmt::format_args arguments) {
  if (!enabled(level)) return;
  const Flood::Verdict verdict = state_->flood.hit(who.origin, kind, std::chrono::steady_clock::now());
  if (verdict.silent_left_out > 0) {
    put(Level::warn, {.logger = this}, true,
        fmt::format("{} lines like '{}', caused by {}, were left out", verdict.silent_left_out, verdict.silent_kind,
                    verdict.silent_are_many ? "many addresses" : "one address"));
  }
  if (!verdict.write) return;
  fmt::memory_buffer text;
  fmt::vformat_to(fmt::appender(text), fmt::string_view(kind.data(), kind.size()), arguments);
  if (verdict.left_out > 0) {
    fmt::format_to(fmt::appender(text), " ({} more like this of the same address were left out)", verdict.left_out);
  }
  if (verdict.left_out_of_all > 0) {
    fmt::format_to(fmt::appender(text), " ({} more like this of many addresses were left out)",
                   verdict.left_out_of_all);
  }
  put(level, who, who.origin != 0, std::string_view(text.data(), text.size()));
}

void Logger::put(Level level, const Context& who, bool of_peer, std::string_view text) {
  // The newest line finds no room: those that came before a flood stay. Peers leave some for the server itself.
  Waiting& waiting = state_->sink->waiting();
  const std::size_t room = state_->queue_lines - (of_peer ? state_->queue_lines / 4 : 0);
  if (waiting.lines.fetch_add(1, std::memory_order_relaxed) >= room) {
    waiting.lines.fetch_sub(1, std::memory_order_relaxed);
    waiting.dropped.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  fmt::memory_buffer packed;
  pack(who.id, who.previous, text.substr(0, longest_text), packed);
  if (text.size() > longest_text) packed.append(std::string_view(" ..."));
  state_->logger->log(spdlog_level(level), spdlog::string_view_t(packed.data(), packed.size()));
}

void write_formatted(Level level, const Context& who, fmt::string_view format, fmt::format_args arguments) {
  who.logger->write(level, who, std::string_view(format.data(), format.size()), arguments);
}

}  // namespace weir::log
