// What becomes of values: units, lists, security rules, derived settings, lookup of vhosts.
#include "config/diff.h"
#include "unit/config/support.h"

namespace weir::test::values_test {

using namespace weir::config;
using std::chrono::milliseconds;
using test::all;
using test::good;

namespace {

std::shared_ptr<const Vhost> vhost(std::string_view inside, Environment environment = {}) {
  return good(test::load(fmt::format("vhost a {{ {} }}", inside), std::move(environment)))->vhosts.at(0);
}

}  // namespace

TEST_CASE("listen takes several endpoints of both families", "[config]") {
  const auto config = good(test::load("listen 1935 127.0.0.1:19350 [::]:1936 [2001:db8::1]:1937;"));
  CHECK(config->rtmp.listen ==
        std::vector<Endpoint>{{"", 1935}, {"127.0.0.1", 19350}, {"::", 1936}, {"2001:db8::1", 1937}});
  CHECK(to_text(config->rtmp.listen[2]) == "[::]:1936");
  CHECK(to_text(config->rtmp.listen[1]) == "127.0.0.1:19350");
  CHECK(to_text(config->rtmp.listen[0]) == "1935");
  CHECK(good(test::load("rtmp { listen 1 2; chunk_size 4096; }"))->rtmp.chunk_size == 4096);
}

TEST_CASE("a name in listen is where its addresses are", "[config]") {
  config::Surroundings surroundings;
  surroundings.look_up = [](const std::string& host) {
    return host == "localhost" ? std::vector<std::string>{"127.0.0.1", "::1"} : std::vector<std::string>();
  };
  const auto load = [&](const std::string& text) { return config::load_text("t.conf", text, surroundings); };
  const auto config = good(load("listen localhost:1935 1936;"));
  CHECK(config->rtmp.listen == std::vector<Endpoint>{{"127.0.0.1", 1935}, {"::1", 1935}, {"", 1936}});
  CHECK(config->written.at("rtmp.listen") == "localhost:1935 1936");
  const auto first_error = [&](const std::string& text) {
    const auto report = load(text);
    return report.errors.empty() ? "" : report.errors.front().text();
  };
  CHECK(first_error("listen nowhere.example:1935;") == "t.conf:1: no address is known for the host 'nowhere.example'");
  // What is no name is not looked up.
  for (const char* bad :
       {"1.2.3:80", "a b", "localhost", "localhost:", "localhost:0", "local/host:1", "[::1:1935", "::1:1935"}) {
    CHECK_FALSE(first_error(fmt::format("listen '{}';", bad)).empty());
  }
  // The system's own way finds this one without asking anybody.
  const auto own = config::addresses_of_host("localhost");
  CHECK(std::find(own.begin(), own.end(), "127.0.0.1") != own.end());
}

TEST_CASE("times have the unit of their directive unless they say another", "[config]") {
  CHECK(vhost("play { mw_latency 100; }")->play.mw_latency == milliseconds(100));
  CHECK(vhost("play { mw_latency 1.5s; }")->play.mw_latency == milliseconds(1500));
  CHECK(vhost("play { queue_length 10; }")->play.queue_length == milliseconds(10'000));
  CHECK(vhost("play { queue_length 2m; }")->play.queue_length == milliseconds(120'000));
  CHECK(vhost("play { send_min_interval 10.6; }")->play.send_min_interval == milliseconds(11));
  CHECK(vhost("hls { hls_fragment 2.5; }")->hls.fragment == milliseconds(2500));
  CHECK(vhost("hls { hls_part_duration 200ms; }")->hls.part_duration == milliseconds(200));
  CHECK(vhost("dvr { dvr_retain_time 7d; }")->dvr.retain_time == std::chrono::hours(7 * 24));
}

TEST_CASE("sizes may end in k, m or g", "[config]") {
  CHECK(vhost("play { queue_bytes 64k; }")->play.queue_bytes == 65'536);
  CHECK(vhost("play { queue_bytes 2m; }")->play.queue_bytes == 2 << 20);
  CHECK(vhost("play { queue_bytes 1G; }")->play.queue_bytes == 1 << 30);
  CHECK(vhost("play { queue_bytes 100000; }")->play.queue_bytes == 100'000);
  CHECK(test::load("vhost a { play { queue_bytes 5x; } }").errors.size() == 1);
}

TEST_CASE("merging is adaptive unless a wait is asked for", "[config]") {
  CHECK(vhost("")->play.mw_adaptive);
  CHECK_FALSE(vhost("play { mw_latency 350; }")->play.mw_adaptive);
  CHECK_FALSE(vhost("play { mw_msgs 4; }")->play.mw_adaptive);
  CHECK(vhost("play { mw_latency 350; mw_adaptive on; }")->play.mw_adaptive);
  CHECK_FALSE(vhost("play { mw_adaptive off; }")->play.mw_adaptive);
  CHECK_FALSE(vhost("mw_latency 350;")->play.mw_adaptive);  // the old spelling
  CHECK_FALSE(vhost("", {{"SRS_VHOST_PLAY_MW_LATENCY", "100"}})->play.mw_adaptive);
  const auto two = good(test::load("vhost a { play { mw_latency 10; } } vhost b {}"));
  CHECK_FALSE(two->vhosts[0]->play.mw_adaptive);
  CHECK(two->vhosts[1]->play.mw_adaptive);
}

TEST_CASE("settings that follow from others", "[config]") {
  CHECK(vhost("")->play.mw_msgs == 8);
  CHECK(vhost("min_latency on;")->play.mw_msgs == 0);
  CHECK(vhost("min_latency on; play { mw_msgs 4; }")->play.mw_msgs == 4);
  CHECK(vhost("")->rtc_min_latency);
  CHECK(vhost("")->play.rtc_mw_msgs == 0);
  CHECK_FALSE(vhost("min_latency off;")->rtc_min_latency);
  CHECK(vhost("min_latency off;")->play.rtc_mw_msgs == 1);

  const auto chunks = good(test::load("chunk_size 5000; vhost a {} vhost b { chunk_size 6000; }"));
  CHECK(chunks->vhosts[0]->chunk_size == 5000);
  CHECK(chunks->vhosts[1]->chunk_size == 6000);

  CHECK(vhost("hls { hls_path /x; }")->hls.key_file_path == "/x");
  CHECK(vhost("hls { hls_path /x; }")->hls.key_url == "/x");
  CHECK(vhost("hls { hls_path /x; hls_key_url https://k; }")->hls.key_url == "https://k");
}

TEST_CASE("the second level directive wins, and both mean one scale", "[config]") {
  const auto level = [](const char* text) { return good(test::load(text))->log.level; };
  CHECK(level("") == LogLevel::info);
  CHECK(level("srs_log_level verbose;") == LogLevel::trace);
  CHECK(level("srs_log_level info;") == LogLevel::debug);
  CHECK(level("srs_log_level trace;") == LogLevel::info);
  CHECK(level("srs_log_level error;") == LogLevel::error);
  CHECK(level("srs_log_level error; srs_log_level_v2 debug;") == LogLevel::debug);
  CHECK_FALSE(good(test::load("srs_log_tank console;"))->log.to_file);
}

TEST_CASE("a vhost is found by its name, else the default one", "[config]") {
  const auto config =
      good(test::load("vhost a.b { chunk_size 200; } vhost off.b { enabled off; } vhost __defaultVhost__ {}"));
  CHECK(config->match_vhost("a.b")->chunk_size == 200);
  CHECK(config->match_vhost("x.y")->name == "__defaultVhost__");
  CHECK(config->match_vhost("")->name == "__defaultVhost__");
  CHECK_FALSE(config->match_vhost("off.b"));
  CHECK_FALSE(good(test::load("vhost a.b {}"))->match_vhost("x.y"));
}

TEST_CASE("rules of access are read in order", "[config]") {
  const auto rules =
      vhost("security { enabled on; allow play all; deny publish 10.0.0.0/8; allow publish 2001:db8::/32 rtmp srt; }")
          ->security.rules;
  REQUIRE(rules.size() == 3);
  CHECK(rules[0].allow);
  CHECK(rules[0].action == Security::Action::play);
  CHECK(rules[0].range.contains("192.0.2.1"));
  CHECK_FALSE(rules[1].allow);
  CHECK(rules[1].action == Security::Action::publish);
  CHECK(rules[2].protocols == std::vector<std::string>{"rtmp", "srt"});
  CHECK(all(test::load("vhost a { security { allow\n;deny all;\nallow publsh 1.2.3;\ndeny play all http; } }").errors)
            .size() > 100);
}

TEST_CASE("address ranges", "[config]") {
  const auto inside = [](const char* range, const char* address) {
    return AddressRange::parse(range)->contains(address);
  };
  CHECK(inside("10.1.2.3", "10.1.2.3"));
  CHECK_FALSE(inside("10.1.2.3", "10.1.2.4"));
  CHECK(inside("10.0.0.0/9", "10.127.255.255"));
  CHECK_FALSE(inside("10.0.0.0/9", "10.128.0.0"));
  CHECK(inside("0.0.0.0/0", "1.2.3.4"));
  CHECK_FALSE(inside("0.0.0.0/0", "2001:db8::1"));
  CHECK(inside("::/0", "2001:db8::1"));
  CHECK_FALSE(inside("::/0", "1.2.3.4"));
  CHECK(inside("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(inside("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(inside("10.0.0.0/8", "::ffff:10.1.1.1"));
  CHECK(inside("all", "whatever"));
  CHECK_FALSE(inside("10.0.0.0/8", "whatever"));
  for (const char* bad : {"", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "/8", "10.0.0/8"})
    CHECK_FALSE(AddressRange::parse(bad));
}

TEST_CASE("commands, options and names of repeated blocks", "[config]") {
  const auto v = vhost(
      "exec { enabled on; publish a b c; publish d; }"
      "transcode live/x { enabled on; engine e1 { vfilter { vf 'a b'; } perfile { re; } } engine e2 {} } ingest i { "
      "input { type stream; url u; } }");
  CHECK(v->exec.publish == std::vector<std::vector<std::string>>{{"a", "b", "c"}, {"d"}});
  CHECK(v->transcodes.at(0).scope == "live/x");
  CHECK(v->transcodes[0].engines.at(0).vfilter == Engine::Options{{"vf", "a b"}});
  CHECK(v->transcodes[0].engines[0].perfile == Engine::Options{{"re", ""}});
  CHECK(v->transcodes[0].engines.at(1).name == "e2");
  CHECK(v->ingests.at(0).id == "i");
  const auto p = vhost(
      "transcode live { pipe on; } process blur { exec a 'b c'; output x/y; tracks video; format ts; apply live; }");
  CHECK(p->transcodes.at(0).pipe);
  StreamProcess process;
  process.name = "blur";
  process.exec = {"a", "b c"};
  process.output = "x/y";
  process.tracks = StreamProcess::Tracks::video;
  process.format = StreamProcess::Format::ts;
  process.apply = {"live"};
  CHECK(p->processes.at(0) == process);
  CHECK(v->ingests[0].input_type == Ingest::Input::stream);
}

TEST_CASE("a reload tells what changes and when", "[config]") {
  const auto from =
      good(test::load("listen 1935; max_connections 10; daemon off; vhost a.b { play { gop_cache off; } ingest i { "
                      "enabled on; } } vhost old {}"));
  const auto to =
      good(test::load("listen 1935 1936; max_connections 20; vhost a.b { play { gop_cache on; mw_latency 350; } "
                      "chunk_size 500; ingest i { enabled off; } } vhost new {}"));
  CHECK(diff(*from, *from).empty());
  const std::vector<Change> expected{
      {"daemon", "off", "", Effect::restart},
      {"max_connections", "10", "20", Effect::new_sessions},
      {"rtmp.listen", "1935", "1935 1936", Effect::live},
      {"vhost[a.b].chunk_size", "", "500", Effect::new_sessions},
      {"vhost[a.b].ingest[i].enabled", "on", "", Effect::live},
      {"vhost[a.b].play.gop_cache", "off", "", Effect::live},
      {"vhost[a.b].play.mw_adaptive", "", "off", Effect::live},
      {"vhost[new]", "", "present", Effect::new_sessions},
      {"vhost[old]", "present", "", Effect::new_sessions},
  };
  const auto changes = diff(*from, *to);
  for (const auto& change : changes) UNSCOPED_INFO(change.path << " '" << change.from << "' -> '" << change.to << "'");
  CHECK(changes == expected);
  CHECK(std::string(to_text(Effect::restart)) == "after a restart");
}

TEST_CASE("variables that changed are among the changes, without their texts", "[config][variables]") {
  const auto from = good(test::load("variables { a one; b two; c three; }"));
  const auto to = good(test::load("variables { a one; b 2; d four; e { command /bin/true; } }"));
  const std::vector<Change> expected{
      {"variables.b", "(hidden)", "(hidden)", Effect::live},
      {"variables.c", "(hidden)", "", Effect::live},
      {"variables.d", "", "(hidden)", Effect::live},
      {"variables.e", "", "(not known yet)", Effect::live},
  };
  CHECK(diff(*from, *to) == expected);
  CHECK(diff(*from, *from).empty());
}

TEST_CASE("a secret is not shown among the changes", "[config]") {
  const auto from = good(test::load("http_api { auth { password one; } }"));
  const auto to = good(test::load("http_api { auth { password two; } }"));
  CHECK(diff(*from, *to) ==
        std::vector<Change>{{"http_api.auth.password", "(hidden)", "(hidden)", Effect::new_sessions}});
  CHECK(shown_value("rtc_server.ice_server[0].username", "viewer") == "(hidden)");
  const auto hooks = good(test::load("vhost a { exec { enabled on; publish ffmpeg -f flv rtmp://a/b/key; } }"));
  CHECK(diff(*good(test::load("vhost a { }")), *hooks)[1].to.find("key") == std::string::npos);
  CHECK(shown_value("heartbeat.url", "http://u:p@h/x?token=1") == "http://***@h/x?token=***");
  CHECK(shown_value("vhost[a.b].auth.secret", "") == "");
  CHECK(is_secret("vhost[a.b].auth.secret"));
  CHECK_FALSE(is_secret("listen"));
}

}  // namespace weir::test::values_test
