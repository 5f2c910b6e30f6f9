#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace weir::log {

enum class Level : std::uint8_t { trace, debug, info, warn, error, off };

struct Options {
  bool to_file = false;             // else the console (standard output)
  std::string path;                 // of the file
  Level level = Level::info;        // lines below it are not formatted at all
  bool json = false;                // one JSON object a line instead of "[time][LEVEL][pid][id] text"
  bool utc = false;                 // else local time
  bool follow_links = true;         // else the file must be no link, as what root opens and gives to a user
  std::size_t queue_lines = 8192;   // what may wait for the writer thread; beyond it new lines are dropped and counted
  unsigned lines_per_address = 20;  // of one kind in a second, on average (base/log_flood.h); 0: no limit
};

struct KeptLine;  // base/log_tail.h
struct Context;

// Takes lines from any thread and writes them on a thread of its own: a slow disk or terminal never holds a worker up.
// Built in main and passed down inside Context; destroying it writes what waits.
class Logger {
 public:
  // Makes the file's folders. Fails when the file cannot be opened.
  static base::Result<std::unique_ptr<Logger>> make(const Options& options);
  // Swallows everything; for tests.
  static std::unique_ptr<Logger> make_silent();
  ~Logger();

  bool enabled(Level level) const;
  void set_level(Level level);
  void set_lines_per_address(unsigned lines_per_second);  // as in Options; from the next line on
  // Makes the open file that user's.
  base::Result<void> give_to(unsigned user, unsigned group);
  // Opens the file anew after it was moved away (SIGUSR1). The old one stays in use if that fails.
  base::Result<void> reopen();
  // Of a queue that was full, or that could not be written.
  std::uint64_t dropped_lines() const;
  // Of peers that caused too many.
  std::uint64_t left_out_lines() const;
  void flush();
  // The newest lines of that level or above, `most` at most, that are numbered above `after`; oldest first.
  std::vector<KeptLine> recent(std::uint64_t after, std::size_t most, Level lowest = Level::trace) const;

 private:
  friend void write_formatted(Level, const Context&, fmt::string_view, fmt::format_args);
  void write(Level level, const Context& who, std::string_view kind, fmt::format_args arguments);
  // `of_peer`: the last quarter of the queue is not for it.
  void put(Level level, const Context& who, bool of_peer, std::string_view text);

  struct State;
  explicit Logger(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Who speaks: the session whose id stands in every line of it. A value; the Logger outlives it.
struct Context {
  Logger* logger = nullptr;
  base::SessionId id{};
  base::SessionId previous{};  // the session that this one follows from, if any; logged where it is set
  std::uint64_t origin = 0;    // the peer that causes the line, as origin_of() says; 0: nobody, the line is not limited
};

// Formats and writes; the templates below only bind the arguments: a file that logs compiles no formatter.
void write_formatted(Level level, const Context& who, fmt::string_view format, fmt::format_args arguments);

template <class... Args>
void write(Level level, const Context& who, fmt::format_string<Args...> format, Args&&... args) {
  if (!who.logger || !who.logger->enabled(level)) return;
  write_formatted(level, who, fmt::string_view(format), fmt::make_format_args(args...));
}

template <class... Args>
void trace(const Context& who, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::trace, who, format, std::forward<Args>(args)...);
}
template <class... Args>
void debug(const Context& who, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::debug, who, format, std::forward<Args>(args)...);
}
template <class... Args>
void info(const Context& who, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, who, format, std::forward<Args>(args)...);
}
template <class... Args>
void warn(const Context& who, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warn, who, format, std::forward<Args>(args)...);
}
template <class... Args>
void error(const Context& who, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, who, format, std::forward<Args>(args)...);
}

}  // namespace weir::log
