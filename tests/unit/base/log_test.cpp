#include "base/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <thread>

#include "base/log_limit.h"
#include "base/log_line.h"
#include "support/catch.h"

namespace weir::test::log_test {

using log::Level;

namespace {

// A directory of its own for each test, gone with it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-log-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string content(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

std::string line_of(const log::Line& line, bool json) {
  log::LineFormat format(json, true);
  fmt::memory_buffer out;
  format.append(line, out);
  return fmt::to_string(out);
}

// 2025-01-31 10:57:30.776 UTC
const std::chrono::system_clock::time_point when{std::chrono::milliseconds{1738321050776}};
const auto id = base::SessionId::from("k3x09q1z");
const auto previous = base::SessionId::from("a1b2c3d4");

log::Options to_file(std::string path) {
  log::Options options;
  options.to_file = true;
  options.path = std::move(path);
  return options;
}

std::string escaped(std::string_view text) {
  fmt::memory_buffer out;
  log::append_escaped(text, out);
  return fmt::to_string(out);
}

std::string json_escaped(std::string_view text) {
  fmt::memory_buffer out;
  log::append_json_escaped(text, out);
  return fmt::to_string(out);
}

}  // namespace

TEST_CASE("a line has the form that readers of SRS's log expect", "[log]") {
  const std::string pid = std::to_string(::getpid());
  CHECK(line_of({when, Level::info, id, {}, "hello"}, false) ==
        "[2025-01-31 10:57:30.776][INFO][" + pid + "][k3x09q1z] hello\n");
  CHECK(line_of({when, Level::warn, id, previous, "hello"}, false) ==
        "[2025-01-31 10:57:30.776][WARN][" + pid + "][k3x09q1z][0] (after a1b2c3d4) hello\n");
  CHECK(line_of({when, Level::error, {}, {}, ""}, false) == "[2025-01-31 10:57:30.776][ERROR][" + pid + "][-][0] \n");
}

TEST_CASE("a JSON line is one object with the same members", "[log]") {
  const std::string pid = std::to_string(::getpid());
  CHECK(line_of({when, Level::info, id, previous, "say \"hi\"\n\\ \x01"}, true) ==
        R"({"time":"2025-01-31T10:57:30.776Z","level":"info","pid":)" + pid +
            R"(,"id":"k3x09q1z","previous":"a1b2c3d4","text":"say \"hi\"\u000a\\ \u0001"})" + "\n");
  CHECK(line_of({when, Level::warn, {}, {}, ""}, true) ==
        R"({"time":"2025-01-31T10:57:30.776Z","level":"warn","pid":)" + pid + R"(,"text":""})" + "\n");
}

TEST_CASE("local JSON time carries its offset", "[log]") {
  ::setenv("TZ", "XST-2", 1);
  ::tzset();
  log::LineFormat format(true, false);
  fmt::memory_buffer out;
  format.append({when, Level::info, {}, {}, ""}, out);
  CHECK(fmt::to_string(out).find(R"("time":"2025-01-31T12:57:30.776+02:00")") != std::string::npos);
  ::unsetenv("TZ");
  ::tzset();
}

TEST_CASE("what a peer says can not begin a line or steer a terminal", "[log]") {
  CHECK(escaped("a\n[2025-01-31 10:57:30.776][INFO][1][aaaaaaaa] forged") ==
        "a\\x0a[2025-01-31 10:57:30.776][INFO][1][aaaaaaaa] forged");
  CHECK(escaped("\r\t\x1b[31m\x7f") == "\\x0d\\x09\\x1b[31m\\x7f");
  CHECK(escaped(std::string_view("\0x", 2)) == "\\x00x");
  CHECK(escaped("\xc2\x9b") == "\\xc2\\x9b");                                          // C1 control sequence introducer
  CHECK(escaped("\xe6\xb5\x81 \xf0\x9f\x8e\xa5") == "\xe6\xb5\x81 \xf0\x9f\x8e\xa5");  // well-formed UTF-8 stays
}

