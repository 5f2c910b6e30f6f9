#include "app/record/retention.h"

#include "app/record/path.h"
#include "support/catch.h"
#include "unit/app/record/test_folder.h"

namespace weir::test::retention_test {

using namespace std::chrono_literals;
using record::Recorded;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> names(const std::vector<Recorded>& files) {
  std::vector<std::string> out;
  for (const Recorded& file : files) out.push_back(file.path);
  return out;
}

}  // namespace

TEST_CASE("recordings are removed by age, then the oldest by size", "[dvr]") {
  const std::chrono::system_clock::time_point now{1000h};
  const std::vector<Recorded> files{{"new", now - 1h, 50}, {"old", now - 30h, 10}, {"middle", now - 2h, 60}};
  using Names = std::vector<std::string>;
  CHECK(names(record::to_remove({"", 0ms, 0}, files, now)).empty());
  CHECK(names(record::to_remove({"", 24h, 0}, files, now)) == Names{"old"});
  CHECK(names(record::to_remove({"", 0ms, 100}, files, now)) == Names{"old", "middle"});
  CHECK(names(record::to_remove({"", 24h, 110}, files, now)) == Names{"old"});
  CHECK(names(record::to_remove({"", 90min, 0}, files, now - 24h)) == Names{"old"});  // of the future: kept
}

TEST_CASE("a clock that jumps removes nothing for an hour", "[dvr]") {
  record::ClockWatch watch;
  const std::chrono::system_clock::time_point wall{};
  const std::chrono::steady_clock::time_point now{};
  CHECK(watch.steady(wall, now));
  CHECK(watch.steady(wall + 62s, now + 60s));  // disciplined
  CHECK_FALSE(watch.steady(wall + 24h * 365, now + 120s));
  CHECK_FALSE(watch.steady(wall + 24h * 365 + 30min, now + 30min));
  CHECK(watch.steady(wall + 24h * 365 + 2h, now + 2h));
  CHECK_FALSE(watch.steady(wall, now + 3h));  // and back
}

TEST_CASE("only files that the template may have named are removed, and no link is followed", "[dvr]") {
  test::Folder folder;
  const std::string pattern = folder.path + "/rec/[app]/[stream].[timestamp].flv";
  folder.write("rec/live/cam.1000.flv", "aaaa");
  folder.write("rec/live/cam.2000.flv", "bbbb");
  folder.write("rec/live/cam.2000.flv.tmp", "bbbb");
  folder.write("rec/live/film.flv", "cccc");
  folder.write("elsewhere/x.3000.flv", "dddd");
  fs::create_directory_symlink(folder.path + "/elsewhere", folder.path + "/rec/link");
  CHECK(record::find_recordings(pattern).size() == 2);
  const auto done = record::remove_expired({pattern, 0ms, 1});
  CHECK(done.files == 2);
  CHECK(done.bytes == 8);
  CHECK(done.faults.empty());
  CHECK(fs::exists(folder.path + "/rec/live/film.flv"));
  CHECK(fs::exists(folder.path + "/rec/live/cam.2000.flv.tmp"));
  CHECK(fs::exists(folder.path + "/elsewhere/x.3000.flv"));
  CHECK(record::find_recordings(folder.path + "/none/[stream].flv").empty());
}

}  // namespace weir::test::retention_test
