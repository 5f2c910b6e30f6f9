#include "app/record/owner.h"

#include <fcntl.h>
#include <unistd.h>

#include "config/load.h"
#include "net/http/file.h"
#include "support/catch.h"
#include "unit/app/record/test_folder.h"

namespace weir::test::owner_test {

using record::owner_of;
using record::owner_text;
using FileIsFor = record::Verdict::Kind;

namespace {

std::shared_ptr<const config::Config> config_of_hosts(const std::string& vhosts) {
  auto report = config::load_text("t.conf", "listen 1935; " + vhosts, {});
  REQUIRE(report.config);
  return report.config;
}

const std::string by_token = "auth { enabled on; secret s; publish off; } ";

std::string text_by(const char* vhost) { return owner_text({vhost, "live", "cam"}); }

}  // namespace

TEST_CASE("the owner of a recording comes back as it was written, and nothing else is one", "[dvr][guard]") {
  for (const base::StreamKey& key : {base::StreamKey{"v", "live", "cam"}, base::StreamKey{"a/b", "", "c\nd"},
                                     base::StreamKey{"v", "live/cam", "x"}, base::StreamKey{"v", "live", "cam/x"}}) {
    CHECK(owner_of(owner_text(key)) == key);
  }
  CHECK(owner_text({"v", "live/cam", "x"}) != owner_text({"v", "live", "cam/x"}));
  CHECK(owner_text({"v", std::string("a\0b", 3), "x"}).empty());
  const std::string whole = owner_text({"v", "live", "cam"});
  for (std::size_t cut = 0; cut < whole.size(); ++cut) CHECK_FALSE(owner_of(whole.substr(0, cut)));
  CHECK_FALSE(owner_of(whole + "x"));
  CHECK_FALSE(owner_of(owner_text({"", "live", "cam"})));
}

TEST_CASE("a file is for whom the virtual host of its mark is for now", "[dvr][guard]") {
  struct Row {
    std::string vhosts;
    http::FileMark mark;
    FileIsFor kind;
  };
  const std::string open = "vhost open { }", closed = "vhost closed { " + by_token + "}";
  const std::vector<Row> table{
      {open, {text_by("open")}, FileIsFor::anybody},
      {closed, {text_by("closed")}, FileIsFor::players},
      {closed, {text_by("closed"), true}, FileIsFor::players},
      {open, {text_by("open"), true}, FileIsFor::anybody},  // it was guarded once
      {"vhost closed { " + by_token + "dvr { dvr_guard off; } }", {text_by("closed"), true}, FileIsFor::anybody},
      {"vhost closed { " + by_token + "hls { hls_guard off; } }", {text_by("closed")}, FileIsFor::players},
      {"vhost closed { enabled off; " + by_token + "}", {text_by("closed")}, FileIsFor::nobody},
      {"vhost c { security { enabled on; allow play 10.0.0.0/8; } }", {text_by("c")}, FileIsFor::players},
      {"vhost c { security { enabled on; deny publish all; } }", {text_by("c")}, FileIsFor::anybody},
      {"vhost c { http_hooks { enabled on; on_play http://a/b; } }", {text_by("c")}, FileIsFor::players},
      {"vhost c { refer { enabled on; http on; all example.com; } }", {text_by("c")}, FileIsFor::players},
      // A virtual host that is no more is not judged by the default one.
      {"vhost __defaultVhost__ { } " + closed, {text_by("gone"), true}, FileIsFor::nobody},
      {"vhost __defaultVhost__ { " + by_token + "}", {text_by("gone")}, FileIsFor::anybody},
      {closed, {"", true}, FileIsFor::nobody},
      {closed, {"nonsense", true}, FileIsFor::nobody},
      {closed, {"nonsense"}, FileIsFor::by_path},
      {open, {}, FileIsFor::by_path},
  };
  for (const Row& row : table) {
    INFO(row.vhosts << " " << row.mark.owner << " " << row.mark.kept_back);
    const auto verdict = record::judge(*config_of_hosts(row.vhosts), row.mark);
    CHECK(verdict.kind == row.kind);
    if (verdict.kind != FileIsFor::players) continue;
    CHECK(verdict.key == owner_of(row.mark.owner));
    REQUIRE(verdict.vhost);
    CHECK(verdict.vhost->name == verdict.key.vhost);
  }
}

TEST_CASE("a file without a mark that lies where a guarded host records is one of it", "[dvr][guard]") {
  test::Folder folder;
  folder.write("html/live/cam.1.flv", "x");
  std::filesystem::create_directory_symlink(folder.path + "/html", folder.path + "/link");
  std::filesystem::create_symlink("live/cam.1.flv", folder.path + "/html/alias.flv");
  const auto config =
      config_of_hosts("vhost a { dvr { dvr_path " + folder.path + "/open/[stream].flv; } } vhost b { " + by_token +
                      "dvr { dvr_path " + folder.path + "/link/[app]/[stream].[timestamp].flv; } }");
  const auto places = record::guarded_places(*config);
  REQUIRE(places.templates.size() == 1);
  const std::string html = folder.path + "/html/";
  const auto is = [&](const std::string& path) {
    std::error_code failure;
    const auto real = std::filesystem::canonical(path, failure);
    return record::may_be_guarded(places, path, failure ? path : real.string());
  };
  CHECK(is(html + "live/cam.1.flv"));
  CHECK(is(folder.path + "/link/live/cam.1.flv"));
  CHECK(is(html + "alias.flv"));
  CHECK(is(html + "live/./cam.1.flv"));
  for (const char* name : {"live/cam.1.flv.tmp", "live/cam.1.flv.moov.tmp", "live/cam.1-2.flv"}) CHECK(is(html + name));
  for (const char* name : {"index.html", "live/cam.flv", "live/cam.1.mp4", "live/cam-1.ts"})
    CHECK_FALSE(is(html + name));
  CHECK_FALSE(is(folder.path + "/open/cam.flv"));
}

TEST_CASE("a mark stays with a file that is opened, renamed and made anew", "[dvr][guard]") {
  test::Folder folder;
  folder.write("a.flv", "x");
  const std::string path = folder.path + "/a.flv";
  const http::FileMark mark{owner_text({"v", "live", "cam"}), true};
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE_FALSE(http::write_mark(file, mark));
  ::close(file);
  if (http::read_mark(path).owner.empty()) {
    WARN("this file system keeps no extended attributes");
    return;
  }
  std::filesystem::rename(path, folder.path + "/b.html");
  CHECK(http::read_mark(folder.path + "/b.html") == mark);
  CHECK(http::File::open_beneath(folder.path, "b.html").status == http::File::Status::forbidden);
  const auto opened = http::File::open_beneath(folder.path, "b.html", true);
  REQUIRE(opened.file);
  CHECK(opened.file->mark() == mark);
  CHECK(opened.file->real_path() == std::filesystem::canonical(folder.path).string() + "/b.html");
  CHECK(http::read_mark(folder.path + "/none").owner.empty());
}

}  // namespace weir::test::owner_test