TEST_CASE("bytes that are not UTF-8 are shown and leave JSON valid", "[log]") {
  for (const std::string_view bad : {"\xff", "\x80", "\xc1", "\xe6"}) {
    CHECK(escaped(bad) == fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(bad[0]))));
    CHECK(json_escaped(bad) == "\xef\xbf\xbd");
  }
  CHECK(escaped("\xc0\xaf") == "\\xc0\\xaf");                    // overlong
  CHECK(escaped("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");           // overlong
  CHECK(escaped("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // surrogate
  CHECK(escaped("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
  CHECK(json_escaped("\xc2\x85") == "\\u0085");
}

TEST_CASE("lines reach the file in order and below the level nothing does", "[log]") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("weir.log");
  {
    auto logger = log::Logger::make(to_file(path)).value();
    const log::Context who{logger.get(), id};
    log::debug(who, "unseen");
    for (int i = 0; i < 1000; ++i) log::info(who, "line {}", i);
    logger->set_level(Level::error);
    log::warn(who, "unseen");
    log::error(who, "last");
    CHECK(logger->dropped_lines() == 0);
  }
  const std::string text = content(path);
  CHECK(count_of(text, "\n") == 1001);
  CHECK(text.find("unseen") == std::string::npos);
  CHECK(text.find("line 998\n") < text.find("line 999\n"));
  const std::regex form(R"(\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\]\[ERROR\]\[\d+\]\[k3x09q1z\]\[0\] last\n)");
  CHECK(std::regex_search(text, form));
}

TEST_CASE("a text that is too long is cut", "[log]") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("weir.log");
  {
    auto logger = log::Logger::make(to_file(path)).value();
    log::info({logger.get()}, "{}", std::string(100'000, 'x'));
  }
  CHECK(content(path).size() < 9000);
  CHECK(content(path).substr(content(path).size() - 5) == " ...\n");
}

TEST_CASE("reopen leaves the moved file and begins a new one", "[log]") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("weir.log");
  const std::string moved = directory.file("weir.log.1");
  auto logger = log::Logger::make(to_file(path)).value();
  log::info({logger.get()}, "before");
  std::filesystem::rename(path, moved);
  log::info({logger.get()}, "between");
  REQUIRE(logger->reopen());
  log::info({logger.get()}, "after");
  logger->flush();
  CHECK(count_of(content(moved), "before") == 1);
  CHECK(count_of(content(moved), "between") == 1);
  CHECK(count_of(content(path), "after") == 1);
}

TEST_CASE("a reopen that fails keeps the old file", "[log]") {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory.file("logs"));
  auto logger = log::Logger::make(to_file(directory.file("logs/weir.log"))).value();
  std::filesystem::rename(directory.file("logs"), directory.file("moved"));
  const auto result = logger->reopen();
  REQUIRE_FALSE(result);
  CHECK(result.error() == boost::system::errc::no_such_file_or_directory);
  log::info({logger.get()}, "still here");
  logger->flush();
  CHECK(count_of(content(directory.file("moved/weir.log")), "still here") == 1);
}

TEST_CASE("a file that can not be opened is an error of make", "[log]") {
  const TemporaryDirectory directory;
  std::ofstream(directory.file("file")) << "not a folder";
  CHECK_FALSE(log::Logger::make(to_file(directory.file("file/weir.log"))));
  CHECK(log::Logger::make(to_file(directory.file("new/folder/weir.log"))));
}

TEST_CASE("a silent logger formats nothing", "[log]") {
  auto logger = log::Logger::make_silent();
  CHECK_FALSE(logger->enabled(Level::error));
  log::error({logger.get()}, "{}", 1);
  logger->flush();
  CHECK(logger->reopen());
}

TEST_CASE("when nobody reads, lines are dropped and counted and no caller waits", "[log]") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  auto options = to_file(path);
  options.queue_lines = 64;
  constexpr int total = 5000;
  std::size_t seen = 0;
  {
    auto logger = log::Logger::make(options).value();
    for (int i = 0; i < total; ++i) log::info({logger.get()}, "{}", std::string(200, 'x'));
    CHECK(logger->dropped_lines() > 0);
    logger->flush();  // past the patience with a reader, which is shorter than that of who flushes

    // Now it is read: what was dropped is told, and all lines are either written or counted.
    std::string text;
    std::array<char, 65536> part{};
    const auto drain = [&] {
      for (ssize_t n = ::read(reader, part.data(), part.size()); n > 0; n = ::read(reader, part.data(), part.size()))
        text.append(part.data(), static_cast<std::size_t>(n));
    };
    drain();
    log::info({logger.get()}, "awake");
    logger->flush();
    drain();
    CHECK(text.find("log lines were dropped") != std::string::npos);
    CHECK(text.find("awake\n") != std::string::npos);
    seen = count_of(text, "xxx\n");
    CHECK(seen + logger->dropped_lines() == total);
  }
  ::close(reader);
}

TEST_CASE("lines of many threads stay whole", "[log]") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("weir.log");
  {
    auto logger = log::Logger::make(to_file(path)).value();
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&logger, t] {
        for (int i = 0; i < 500; ++i) log::info({logger.get()}, "<{}:{}>", t, i);
      });
    for (auto& thread : threads) thread.join();
  }
  const std::string text = content(path);
  CHECK(count_of(text, "\n") == 2000);
  CHECK(count_of(text, ">\n") == 2000);
}

TEST_CASE("a repeated line is let through once a second with its count", "[log]") {
  log::Limit limit;
  const base::Instant start{};
  CHECK(limit.hit(start) == 1);
  for (int i = 1; i <= 10; ++i) CHECK(limit.hit(start + base::Millis{i * 90}) == 0);
  CHECK(limit.hit(start + base::Millis{1000}) == 11);
  CHECK(limit.hit(start + base::Millis{1001}) == 0);
  CHECK(limit.take_pending() == 1);
  CHECK(limit.take_pending() == 0);
}

}  // namespace weir::test::log_test
