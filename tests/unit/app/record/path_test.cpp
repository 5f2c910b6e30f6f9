#include "app/record/path.h"

#include <cstdlib>
#include <ctime>

#include "support/catch.h"

namespace weir::test::path_test {

using record::Container;
using record::PathFacts;

namespace {

PathFacts facts(std::string app, std::string stream) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  // 2026-03-05 07:08:09.042 UTC
  return {"example.com", std::move(app), std::move(stream),
          std::chrono::system_clock::time_point(std::chrono::milliseconds(1'772'694'489'042))};
}

}  // namespace

TEST_CASE("the variables of dvr_path", "[dvr]") {
  const PathFacts f = facts("live", "cam");
  CHECK(record::expand("./html/[vhost]/[app]/[stream].[timestamp].flv", f) ==
        "./html/example.com/live/cam.1772694489042.flv");
  CHECK(record::expand("/r/[2006]/[01]/[02]/[15].[04].[05].[999]-[stream].mp4", f) ==
        "/r/2026/03/05/07.08.09.042-cam.mp4");
  CHECK(record::expand("a[b]/[stream]", f) == "a[b]/cam");  // what is no variable stays
  CHECK(record::expand("[app]/[stream].ts", facts("a/b", "c")) == "a/b/c.ts");
}

TEST_CASE("nothing that a publisher names leaves the folder", "[dvr]") {
  const char* where = "/r/[app]/[stream].flv";
  CHECK(record::expand(where, facts("..", "..")) == "/r/_./_..flv");
  CHECK(record::expand(where, facts("../../etc", "passwd")) == "/r/_./_./etc/passwd.flv");
  CHECK(record::expand(where, facts("live", "../x")) == "/r/live/_._x.flv");
  CHECK(record::expand(where, facts("/", "")) == "/r/_/_.flv");
  CHECK(record::expand(where, facts("//live//", ".hidden")) == "/r/live/_hidden.flv");
  CHECK(record::expand(where, facts("live", std::string("a\0b\n\\c", 6))) == "/r/live/a_b__c.flv");
  CHECK(record::expand(where, facts("live", "[app]")) == "/r/live/[app].flv");  // filled in once
  CHECK(record::expand(where, facts("live", std::string(1000, 'x'))).size() < 250);
  CHECK(record::expand("/r/[vhost].flv", {"../..", "", "", {}}) == "/r/_._...flv");
}

TEST_CASE("what SRS adds to a path", "[dvr]") {
  CHECK(record::complete_template("./html") == "./html/[app]/[stream].[timestamp].flv");
  CHECK(record::complete_template("./html/[vhost]/") == "./html/[vhost]/[stream].[timestamp].flv");
  for (const char* whole : {"a/[stream].mp4", "a/b.flv", "[stream].ts"})
    CHECK(record::complete_template(whole) == whole);
  CHECK(record::container_of("a.mp4") == Container::mp4);
  CHECK_FALSE(record::container_of("a.mkv"));
}

TEST_CASE("names that are taken are numbered", "[dvr]") { CHECK(record::numbered("a.b/c.flv", 2) == "a.b/c-2.flv"); }

TEST_CASE("which files a template may have named", "[dvr]") {
  const char* pattern = "html/[app]/[stream].[2006]-[01].mp4";
  CHECK(record::may_come_from(pattern, "html/live/cam.2026-03.mp4"));
  CHECK(record::may_come_from(pattern, "html/a/b/cam.x.2026-03.mp4"));
  CHECK(record::may_come_from(pattern, "html/live/cam.2026-03-1.mp4"));  // numbered
  CHECK_FALSE(record::may_come_from(pattern, "html/live/cam.2026-3.mp4"));
  CHECK_FALSE(record::may_come_from(pattern, "html/live/cam.2026-03.mp4.tmp"));
  CHECK_FALSE(record::may_come_from(pattern, "html/live/film.mp4"));
  CHECK_FALSE(record::may_come_from(pattern, "html/cam.2026-03.mp4"));
  CHECK_FALSE(record::may_come_from(pattern, "other/live/cam.2026-03.mp4"));
  CHECK(record::may_come_from("[stream].[timestamp].flv", "cam.1772694489042.flv"));
  CHECK(record::fixed_folder("html/x-[app]/[stream].flv") == "html");
  CHECK(record::fixed_folder("/[stream].flv") == "/");
  CHECK(record::fixed_folder("[stream].flv") == ".");
}

}  // namespace weir::test::path_test
