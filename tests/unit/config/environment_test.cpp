#include "unit/config/support.h"

namespace weir::test::environment_test {

using namespace weir::config;
using test::all;
using test::good;

namespace {

std::shared_ptr<const Config> only(Environment environment) {
  Surroundings surroundings;
  surroundings.environment = std::move(environment);
  return good(load_environment(surroundings));
}

}  // namespace

TEST_CASE("a variable beats the file, unless it is empty", "[config]") {
  const char* text = "listen 1935; http_api { enabled off; listen 1985; }";
  const auto config = good(test::load(text, {{"SRS_LISTEN", "  19350 [::]:1936 "},
                                             {"SRS_HTTP_API_ENABLED", "on"},
                                             {"SRS_HTTP_API_LISTEN", ""},
                                             {"SRS_HTTP_API_HTTPS_ENABLED", "on"}}));
  CHECK(config->rtmp.listen == std::vector<Endpoint>{{"", 19350}, {"::", 1936}});
  CHECK(config->http_api.enabled);
  CHECK(config->http_api.listen == std::vector<Endpoint>{{"", 1985}});
  CHECK(config->http_api.https.enabled);
}

TEST_CASE("variables of vhosts reach every vhost", "[config]") {
  const auto config = good(test::load("vhost a { play { gop_cache on; } } vhost b {}",
                                      {{"SRS_VHOST_PLAY_GOP_CACHE", "off"},
                                       {"SRS_VHOST_CHUNK_SIZE", "4096"},
                                       {"SRS_VHOST_HTTP_HOOKS_ENABLED", "on"},
                                       {"SRS_VHOST_HTTP_HOOKS_ON_PUBLISH", "http://a/1 http://b/2"},
                                       {"SRS_VHOST_SRT_TO_RTMP", "off"},
                                       {"SRS_VHOST_ENABLED", "off"}}));
  for (const auto& vhost : config->vhosts) {
    CHECK(vhost->enabled);  // that one is not read
    CHECK_FALSE(vhost->play.gop_cache);
    CHECK(vhost->chunk_size == 4096);
    CHECK(vhost->http_hooks.on_publish == HttpHooks::Urls{"http://a/1", "http://b/2"});
    CHECK_FALSE(vhost->srt.srt_to_rtmp);
  }
  CHECK(config->rtmp.chunk_size == 4096);
}

TEST_CASE("of two names for one setting the first wins", "[config]") {
  CHECK(good(test::load("", {{"SRS_SRS_LOG_TANK", "console"}, {"SRS_LOG_TANK", "file"}}))->log.to_file == false);
  CHECK(good(test::load("", {{"SRS_LOG_TANK", "console"}}))->log.to_file == false);
  CHECK(good(test::load("", {{"SRS_LOG_LEVEL", "error"}}))->log.level == LogLevel::error);
  CHECK(good(test::load("", {{"SRS_SRS_LOG_LEVEL_V2", "trace"}, {"SRS_LOG_LEVEL", "error"}}))->log.level ==
        LogLevel::trace);
  CHECK(good(test::load("", {{"SRS_SRS_LOG_FILE", "/a"}, {"SRS_LOG_FILE", "/b"}}))->log.file == "/a");
  CHECK(good(test::load("", {{"SRS_CHUNK_SIZE", "700"}}))->rtmp.chunk_size == 700);
  CHECK(good(test::load("", {{"SRS_RTMP_LISTEN", "7"}}))->rtmp.listen.at(0).port == 7);
}

TEST_CASE("a wrong value names its variable", "[config]") {
  const auto report =
      test::load("vhost a {} vhost b {}", {{"SRS_MAX_CONNECTIONS", "lots"}, {"SRS_VHOST_PLAY_QUEUE_LENGTH", "x"}});
  CHECK_FALSE(report.config);
  CHECK(all(report.errors)
            .find("environment variable SRS_MAX_CONNECTIONS: 'max_connections': 'lots' is not a whole number") !=
        std::string::npos);
  CHECK(report.errors.size() == 3);
}

TEST_CASE("a variable that is nearly one of ours is warned of", "[config]") {
  CHECK(all(test::load("", {{"SRS_VHOST_PLAY_GOPCACHE", "on"}, {"SRS_SERVICE_PORT", "1"}, {"HOME", "x"}}).warnings) ==
        "environment variable SRS_VHOST_PLAY_GOPCACHE: is not known; did you mean 'SRS_VHOST_PLAY_GOP_CACHE'?\n");
}

TEST_CASE("candidates may be read from a variable", "[config]") {
  const auto candidate = [](const char* text, Environment environment) {
    return good(test::load(text, std::move(environment)))->rtc_server.candidate;
  };
  CHECK(candidate("rtc_server { candidate $CANDIDATE; }", {{"CANDIDATE", "192.0.2.1"}}) == "192.0.2.1");
  CHECK(candidate("rtc_server { candidate $candidate; }", {{"CANDIDATE", "192.0.2.1"}}) == "192.0.2.1");
  CHECK(candidate("rtc_server { candidate $my.ip; }", {{"MY_IP", "192.0.2.1"}}) == "192.0.2.1");
  CHECK(candidate("rtc_server { candidate $CANDIDATE; }", {}) == "*");
  CHECK(candidate("", {{"SRS_RTC_SERVER_CANDIDATE", "$EIP"}, {"EIP", "192.0.2.7"}}) == "192.0.2.7");
  CHECK(good(test::load("stream_caster { caster gb28181; sip { candidate $EIP; } }", {{"EIP", "192.0.2.9"}}))
            ->stream_casters.at(0)
            .sip.candidate == "192.0.2.9");
}

TEST_CASE("no file at all", "[config]") {
  const auto config = only({});
  CHECK(config->rtmp.listen == std::vector<Endpoint>{{"", 1935}});
  CHECK_FALSE(config->process.daemon);
  CHECK_FALSE(config->log.to_file);
  CHECK(config->match_vhost("x"));
  const auto told = only({{"SRS_DAEMON", "on"}, {"SRS_LOG_TANK", "file"}, {"SRS_LISTEN", "1936"}});
  CHECK(told->process.daemon);
  CHECK(told->log.to_file);
  CHECK(told->rtmp.listen.at(0).port == 1936);
}

TEST_CASE("inside docker", "[config]") {
  Surroundings surroundings;
  surroundings.in_docker = true;
  const auto config = good(load_text("t.conf", "listen 1;", surroundings));
  CHECK_FALSE(config->process.daemon);
  CHECK(config->process.inotify_auto_reload);
  CHECK_FALSE(config->log.to_file);
  const auto forced = good(
      load_text("t.conf", "listen 1; disable_daemon_for_docker off; auto_reload_for_docker off; srs_log_tank file;",
                surroundings));
  CHECK(forced->process.daemon);
  CHECK_FALSE(forced->process.inotify_auto_reload);
  CHECK(forced->log.to_file);
  CHECK_FALSE(good(test::load("in_docker on;"))->process.daemon);
}

TEST_CASE("the environment is read from the list that a process gets", "[config]") {
  const char* variables[] = {"A=1", "B=x=y", "C=", "D", nullptr};
  CHECK(environment_of(variables) == Environment{{"A", "1"}, {"B", "x=y"}, {"C", ""}});
  CHECK(environment_of(nullptr).empty());
}

}  // namespace weir::test::environment_test
