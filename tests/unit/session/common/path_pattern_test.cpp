#include "session/common/path_pattern.h"

#include "support/catch.h"

namespace weir::test::path_pattern_test {

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

TEST_CASE("what peers named stays where the pattern puts it", "[path]") {
  const auto file = [](const char* pattern, const char* app, const char* stream) {
    const PathValues values{.vhost = "v", .app = app, .stream = stream};
    const auto path = fill_file(pattern, [&](std::string_view name) { return path_variable(name, values); });
    return path.value_or("(none)");
  };
  CHECK(file("./objs/[app]/[stream].log", "live/x", "cam") == "./objs/live/x/cam.log");
  CHECK(file("../[stream]", "live", "[app]") == "../[app]");
  CHECK(file(".[stream]/x", "live", "cam") == ".cam/x");
  for (const char* pattern : {"/d/[stream]", "/d/.[stream]/x", "[stream]/x", "/d/a-[stream]", "/d/[stream].log"}) {
    INFO(pattern);
    CHECK(file(pattern, "live", "..") == "(none)");
    CHECK(file(pattern, "live", ".") == "(none)");
    CHECK(file(pattern, "live", "../../x") == "(none)");
    CHECK(file(pattern, "live", "/etc/passwd") == "(none)");
    CHECK(file(pattern, "live", "a\nb") == "(none)");
  }
  CHECK(file("/d/[stream]", "live", "") == "(none)");
  CHECK(file("/d/[stream].log", "live", "") == "(none)");
  CHECK(file("/d/.[stream]", "live", "") == "(none)");
}

TEST_CASE("names that nobody refuses become elements of a path", "[path]") {
  CHECK(safe_value("stream", "../a/b") == "_._a_b");
  CHECK(safe_value("stream", "") == "_");
  CHECK(safe_value("app", "/live/../x/") == "live/_./x");
  CHECK(safe_value("app", "//") == "_");
  CHECK(safe_value("vhost", "a\x01\\b") == "a__b");
  CHECK(safe_value("stream", std::string(300, 'a')).size() == 200);
}

TEST_CASE("a value begins no option", "[path]") {
  const Lookup lookup = [](std::string_view name) -> std::optional<std::string> {
    if (name == "stream") return "-y";
    return std::nullopt;
  };
  CHECK_FALSE(fill_word("[stream]", lookup));
  CHECK(fill_word("-[stream]", lookup) == "--y");
  CHECK(fill_word("a[stream]", lookup) == "a-y");
  CHECK(fill_word("[other]", lookup) == "[other]");
}

TEST_CASE("a value leads no word elsewhere, and its variable is told", "[path]") {
  const auto word = [](const char* pattern, const char* app, const char* stream) {
    std::string at_fault;
    const PathValues values{.vhost = "v", .app = app, .stream = stream};
    const auto filled =
        fill_word(pattern, [&](std::string_view name) { return path_variable(name, values); }, &at_fault);
    return filled ? *filled : "(" + at_fault + ")";
  };
  CHECK(word("./objs/[app]/[stream].flv", "live/../../..", "cam") == "(app)");
  CHECK(word("./objs/[app]/[stream].flv", "live", "..") == "(stream)");
  CHECK(word("--out=[app]/x", "..", "cam") == "(app)");
  CHECK(word("-o[app]/x", "../x", "cam") == "(app)");
  CHECK(word("./.[stream]/x", "live", ".") == "(stream)");
  CHECK(word("out=.[stream]./x", "live", "") == "(stream)");
  CHECK(word("[vhost]/[app]", "a=..", "cam") == "(app)");
  CHECK(word("[stream]", "live", "-y") == "(stream)");
  CHECK(word("../[app]/[stream]", "live/x", "a..b") == "../live/x/a..b");
  CHECK(word("[app]/[stream]", "live", ".hidden") == "live/.hidden");
  CHECK(word("[app]/[stream].", "live", "...") == "live/....");
}

TEST_CASE("paths that leave their folder or cannot be a file's are told apart", "[path]") {
  CHECK(is_safe_path("live/a.ts"));
  CHECK(is_safe_path("a..b/.hidden"));
  for (const char* bad : {"", "live/", "../a", "live/../a", "live/..", "./a", "a\nb", "a\x7f"})
    CHECK_FALSE(is_safe_path(bad));
  CHECK_FALSE(is_safe_path(std::string(300, 'a')));
}

}  // namespace weir::test::path_pattern_test
