#include "base/log_flood.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/log.h"
#include "support/catch.h"

namespace weir::test::log_flood_test {

using log::Flood;

namespace {

constexpr std::string_view kind = "play of {}", other_kind = "publish of {}";
const std::uint64_t one = log::origin_of("192.0.2.1"), other = log::origin_of("192.0.2.2");
constexpr base::Instant start{base::Millis{1'000'000}};

int written(Flood& flood, std::uint64_t origin, std::string_view of, base::Instant now, int times) {
  int count = 0;
  for (int i = 0; i < times; ++i) count += flood.hit(origin, of, now).write;
  return count;
}

}  // namespace

TEST_CASE("lines of a kind and address come at a rate, and what is left out is told", "[log]") {
  Flood flood(10);
  CHECK(written(flood, one, kind, start, 1000) == 50);  // five seconds at once
  CHECK(flood.left_out() == 950);
  CHECK(written(flood, one, other_kind, start, 30) == 30);
  CHECK(written(flood, other, kind, start, 30) == 30);
  CHECK(written(flood, 0, kind, start, 1000) == 1000);  // the server's own
  CHECK(log::origin_of("") == 0);
  const auto later = flood.hit(one, kind, start + base::Millis{1000});
  CHECK(later.write);
  CHECK(later.left_out == 950);
  CHECK(flood.hit(one, kind, start + base::Millis{1000}).left_out == 0);
  CHECK(written(flood, one, kind, start + base::Millis{1000}, 1000) == 8);
}

TEST_CASE("what a flood that has ended left out is told beside other lines", "[log]") {
  Flood flood(1);
  (void)written(flood, one, kind, start, 100);
  std::uint64_t told = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto verdict = flood.hit(other, other_kind, start + base::Millis{3000 + i});
    if (verdict.silent_kind == kind) told += verdict.silent_left_out;
  }
  CHECK(told == 95);
}

TEST_CASE("a million addresses take tables of fixed size, and write ten times what one may", "[log]") {
  Flood flood(1);
  std::uint64_t written = 0, told = 0;
  for (int i = 0; i < 1'000'000; ++i) {  // 1,000 addresses a second, 1,000 seconds
    const auto verdict = flood.hit(log::origin_of("a" + std::to_string(i)), kind, start + base::Millis{i});
    written += verdict.write;
    told += verdict.left_out_of_all + verdict.silent_left_out;
  }
  CHECK(written >= 10'045);  // 50 at once, then 10 a second
  CHECK(written <= 10'050);
  CHECK(flood.left_out() == 1'000'000 - written);
  const auto last = flood.hit(one, kind, start + base::Millis{1'001'000});
  CHECK(last.write);
  CHECK(told + last.left_out_of_all == flood.left_out());
}

TEST_CASE("what many addresses had left out is told beside other lines when they have fallen silent", "[log]") {
  Flood flood(1);
  for (int i = 0; i < 100; ++i) (void)flood.hit(log::origin_of("a" + std::to_string(i)), kind, start);
  CHECK(flood.left_out() == 50);
  std::uint64_t told = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto verdict = flood.hit(other, other_kind, start + base::Millis{3000 + i});
    if (verdict.silent_are_many && verdict.silent_kind == kind) told += verdict.silent_left_out;
  }
  CHECK(told == 50);
}

TEST_CASE("without a rate nothing is left out", "[log]") {
  Flood flood(0);
  CHECK(written(flood, one, kind, start, 1000) == 1000);
}

TEST_CASE("a rate that is set later counts from the next line on", "[log]") {
  Flood flood(0);
  flood.set_rate(20);
  CHECK(written(flood, one, kind, start, 1000) == 100);
  flood.set_rate(40);
  CHECK(written(flood, one, kind, start + std::chrono::seconds(100), 1000) == 200);
  flood.set_rate(0);
  CHECK(written(flood, one, kind, start + std::chrono::seconds(200), 1000) == 1000);
}

TEST_CASE("peers that flood drop their own lines and not those that were there before", "[log]") {
  const auto folder = std::filesystem::temp_directory_path() / ("weir-flood-" + std::to_string(::getpid()));
  log::Options options;
  options.to_file = true;
  options.path = (folder / "weir.log").string();
  options.lines_per_address = 20;
  {
    auto logger = log::Logger::make(options).value();
    const log::Context peer{.logger = logger.get(), .origin = one};
    log::info({.logger = logger.get()}, "before");
    for (int i = 0; i < 100'000; ++i) log::info(peer, "flood {}", i);
    log::info({.logger = logger.get()}, "after");
    CHECK(logger->left_out_lines() > 90'000);
    CHECK(logger->dropped_lines() == 0);
  }
  std::ifstream file(options.path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  CHECK(text.find("before\n") != std::string::npos);
  CHECK(text.find("flood 99\n") != std::string::npos);
  CHECK(text.find("after\n") != std::string::npos);
  CHECK(text.size() < 100'000);
  std::filesystem::remove_all(folder);
}

}  // namespace weir::test::log_flood_test
