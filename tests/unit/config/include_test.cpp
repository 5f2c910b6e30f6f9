#include "config/include.h"

#include "unit/config/support.h"

namespace weir::test::include_test {

using namespace weir::config;
using test::all;
using test::good;

namespace {

Report load(const test::Files& files, const std::string& path = "conf/main.conf") {
  Surroundings surroundings;
  surroundings.read_file = test::reader(files);
  return load_file(path, surroundings);
}

}  // namespace

TEST_CASE("included files are spliced in place, at any depth", "[config]") {
  const auto report = load({{"conf/main.conf", "include a.conf conf/b.conf;\nmax_connections 7;"},
                            {"a.conf", "listen 1935;\n"},
                            {"conf/b.conf", "vhost x {\n include play.inc;\n}\n"},
                            {"conf/play.inc", "play { include queue.inc; }"},
                            {"conf/queue.inc", "queue_length 12;"}});
  const auto config = good(report);
  CHECK(config->rtmp.listen.at(0).port == 1935);
  CHECK(config->limits.max_connections == 7);
  CHECK(config->vhosts.at(0)->play.queue_length == std::chrono::seconds(12));
}

TEST_CASE("the current directory comes before that of the including file", "[config]") {
  CHECK(good(load({{"conf/main.conf", "include l.conf;"}, {"l.conf", "listen 1;"}, {"conf/l.conf", "listen 2;"}}))
            ->rtmp.listen.at(0)
            .port == 1);
  CHECK(good(load({{"conf/main.conf", "include l.conf;"}, {"conf/l.conf", "listen 2;"}}))->rtmp.listen.at(0).port == 2);
}

TEST_CASE("an included file may be empty but not missing", "[config]") {
  good(load({{"conf/main.conf", "listen 1; include e.conf;"}, {"e.conf", ""}}));
  CHECK(all(load({{"conf/main.conf", "listen 1;\ninclude nothing.conf;"}}).errors) ==
        "conf/main.conf:2: cannot include 'nothing.conf': No such file or directory\n");
  CHECK(all(load({{"conf/main.conf", "listen 1;\ninclude;"}}).errors) == "conf/main.conf:2: 'include' names no file\n");
}

TEST_CASE("a mistake in an included file is told with that file", "[config]") {
  CHECK(all(load({{"conf/main.conf", "listen 1;\ninclude b.conf;\nlast 2;"}, {"b.conf", "\nplai {}\nx 1\n"}}).errors) ==
        "b.conf:2: 'plai' is not known at the root\n"
        "b.conf:3: the file ends inside 'x': its ';' is missing\n"
        "b.conf:3: 'x' is not known at the root\n"
        "conf/main.conf:3: 'last' is not known at the root\n");
}

TEST_CASE("files that include each other are refused", "[config]") {
  CHECK(all(load({{"conf/main.conf", "listen 1; include b.conf;"}, {"b.conf", "include conf/main.conf;"}}).errors) ==
        "b.conf:1: 'conf/main.conf' includes itself\n");

  test::Files chain{{"conf/main.conf", "listen 1; include 0;"}};
  for (int i = 0; i < 100; ++i) chain[std::to_string(i)] = fmt::format("include {};", i + 1);
  CHECK(all(load(chain).errors) == "15:1: 'include' is nested deeper than 16\n");

  test::Files wide{{"conf/main.conf", "listen 1;"}, {"e", ""}};
  for (int i = 0; i < 500; ++i) wide["conf/main.conf"] += "include e;";
  CHECK(all(load(wide).errors) == "conf/main.conf:1: more than 256 files are included\n");
}

}  // namespace weir::test::include_test
