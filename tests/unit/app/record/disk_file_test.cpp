#include "app/record/disk_file.h"

#include <future>

#include "app/record/error.h"
#include "support/catch.h"
#include "unit/app/record/test_folder.h"

namespace weir::test::disk_file_test {

using namespace std::chrono_literals;
using record::DiskFile;

namespace {

base::Buffer text(std::string_view words) {
  base::Buffer out;
  out.append(base::as_bytes(words));
  return out;
}

struct Bench {
  test::Folder folder;
  net::BlockingPool writers{1, 1000}, finishers{1, 1000};
  std::atomic<DiskFile::Clock::time_point> now{DiskFile::Clock::now()};
  std::promise<DiskFile::Outcome> promise;
  std::shared_ptr<DiskFile> file;

  void open(const std::string& name, DiskFile::Finish finish = DiskFile::Finish::rename) {
    file = DiskFile::make({writers, finishers, [this] { return now.load(); }}, folder.path + "/" + name, finish,
                          [this](const DiskFile::Outcome& outcome) { promise.set_value(outcome); });
  }
  DiskFile::Outcome outcome() {
    auto future = promise.get_future();
    REQUIRE(future.wait_for(10s) == std::future_status::ready);
    return future.get();
  }
  void settle() {  // what was queued before this is done
    std::promise<void> done;
    REQUIRE(writers.post([&done] { done.set_value(); }));
    done.get_future().wait();
  }
};

}  // namespace

TEST_CASE("a file has its name when it is complete, in folders that are made", "[dvr]") {
  Bench bench;
  bench.open("a/b/c.flv");
  CHECK(bench.file->write(text("one ")));
  CHECK(bench.file->write(text("two")));
  bench.settle();
  CHECK(bench.folder.read("a/b/c.flv.tmp") == "one two");
  CHECK_FALSE(bench.folder.has("a/b/c.flv"));
  std::vector<DiskFile::Patch> patches;
  patches.push_back({0, text("ONE")});
  bench.file->close(std::move(patches));
  const auto outcome = bench.outcome();
  CHECK_FALSE(outcome.error);
  CHECK(outcome.path == bench.folder.path + "/a/b/c.flv");
  CHECK(outcome.bytes == 7);
  CHECK(bench.folder.read("a/b/c.flv") == "ONE two");
  CHECK_FALSE(bench.folder.has("a/b/c.flv.tmp"));
}

TEST_CASE("a recording without a byte leaves no file", "[dvr]") {
  Bench bench;
  bench.open("c.flv");
  bench.file->close();
  const auto outcome = bench.outcome();
  CHECK(outcome.path.empty());
  CHECK_FALSE(outcome.error);
  CHECK(std::filesystem::is_empty(bench.folder.path));
}

TEST_CASE("nothing is written over: a taken name is numbered, at the end too", "[dvr]") {
  Bench bench;
  bench.folder.write("c.flv", "first");
  bench.folder.write("c-1.flv.tmp", "of a crash");
  bench.open("c.flv");
  bench.file->write(text("mine"));
  bench.settle();
  bench.folder.write("c-2.flv", "of somebody who came meanwhile");
  bench.file->close();
  CHECK(bench.outcome().path == bench.folder.path + "/c-2-1.flv");
  CHECK(bench.folder.read("c.flv") == "first");
  CHECK(bench.folder.read("c-1.flv.tmp") == "of a crash");
  CHECK(bench.folder.read("c-2-1.flv") == "mine");
}

TEST_CASE("a place where no file can be made ends it with the reason", "[dvr]") {
  Bench bench;
  bench.folder.write("file", "x");
  bench.open("file/c.flv");
  bench.file->write(text("mine"));
  const auto outcome = bench.outcome();
  CHECK(outcome.error == boost::system::errc::not_a_directory);
  CHECK(outcome.error_path == bench.folder.path + "/file/c.flv");
  CHECK(outcome.path.empty());
  CHECK_FALSE(bench.file->write(text("more")));
}

TEST_CASE("a file that is deleted while it is written ends it", "[dvr]") {
  Bench bench;
  bench.open("c.flv");
  bench.file->write(text("mine"));
  bench.settle();
  std::filesystem::remove(bench.folder.path + "/c.flv.tmp");
  bench.now = bench.now.load() + 999ms;  // looked for once a second
  bench.file->write(text("more"));
  bench.settle();
  CHECK(bench.file->written() == 8);
  bench.now = bench.now.load() + 1ms;
  bench.file->write(text("lost"));
  const auto outcome = bench.outcome();
  CHECK(outcome.error == record::Errc::file_removed);
  CHECK(outcome.path.empty());
}

TEST_CASE("a disk that takes nothing bounds what waits, and what waited is kept", "[dvr]") {
  Bench bench;
  std::promise<void> stall;
  REQUIRE(bench.writers.post([future = std::make_shared<std::future<void>>(stall.get_future())] { future->wait(); }));
  bench.open("c.flv");
  const std::size_t piece = 4 * 1024 * 1024;
  std::size_t taken = 0;
  while (taken < 100 && bench.file->write(base::Buffer(piece))) ++taken;
  CHECK(taken == DiskFile::largest_backlog / piece);
  CHECK(bench.file->backlog() == taken * piece);
  stall.set_value();
  const auto outcome = bench.outcome();
  CHECK(outcome.error == record::Errc::too_slow);
  CHECK(outcome.bytes == taken * piece);
  CHECK(std::filesystem::file_size(bench.folder.path + "/c.flv") == taken * piece);
}

TEST_CASE("what is no MP4 keeps its name and bytes, and says why it stays as it was", "[dvr]") {
  Bench bench;
  bench.open("c.mp4", DiskFile::Finish::tables_first);
  bench.file->write(text("no boxes at all in this"));
  bench.file->close();
  const auto outcome = bench.outcome();
  CHECK_FALSE(outcome.error);
  CHECK(outcome.unordered);
  CHECK(bench.folder.read("c.mp4") == "no boxes at all in this");
  CHECK_FALSE(bench.folder.has("c.mp4.moov.tmp"));
}

}  // namespace weir::test::disk_file_test
