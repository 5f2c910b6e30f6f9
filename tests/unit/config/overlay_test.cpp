// What the API added, in a file that is read behind all others.
#include "config/overlay.h"

#include "config/source_rules.h"
#include "unit/config/support.h"

namespace weir::test::overlay_test {

using namespace weir::config;
using test::all;
using test::good;

namespace {

const std::string main_file =
    "listen 1935;\nhttp_api { overlay o.conf; }\nvhost a { source live/one { url http://h/1.flv; } }\n";

Report load(const std::string& overlay, const std::string& main = main_file) {
  Surroundings surroundings;
  surroundings.read_file = test::reader({{"m.conf", main}, {"o.conf", overlay}});
  return load_file("m.conf", surroundings);
}
std::string errors(const std::string& overlay, const std::string& main = main_file) {
  return all(load(overlay, main).errors);
}

}  // namespace

TEST_CASE("an overlay adds sources and pushes behind what is configured", "[config][overlay]") {
  const auto config =
      good(load("vhost a {\n source live/two { url http://h/2.flv; priority 3; }\n"
                " push live { url rtmp://h/app/key; }\n}\n"));
  const Vhost& vhost = *config->vhosts.front();
  REQUIRE(vhost.sources.size() == 2);
  CHECK(vhost.sources[0].at == "m.conf:3");
  CHECK_FALSE(vhost.sources[0].by_api);
  CHECK(vhost.sources[1].at == "o.conf:2");
  CHECK(vhost.sources[1].by_api);
  CHECK(vhost.sources[1].public_only);
  CHECK(vhost.sources[1].priority == 3);
  REQUIRE(vhost.pushes.size() == 1);
  CHECK(vhost.pushes[0].by_api);
  CHECK(applies(vhost.pushes[0], "live", "any"));
  CHECK_FALSE(applies(vhost.pushes[0], "tv", "any"));
  CHECK(name_of(vhost.sources[0]) != name_of(vhost.sources[1]));
}

TEST_CASE("no overlay is needed until something is added", "[config][overlay]") {
  Surroundings surroundings;
  surroundings.read_file = test::reader({{"m.conf", main_file}});
  CHECK(good(load_file("m.conf", surroundings))->vhosts.front()->sources.size() == 1);
  surroundings.read_file = [](const std::string& path) -> base::Result<std::string> {
    if (path == "m.conf") return main_file;
    return boost::system::errc::make_error_code(boost::system::errc::permission_denied);
  };
  CHECK(all(load_file("m.conf", surroundings).errors) ==
        "m.conf:2: the overlay 'o.conf' cannot be read: Permission denied\n");
}

TEST_CASE("a bad overlay is told with file and line", "[config][overlay]") {
  CHECK(errors("vhost a {\n source live/x { url http://h/x.flv; }\n hls { enabled on; }\n}") ==
        "o.conf:3: 'hls' has no place in an overlay: its virtual hosts hold blocks 'source' and 'push'\n");
  CHECK(errors("listen 1936;") ==
        "o.conf:1: 'listen' has no place in an overlay, which holds 'vhost NAME { ... }' and "
        "'variables { ... }' alone\n");
  CHECK(errors("vhost a { include /etc/passwd; }").find("'include' has no place") != std::string::npos);
  CHECK(errors("vhost b { source live/x { url http://h/x.flv; } }") == "o.conf:1: vhost 'b' is not configured\n");
  CHECK(errors("vhost a {\n\n source live/x { } }") == "o.conf:3: source live/x names no 'url'\n");
  CHECK(errors("vhost a { push live/x { } }") == "o.conf:1: push live/x names no 'url'\n");
  CHECK(errors("vhost a { push live/x { url ftp://h/x; } }").find("is neither host[:port] nor") != std::string::npos);
  CHECK(errors("vhost a { source live/x { url http://h/x.flv; nonsense on; } }").find("o.conf:1: 'nonsense'") == 0);
  CHECK(errors("vhost a {").find("o.conf:1: ") == 0);
  CHECK(errors(std::string(largest_overlay + 1, '#')) == "o.conf: the overlay is too large\n");
  // Of one stream all are fetched on demand or none is, whoever wrote them.
  CHECK(errors("vhost a { source live/one { url http://h/x.flv; on_demand on; } }").find("o.conf:1: ") == 0);
}

TEST_CASE("what an overlay may name is said by overlay_allow", "[config][overlay]") {
  const auto with = [](const std::string& allow, const std::string& url) {
    const std::string main = "listen 1935;\nhttp_api { overlay o.conf; " + allow + " }\nvhost a { }\n";
    return errors("vhost a { source live/x { url '" + url + "'; } }", main);
  };
  for (const char* url : {"http://127.0.0.1/x.flv", "http://localhost/x.flv", "http://a.localhost/x.flv",
                          "http://169.254.169.254/latest", "rtmp://[::1]/live/x", "rtmp://[::ffff:10.0.0.1]/live/x",
                          "http://192.168.1.1/x.flv", "tcp://:9000", "udp://239.1.1.1:5000", "srt://10.0.0.1:9000"}) {
    INFO(url);
    CHECK(with("", url).find("overlay_allow local;") != std::string::npos);
    CHECK(with("overlay_allow local;", url).empty());
  }
  CHECK(with("overlay_allow local;", "exec:ffmpeg -i x -").find("overlay_allow exec;") != std::string::npos);
  CHECK(with("overlay_allow exec;", "exec:ffmpeg -i x -").empty());
  CHECK(with("overlay_allow exec local;", "file:film.flv").find("overlay_allow file;") != std::string::npos);
  CHECK(with("overlay_allow file;", "file:film.flv").empty());
  CHECK(with("overlay_allow file;", "file:../../etc/passwd").find("outside the directory") != std::string::npos);
  CHECK(with("overlay_allow all;", "http://h/x.flv") ==
        "m.conf:2: overlay_allow takes exec, file, local and variables, not 'all'\n");
  const std::string main = "listen 1935;\nhttp_api { overlay o.conf; }\nvhost a { }\n";
  CHECK(errors("vhost a { push live { url 127.0.0.1:19350; } }", main).find("overlay_allow local;") !=
        std::string::npos);
}

TEST_CASE("an overlay is written as it is read", "[config][overlay]") {
  Problems problems;
  const std::string text =
      "vhost a {\n    source live/x {\n        url \"exec:f -i 'a b' -\" http://h/x;\n        on_demand on;\n    "
      "}\n}\n";
  const auto nodes = parse_overlay("o.conf", text, problems);
  CHECK_FALSE(problems.has_errors());
  const std::string written = overlay_text(nodes);
  CHECK(written.substr(written.find("vhost")) == text);
  CHECK(overlay_text(parse_overlay("o.conf", written, problems)) == written);
  const auto secret = parse_overlay("o.conf", "vhost a { push live { url rtmp://u:p@h/app/key?x=y; } }", problems);
  const std::string shown = shown_overlay(secret);
  for (const char* part : {"u:p", "key", "x=y"}) CHECK(shown.find(part) == std::string::npos);
  CHECK(can_be_written("a \"b\" c"));
  CHECK_FALSE(can_be_written("a \"b' c"));
  CHECK_FALSE(can_be_written("a\nb"));
}

TEST_CASE("another overlay comes with the files as they were", "[config][overlay]") {
  test::Files files{{"m.conf", "include b.conf;\n" + main_file}, {"b.conf", "max_connections 7;\n"}};
  Surroundings surroundings;
  surroundings.read_file = [&files](const std::string& path) { return test::reader(files)(path); };
  const auto config = good(load_file("m.conf", surroundings));
  files = {{"m.conf", "nonsense"}};
  const Report next = load_again(*config, "vhost a { source live/two { url http://h/2.flv; } }", surroundings);
  CHECK(good(next)->vhosts.front()->sources.size() == 2);
  CHECK(next.config->limits.max_connections == 7);
  CHECK(all(load_again(*config, "vhost a { nonsense; }", surroundings).errors).find("o.conf:1: ") == 0);
  // Without a file, too.
  surroundings.environment = {{"SRS_HTTP_API_OVERLAY", "o.conf"}};
  const auto bare = good(load_environment(surroundings));
  CHECK(good(load_again(*bare, "vhost __defaultVhost__ { push live { url h; } }", surroundings))
            ->vhosts.front()
            ->pushes.size() == 1);
}

TEST_CASE("standard input is added by the API where files are", "[config][overlay]") {
  const std::vector<std::string> nothing, files{"file"};
  CHECK(fault_of_added_url("-", nothing).find("standard input") == 0);
  CHECK(fault_of_added_url("-", files).empty());
}

}  // namespace weir::test::overlay_test
