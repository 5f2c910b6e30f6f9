#include "session/common/path_pattern.h"

#include "support/catch.h"

using namespace weir::session;
using namespace std::chrono_literals;

TEST_CASE("the variables of a path are filled in", "[path]") {
  PathValues values{.vhost = "v", .app = "live", .stream = "[seq]"};
  CHECK(fill_path("[vhost]/[app]/[stream].m3u8", values) == "v/live/[seq].m3u8");
  CHECK(fill_path("[app]/[seq]-[duration].ts", values) == "live/[seq]-[duration].ts");
  values.sequence = 7;
  values.duration = 9960ms;
  values.time = std::chrono::sys_time<std::chrono::milliseconds>(1'700'000'000'123ms);
  CHECK(fill_path("[app]/[stream]-[seq]-[duration]-[timestamp]-[999].ts", values) ==
        "live/[seq]-7-9960-1700000000123-123.ts");
  CHECK(fill_path("[2006]", values) == "2023");
  CHECK(fill_path("[01][02]-[15][04][05]", values).size() == 11);
  values.timestamp = 5;
  CHECK(fill_path("[timestamp]", values) == "5");
}

TEST_CASE("paths that leave their folder or cannot be a file's are told apart", "[path]") {
  CHECK(is_safe_path("live/a.ts"));
  CHECK(is_safe_path("a..b/.hidden"));
  for (const char* bad : {"", "live/", "../a", "live/../a", "live/..", "./a", "a\nb", "a\x7f"})
    CHECK_FALSE(is_safe_path(bad));
  CHECK_FALSE(is_safe_path(std::string(300, 'a')));
}
