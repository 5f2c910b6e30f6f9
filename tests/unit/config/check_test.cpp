// What is checked beyond the grammar: names, values, and rules that span several directives.
#include "unit/config/support.h"

namespace weir::test::check_test {

using namespace weir::config;
using test::all;
using test::good;

namespace {

std::string errors(std::string_view text) { return all(test::load(text).errors); }
std::string warnings(std::string_view text) {
  const auto report = test::load(text);
  good(report);
  return all(report.warnings);
}
bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
std::string in_vhost(std::string_view text) { return fmt::format("vhost a {{\n{}\n}}", text); }

}  // namespace

TEST_CASE("what is not built is refused, unless the file says that it may be missing", "[config]") {
  const std::string asked = "rtsp_server { enabled on; }";
  CHECK(
      errors(asked) ==
      "t.conf:1: 'rtsp_server' has no effect: this version is built without it yet (RTSP); 'allow_missing on;' starts "
      "without it\n");
  CHECK(errors("rtsp_server { enabled off; }").empty());
  CHECK(errors(asked + " allow_missing on;").empty());
  CHECK(warnings(asked + " allow_missing on;") ==
        "t.conf:1: 'rtsp_server' has no effect: this version is built without it yet (RTSP)\n");
  CHECK_FALSE(errors(asked + " allow_missing off;").empty());
  CHECK(all(test::load(asked, {{"SRS_ALLOW_MISSING", "on"}}).errors).empty());
}

TEST_CASE("a switch that keeps people out is on or off, and nothing else", "[config]") {
  for (const char* block : {"security", "auth", "refer", "http_hooks"}) {
    INFO(block);
    CHECK(errors("vhost v { " + std::string(block) + " { enabled yes; } }") ==
          "t.conf:1: 'enabled': 'yes' is neither on nor off\n");
  }
  CHECK(errors("http_api { auth { enabled true; } }") == "t.conf:1: 'enabled': 'true' is neither on nor off\n");
  CHECK(errors("vhost v { hls { enabled yes; } }").empty());  // as SRS
}

TEST_CASE("what could not work is warned of", "[config]") {
  const auto of = [](const std::string& inside) { return warnings("vhost v { " + inside + " }"); };
  CHECK(of("hls { enabled on; hls_fragment 10; hls_window 5; }").find("hls_window is shorter than hls_fragment") !=
        std::string::npos);
  CHECK(of("dvr { enabled on; dvr_path ./x/[stream].avi; }") ==
        "t.conf:1: '.avi' is no format of recordings: .flv, .mp4 and .ts are\n");
  for (const char* good : {"./x", "./x/[app]/[stream].mp4", "./x.d/[stream].[timestamp]", "./x/[stream].[04].ts"}) {
    INFO(good);
    CHECK(of(std::string("dvr { enabled on; dvr_path ") + good + "; }").empty());
  }
  CHECK(of("http_hooks { enabled on; on_publish 127.0.0.1:8085/x; }") ==
        "t.conf:1: '127.0.0.1:8085/x' is no URL of HTTP: http://HOST[:PORT]/PATH\n");
  CHECK(of("http_hooks { enabled off; on_publish x; }").empty());
}

TEST_CASE("files and folders that settings name are looked at where that is asked for", "[config]") {
  const std::string text =
      "listen 1935; rtmps { enabled on; listen 1936; key k; cert c; }\n"
      "http_server { enabled on; dir pages; https { enabled off; key no; } }\n"
      "vhost v { hls { enabled on; hls_path h; } dvr { enabled on; dvr_path /d/e/[app]/[stream].flv; }\n"
      "http_static { enabled on; dir s; } auth { enabled on; secret_file f; } }\n"
      "vhost w { hls { enabled on; hls_path memory; hls_to_disk off; } dvr { enabled off; dvr_path n/x.flv; } }";
  std::string seen;
  Surroundings surroundings;
  surroundings.look_at_file = [&](const std::string& path, Wanted wanted) {
    seen += path + "=" + std::to_string(static_cast<int>(wanted)) + " ";
    return std::string(path == "k" ? "cannot be read" : "");
  };
  const Report report = load_text("t.conf", text, surroundings);
  CHECK(seen == "k=0 c=0 pages=1 h=2 /d/e=2 s=1 f=0 ");
  CHECK(all(report.warnings) == "t.conf:1: 'k' of key cannot be read\n");
  CHECK(all(load_text("t.conf", text, {}).warnings).empty());
}

TEST_CASE("a key set has a URL by which its keys can be trusted", "[config]") {
  const auto with = [](const std::string& auth) { return "vhost v { auth { enabled on; " + auth + " } }"; };
  CHECK(warnings(with("scheme jwt; jwks https://id.example.com/keys;")).empty());
  CHECK(warnings(with("scheme jwt; jwks http://127.0.0.1:8085/keys;")).empty());
  CHECK(errors(with("scheme jwt; jwks id.example.com;")) ==
        "t.conf:1: 'id.example.com' is no URL of HTTP: https://HOST[:PORT]/PATH\n");
  CHECK(contains(warnings(with("scheme jwt; jwks http://id.example.com/keys;")), "can be changed on their way"));
  CHECK(contains(warnings(with("jwks https://id.example.com/keys;")), "of no use without 'scheme jwt'"));
}

TEST_CASE("a file of another server is recognised, and its mistakes are not listed", "[config]") {
  CHECK(errors("worker_processes 1;\nrtmp { server { listen 1935;\n application live { live on; } } }") ==
        "t.conf: this is a configuration of nginx-rtmp: 'weir migrate t.conf' makes one of Weir of it\n");
  CHECK(errors("logLevel: info\npaths:\n  all_others:\n") ==
        "t.conf: this is a configuration of another server, in YAML: 'weir migrate t.conf' makes one of Weir of it\n");
}

TEST_CASE("unknown names are refused, and the nearest known one is suggested", "[config]") {
  CHECK(errors("listn 1;") == "t.conf:1: 'listn' is not known at the root; did you mean 'listen'?\n");
  CHECK(errors("http_sever {}") == "t.conf:1: 'http_sever' is not known at the root; did you mean 'http_server'?\n");
  CHECK(errors("\nhttp_api { lsiten 1; }") ==
        "t.conf:2: 'lsiten' is not known in 'http_api'; did you mean 'listen'?\n");
  CHECK(errors(in_vhost("play { gopcache on; }")) ==
        "t.conf:2: 'gopcache' is not known in 'vhost[a].play'; did you mean 'gop_cache'?\n");
  CHECK(errors("quite_different 1;") == "t.conf:1: 'quite_different' is not known at the root\n");
  CHECK(errors(in_vhost("hls_fragment 2;")) ==
        "t.conf:2: 'hls_fragment' is not known in 'vhost[a]'; it belongs in 'vhost.hls'\n");
  for (const char* block :
       {"http_api { x_y_z; }", "http_api { raw_api { x_y_z; } }", "http_api { auth { x_y_z; } }",
        "http_server { x_y_z; }", "srt_server { x_y_z; }", "rtc_server { x_y_z; }", "heartbeat { x_y_z; }",
        "stats { x_y_z; }", "exporter { x_y_z; }", "stream_caster { x_y_z; }", "rtmps { x_y_z; }",
        "stream_caster { sip { x_y_z; } }", "rtmp { listen 1; x_y_z; }"}) {
    INFO(block);
    CHECK(test::load(block).errors.size() == 1);
  }
  for (const char* block :
       {"dvr", "refer", "exec", "play", "cluster", "publish", "ingest i", "http_static", "http_remux", "dash", "hls",
        "http_hooks", "forward", "security", "transcode", "rtc", "srt", "rtsp"}) {
    INFO(block);
    CHECK(test::load(fmt::format("vhost a {{ {} {{ x_y_z 1; }} }}", block)).errors.size() == 1);
  }
}

TEST_CASE("where SRS does not look, an unknown name is a warning", "[config]") {
  CHECK(warnings("http_api { https { kee a; } }") ==
        "t.conf:1: 'kee' is not known in 'http_api.https'; did you mean 'key'?\n");
  CHECK(warnings("rtc_server { tcp { x_y_z 1; } }") == "t.conf:1: 'x_y_z' is not known in 'rtc_server.tcp'\n");
  good(test::load("circuit_breaker { x_y_z 1; } vhost a { transcode { engine e { x_y_z 1; } } }"));
}

TEST_CASE("values of the wrong kind or size are refused", "[config]") {
  CHECK(errors("listen 0;") ==
        "t.conf:1: 'listen': '0' is not a port, or an address with a port ('10.0.0.1:1935', '[::]:1935', "
        "'localhost:1935')\n");
  for (const char* bad :
       {"65536", "-1", "1935x", "example.com:1935", "1.2.3:80", "::1:80", "[::1]", "1.2.3.4:", ":", "[1.2.3.4]:80"}) {
    INFO(bad);
    CHECK(test::load(fmt::format("listen {};", bad)).errors.size() == 1);
  }
  CHECK(errors("max_connections many;") ==
        "t.conf:1: 'max_connections': 'many' is not a whole number from 1 to 10000000\n");
  CHECK(test::load("max_connections 0;").errors.size() == 1);
  CHECK(test::load("max_connections -5;").errors.size() == 1);
  CHECK(test::load("heartbeat { interval 0; }").errors.size() == 1);
  CHECK(test::load("otlp { endpoint 127.0.0.1:4318; }").errors.size() == 1);
  CHECK(test::load("otlp { endpoint http://127.0.0.1:4318; sample 1.5; }").errors.size() == 1);
  CHECK(good(test::load("otlp { endpoint http://c:4318; sample 0.1; interval 0.5; }"))->otlp.sample == 0.1);
  CHECK(test::load("pithy_print_ms 1e9;").errors.size() == 1);
  CHECK(test::load("pithy_print_ms 10min;").errors.size() == 1);
  CHECK(test::load("pithy_print_ms nan;").errors.size() == 1);
  CHECK(errors("srs_log_level loud;") ==
        "t.conf:1: 'srs_log_level': 'loud' is not one of: verbose, info, trace, warn, error\n");
  CHECK(errors("srt_server { passphrase short; }") == "t.conf:1: the passphrase must have 10 to 79 characters\n");
  CHECK(errors(in_vhost("hls on;")) == "t.conf:2: 'hls' is a block: 'hls { ... }'\n");
  CHECK(errors(in_vhost("tcp_nodelay { on; }")) == "t.conf:2: 'tcp_nodelay' is no block; it takes on or off\n");
  CHECK(errors("tls { curves X25519 P-1; }") ==
        "t.conf:1: the curve 'P-1' is not known: X25519, X448, P-256, P-384 and P-521 are\n");
  CHECK(errors("tls { min_version 1.3; max_version 1.2; }") == "t.conf:1: tls: min_version is above max_version\n");
  CHECK(errors("tls { min_version 1.1; }") != "");
  CHECK(errors("vhost a/b { }") == "t.conf:1: vhost 'a/b' is not the name of a host\n");
  CHECK(errors("vhost .. { }") == "t.conf:1: vhost '..' is not the name of a host\n");
  CHECK(errors("vhost { }") == "t.conf:1: a vhost needs a name and a block: 'vhost NAME { ... }'\n");
}

TEST_CASE("what SRS lets pass in some way is a warning", "[config]") {
  CHECK(warnings("daemon yes;") == "t.conf:1: 'daemon': 'yes' is neither on nor off; it is read as on\n");
  CHECK(warnings("utc_time yes;") == "t.conf:1: 'utc_time': 'yes' is neither on nor off; it is read as off\n");
  CHECK(warnings("chunk_size 100;") ==
        "t.conf:1: 'chunk_size': '100' is not a whole number from 128 to 65536; 128 is used\n");
  CHECK(warnings("max_connections;") == "t.conf:1: 'max_connections': no value is given; the default is used\n");
  CHECK(warnings("max_connections 5 6;") == "t.conf:1: 'max_connections': only one value is taken; '6' is ignored\n");
  CHECK(warnings("heartbeat { interval 9.3; }") == "t.conf:1: 'interval': the fraction of '9.3' is dropped\n");
  CHECK(good(test::load("heartbeat { interval 9.3; }"))->heartbeat.interval == std::chrono::seconds(9));
  CHECK(good(test::load(in_vhost("rtc { opus_bitrate 1; aac_bitrate 64000; pli_for_rtmp 99; }")))
            ->vhosts[0]
            ->rtc.opus_bitrate == 48000);
  CHECK(good(test::load(in_vhost("play { mw_msgs 500; }")))->vhosts[0]->play.mw_msgs == 128);
  CHECK(good(test::load("tcmalloc_release_rate 50;"))->process.tcmalloc_release_rate == 10);
}

TEST_CASE("of what is written twice the first counts", "[config]") {
  const auto report = test::load(
      "max_connections 5;\nmax_connections 6;\nvhost a { play { mw_msgs 1; }\nplay { mw_msgs 2; } }\nvhost a {}");
  const auto config = good(report);
  CHECK(config->limits.max_connections == 5);
  CHECK(config->vhosts.size() == 1);
  CHECK(config->vhosts[0]->play.mw_msgs == 1);
  CHECK(all(report.warnings) ==
        "t.conf:2: 'max_connections' is written twice; that of line 1 counts\n"
        "t.conf:4: 'play' is written twice; that of line 3 counts\n"
        "t.conf:5: vhost 'a' is written twice; that of line 3 counts\n");
}

TEST_CASE("rules that span several directives", "[config]") {
  CHECK(all(load_text("t.conf", "max_connections 5;", {}).errors) ==
        "t.conf: no 'listen': where RTMP listens must be said\n");
  CHECK(all(load_text("t.conf", "", {}).errors).find("t.conf: the configuration is empty\n") == 0);
  CHECK(all(load_text("t.conf", "# only words\n", {}).errors).find("t.conf: the configuration is empty\n") == 0);
  CHECK(errors("is_full on;") == "t.conf:1: this file is a reference that shows every directive; it cannot be run\n");
  CHECK(errors("is_full off;").empty());
  CHECK(errors("asprocess on; daemon on;") ==
        "t.conf:1: asprocess and daemon exclude each other: write 'daemon off'\n");
  CHECK(errors("asprocess on; daemon off;").empty());
  CHECK(errors("rtmps { enabled on; }") == "t.conf:1: rtmps is on, but has no 'listen'\n");
  CHECK(errors("http_api { https { enabled on; } }") ==
        "t.conf:1: HTTPS of http_api needs http_api itself: 'enabled on'\n");
  CHECK(errors("http_server { https { enabled on; } }") ==
        "t.conf:1: HTTPS of http_server needs http_server itself: 'enabled on'\n");
  CHECK(errors(in_vhost("http_remux {} http_remux {}")) == "t.conf:2: only one 'http_remux' may stand in a vhost\n");
  CHECK(errors(in_vhost("hls { enabled on; } http_remux { enabled on; mount [vhost]/[app]/[stream].ts; }")) ==
        "t.conf:2: http_remux mounts '[vhost]/[app]/[stream].ts' while HLS is on: both would own the .ts files\n");
  CHECK(errors(in_vhost("forward { enabled on; destination a; }\npublish { kickoff_for_idle 3; }")) ==
        "t.conf:3: kickoff_for_idle cannot stand beside forward: a forwarded stream has no players here\n");
  CHECK(errors(in_vhost("ingest a {}\ningest a {}")) == "t.conf:3: 'ingest a' is already there in line 2\n");
  CHECK(errors("stream_caster { enabled on; }") ==
        "t.conf:1: stream_caster needs 'caster': mpegts_over_udp, rist, flv or gb28181\n");
}

TEST_CASE("PROXY headers need somebody who is trusted with them", "[config]") {
  const auto warnings = [](const std::string& text) {
    return all(load_text("t.conf", "listen 1935;" + text, {}).warnings);
  };
  CHECK(warnings("rtmp { proxy_protocol on; }") ==
        "t.conf:1: rtmp.proxy_protocol is on, but trusted_proxies names nobody: no header is read\n");
  CHECK(warnings("http_api { proxy_protocol on; }") ==
        "t.conf:1: http_api.proxy_protocol is on, but trusted_proxies names nobody: no header is read\n");
  CHECK(warnings("trusted_proxies ::1 10.0.0.0/8; rtmps { proxy_protocol on; } http_server { proxy_protocol on; }")
            .empty());
}

TEST_CASE("the API and the HTTP server share both ports or none", "[config]") {
  const auto text = [](int api, int server, int api_tls, int server_tls) {
    return fmt::format(
        "http_api {{ enabled on; listen {}; https {{ enabled on; listen {}; }} }} "
        "http_server {{ enabled on; listen {}; https {{ enabled on; listen {}; }} }}",
        api, api_tls, server, server_tls);
  };
  CHECK(errors(text(1, 2, 3, 4)).empty());
  CHECK(errors(text(1, 1, 3, 3)).empty());
  CHECK(test::load(text(1, 1, 3, 4)).errors.size() == 1);
  CHECK(test::load(text(1, 2, 3, 3)).errors.size() == 1);
  const auto shared =
      good(test::load("http_api { enabled on; listen 80; https { enabled on; } } http_server { enabled on; listen 80; "
                      "https { enabled on; } }"));
  CHECK(shared->api_shares_http());
  CHECK(shared->http_api.https.listen == std::vector<Endpoint>{{"", 8088}});
}

TEST_CASE("limits of the machine are checked where they are known", "[config]") {
  Surroundings surroundings;
  surroundings.max_open_files = 1024;
  surroundings.local_addresses = 2;
  const auto problems = [&](const char* text) { return all(load_text("t.conf", text, surroundings).errors); };
  CHECK(problems("listen 1; max_connections 895;").empty());
  CHECK(problems("listen 1;\nmax_connections 896;") ==
        "t.conf:2: max_connections 896 needs more than 1024 file descriptors, but the limit is 1024: run 'ulimit -n "
        "1025'\n");
  CHECK(problems("listen 1; max_connections 5; stats { network 1; }").empty());
  CHECK(problems("listen 1; max_connections 5;\nstats { network 2; }") ==
        "t.conf:2: stats.network 2 does not exist: this machine has 2 addresses\n");
}

TEST_CASE("what is not built is warned of once, if it is used", "[config]") {
  CHECK(warnings(in_vhost("dash { enabled off; dash_fragment 3; } srt {} refer { all x; }")).empty());
  CHECK(warnings("stats { enabled on; } circuit_breaker { enabled on; high_pulse 2; }").empty());
  CHECK(warnings("threads { interval 5; }") == "t.conf:1: 'threads' is accepted, but does nothing\n");
  CHECK(warnings("tencentcloud_cls { enabled off; label x; }").empty());
  CHECK(warnings(in_vhost("hds { enabled on; }\nbandcheck { enabled on; key x; }")) ==
        "t.conf:2: 'hds' is accepted, but does nothing\nt.conf:3: 'bandcheck' is accepted, but does nothing\n");
}

TEST_CASE("origins and host names are looked at", "[config]") {
  CHECK(errors("http_api { crossdomain_origins https://a.example http://b:3000 *; host_names a.example weir *; }")
            .empty());
  CHECK(errors("http_api { enabled on; edit_file on; }").find("needs a password") != std::string::npos);
  CHECK(errors("http_api { enabled on; edit_file on; auth { enabled on; username a; password b; } }").empty());
  CHECK(errors("http_api { crossdomain_origins a.example; }") ==
        "t.conf:1: 'a.example' is not an origin such as https://example.org, nor *\n");
  for (const char* bad : {"https://a/", "https://a/x", "ftp://a", "https://u@a", "https://a?x", "null"}) {
    INFO(bad);
    CHECK_FALSE(errors(fmt::format("http_server {{ crossdomain_origins {}; }}", bad)).empty());
  }
  CHECK(errors("http_api { host_names a.example:80; }") ==
        "t.conf:1: 'a.example:80' is not a host name such as media.example.org, nor *\n");
  CHECK(warnings("real_ip_header X-Real-IP;") ==
        "t.conf:1: real_ip_header does nothing while trusted_proxies names nobody\n");
  CHECK(warnings("trusted_proxies ::1; real_ip_header X-Real-IP;").empty());
  CHECK(test::load("trusted_proxies ::1; real_ip_header X-Real-IP;").config->real_ip_header == RealIpHeader::x_real_ip);
  CHECK_FALSE(errors("real_ip_header X-Other;").empty());
}

TEST_CASE("what is said of a setting shows no secret", "[config]") {
  CHECK(errors("vhost a { play { gop_cache_max_frames rtmp://u:p@a.example/live/key; } }")
            .find("rtmp://***@a.example/live/***") != std::string::npos);
  const auto twice = warnings("http_api { auth { password letmein hidden; } }");
  CHECK(twice.find("only one value is taken") != std::string::npos);
  CHECK(twice.find("hidden") == std::string::npos);
  CHECK(errors("srt_server { passphrase letmein; }").find("letmein") == std::string::npos);
  CHECK(errors("http_server { crossdomain_origins https://u:pw@a; }").find("pw") == std::string::npos);
}

TEST_CASE("streams with playlists of their own have files of their own", "[config]") {
  const auto hls = [](std::string_view text) {
    return test::load(in_vhost(fmt::format("hls {{ enabled on; {} }}", text))).config->vhosts.front()->hls;
  };
  CHECK(hls("hls_ts_file [app]/[seq].ts;").ts_file == "[app]/[stream]/[seq].ts");
  CHECK(hls("hls_ts_file all-[seq].ts;").ts_file == "[app]/[stream]/all-[seq].ts");
  CHECK(hls("hls_fmp4_file [stream]-[seq].m4s;").fmp4_file == "[app]/[stream]-[seq].m4s");
  CHECK(hls("hls_key_file [app]/k-[seq].key;").key_file == "[app]/[stream]/k-[seq].key");
  CHECK(hls("hls_m3u8_file [stream].m3u8; hls_ts_file [stream]-[seq].ts;").ts_file == "[stream]-[seq].ts");
  CHECK(hls("hls_ts_file [2006]/[app]/[timestamp]-[stream].ts;").ts_file == "[2006]/[app]/[timestamp]-[stream].ts");
  CHECK(warnings(in_vhost("hls { hls_ts_file [app]/[seq].ts; }")) ==
        "t.conf:2: '[app]/[seq].ts' gives two streams the same files; '[app]/[stream]/[seq].ts' is used\n");
  CHECK(warnings(in_vhost("hls { hls_ts_file [app]/[stream]-[seq].ts; }")).empty());
}

}  // namespace weir::test::check_test
