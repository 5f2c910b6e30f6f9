// Lists of files that are played one after another.
#include "session/pull/file_list.h"

#include "support/catch.h"

namespace weir::test::file_list_test {

using session::pull::is_file_list;
using session::pull::parse_file_list;

TEST_CASE("a list is known by its name", "[pull]") {
  for (const char* name : {"a.m3u", "a.M3U8", "day/a.list", "a.txt"}) CHECK(is_file_list(name));
  for (const char* name : {"a.flv", "m3u", "a.txt.flv", ""}) CHECK_FALSE(is_file_list(name));
}

TEST_CASE("a list names files beside it, or from the root, and comments are none", "[pull]") {
  const auto names = parse_file_list("day/show.m3u",
                                     "\xef\xbb\xbf#EXTM3U\r\n#EXTINF:12,a film\r\none.flv\r\n\r\n  two three.mp3 \n"
                                     "/slates/night.mp4\nsub/four.aac");
  CHECK(names.fault.empty());
  CHECK(names.names ==
        std::vector<std::string>{"day/one.flv", "day/two three.mp3", "slates/night.mp4", "day/sub/four.aac"});
  CHECK(parse_file_list("a.list", "x.flv").names == std::vector<std::string>{"x.flv"});
}

TEST_CASE("what is wrong with a list is told with its line", "[pull]") {
  const auto fault = [](std::string_view text) { return parse_file_list("a.list", text).fault; };
  CHECK(fault("") == "a.list names no file");
  CHECK(fault("# nothing\n\n") == "a.list names no file");
  CHECK(fault("a.flv\nhttp://h/b.flv") == "a.list line 2: a list holds files, no URLs");
  CHECK(fault("../b.flv") == "a.list line 1: '..' leads out of the folder");
  CHECK(fault("a.flv\n\nb.m3u") == "a.list line 3: a list holds no lists");
  CHECK(fault("a\tb.flv") == "a.list line 1: a name has a control character");
  CHECK(fault("/") == "a.list line 1: it names no file");
  std::string many;
  for (std::size_t i = 0; i <= session::pull::most_in_list; ++i) many += "a\n";
  CHECK(fault(many) == "a.list line 10001: more than 10000 files");
}

}  // namespace weir::test::file_list_test
