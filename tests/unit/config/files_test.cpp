// The files of conf/ and of tests/data/conf/ load, and conf/full.conf is what the table of directives says.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config/reference.h"
#include "config/rist_url.h"
#include "unit/config/support.h"

namespace weir::test::files_test {

using namespace weir::config;
using test::all;
using test::good;

namespace {

const std::string source = WEIR_SOURCE_DIR;

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(source + "/" + folder)) {
    if (entry.path().extension() == ".conf") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool is_part(const std::string& file) {
  const auto name = std::filesystem::path(file).filename().string();
  return name.starts_with("include.") && name != "include.conf";
}

}  // namespace

TEST_CASE("every file of conf/ loads without a warning", "[config]") {
  const auto files = files_in("conf");
  CHECK(files.size() >= 15);
  for (const std::string& file : files) {
    if (is_part(file)) continue;
    if (!has_rist() && file.ends_with("/rist.conf")) continue;  // it says what is missing
    INFO(file);
    const auto report = load_file(file, {});
    good(report);
    CHECK(all(report.warnings) == "");
  }
}

TEST_CASE("files as users of SRS have them load", "[config]") {
  const auto files = files_in("tests/data/conf");
  CHECK(files.size() >= 30);
  for (const std::string& file : files) {
    if (is_part(file)) continue;
    INFO(file);
    // One of them asks for what is not built.
    const auto report = load_file(file, {.environment = {{"SRS_ALLOW_MISSING", "on"}}});
    good(report);
    CHECK_FALSE(report.config->vhosts.empty());
  }
}

TEST_CASE("what runs by scripts/start is what the README promises", "[config]") {
  const auto config = good(load_file(source + "/conf/weir.conf", {}));
  CHECK(config->rtmp.listen == std::vector<Endpoint>{{"", 1935}});
  CHECK(config->http_server.enabled);
  CHECK(config->http_server.listen == std::vector<Endpoint>{{"", 8080}});
  CHECK(config->http_server.dir == "./research/players");
  CHECK(config->http_api.enabled);
  CHECK(config->http_api.listen == std::vector<Endpoint>{{"", 1985}});
  CHECK_FALSE(config->process.daemon);
  CHECK_FALSE(config->log.to_file);
  const auto vhost = config->match_vhost("any");
  REQUIRE(vhost);
  CHECK(vhost->http_remux.enabled);
  for (const char* name : {"/conf/weir.conf", "/conf/docker.conf", "/conf/service.conf"}) {
    INFO(name);
    const auto one = good(load_file(source + name, {.environment = {{"CANDIDATE", "203.0.113.5"}}}));
    CHECK(one->rtc_server.enabled);
    CHECK(one->rtc_server.candidate == "203.0.113.5");
    CHECK(one->srt_servers.front().enabled);
    const auto of_all = one->match_vhost("any");
    REQUIRE(of_all);
    CHECK(of_all->rtc.enabled);
    CHECK(of_all->rtc.rtmp_to_rtc);
    CHECK(of_all->rtc.rtc_to_rtmp);
    CHECK(of_all->srt.enabled);
  }
  CHECK(vhost->play.mw_adaptive);
  CHECK(vhost->play.gop_cache);
}

TEST_CASE("the reference is true", "[config]") {
  const std::string path = source + "/conf/full.conf";
  const std::string wanted = reference_text();
  if (std::getenv("WEIR_WRITE_REFERENCE")) std::ofstream(path, std::ios::binary) << wanted;
  const auto text = read_regular_file(path);
  REQUIRE(text);
  // On a mismatch: WEIR_WRITE_REFERENCE=1 unit_config writes the file anew; look at the difference, then commit it.
  CHECK((*text == wanted));
}

TEST_CASE("a file that cannot be read is an error", "[config]") {
  CHECK(all(load_file("/nonexistent/x.conf", {}).errors) ==
        "/nonexistent/x.conf: cannot be read: No such file or directory\n");
  CHECK(all(load_file("/", {}).errors) == "/: cannot be read: Is a directory\n");
  CHECK(load_file("/dev/zero", {}).errors.size() == 1);
}

}  // namespace weir::test::files_test
