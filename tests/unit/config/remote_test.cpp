// Where streams are sent on to and fetched from, and the programs that make them: what can be seen before anything
// runs.
#include "config/source_rules.h"
#include "config/udp_url.h"
#include "unit/config/support.h"

namespace weir::test::remote_test {

using namespace weir::config;
using test::all;

namespace {

Report load(const std::string& vhost) { return load_text("t.conf", "listen 1935;\nvhost a { " + vhost + " }", {}); }
std::string errors(const std::string& vhost) { return all(load(vhost).errors); }
std::string warnings(const std::string& vhost) {
  const Report report = load(vhost);
  CHECK(all(report.errors) == "");
  return all(report.warnings);
}

}  // namespace

TEST_CASE("a destination is a host or a URL", "[config]") {
  for (const char* good :
       {"a", "a:1", "[::1]:1", "a:1/app", "rtmp://a/b", "rtmps://a:443/b/c?d=e", "http://a/b.flv",
        "srt://a:1?streamid=#!::r=[app]/[stream],m=publish", "udp://a:1", "rtp://239.1.1.1:5000?fec=10x10&ttl=8"}) {
    INFO(good);
    CHECK(warnings(std::string("forward { enabled on; destination ") + good + "; }").empty());
  }
  for (const char* bad : {"http://", "file:///etc/passwd", "a:port", ":1", "rtmp://", "srt://a", "srt://a:1?mode=x",
                          "udp://:1", "udp://a:1?fec=10x10"}) {
    INFO(bad);
    CHECK_FALSE(errors(std::string("forward { enabled on; destination ") + bad + "; }").empty());
  }
  CHECK(errors("forward { enabled on; destination srt://u:p@a/b/c; }").find("u:p") == std::string::npos);
}

TEST_CASE("an SRT URL is looked at wherever one may stand, and its secrets are not shown", "[config][srt]") {
  CHECK(errors("forward { enabled on; destination srt://a:1?passphrase=short; }") ==
        "t.conf:2: 'srt://a:1?passphrase=***' is no SRT URL: passphrase has 10 to 79 characters\n");
  CHECK(errors("cluster { mode remote; origin a srt://a:1?nonsense=1; }").find("SRT has no option") !=
        std::string::npos);
  CHECK(errors("ingest i { enabled on; input { type stream; url srt://a:1?packetfilter=; } }")
            .find("packetfilter has 1 to 512 characters") != std::string::npos);
  CHECK(warnings("ingest i { enabled on; input { type stream; url srt://a:1?latency=200; } }").empty());
  CHECK(warnings("forward { enabled on; destination srt://a:1?latency=200000; }").find("milliseconds") !=
        std::string::npos);
}

TEST_CASE("an edge asks by RTMP, and needs somebody to ask", "[config]") {
  CHECK(warnings("cluster { mode remote; origin a b:1; }").empty());
  CHECK(warnings("cluster { mode remote; }") == "t.conf:2: an edge without an 'origin' can fetch nothing\n");
  CHECK(warnings("cluster { mode remote; origin a; protocol flvs; follow_client on; }").empty());
  CHECK(warnings("cluster { mode remote; origin a; token_traverse on; linger 0; }").empty());
  CHECK_FALSE(warnings("cluster { token_traverse on; }").empty());
  CHECK_FALSE(errors("cluster { mode remote; origin a:b; }").empty());
}

TEST_CASE("origins that know each other are called by host and port", "[config]") {
  CHECK(warnings("cluster { origin_cluster on; coworkers a:1985 10.0.0.2 [2001:db8::1]:1985; advertise b:1935; }")
            .empty());
  CHECK(warnings("cluster { origin_cluster on; }") ==
        "t.conf:2: 'origin_cluster' without 'coworkers' has nobody to ask\n");
  CHECK_FALSE(warnings("cluster { mode remote; origin a; origin_cluster on; coworkers b; }").empty());
  CHECK_FALSE(errors("cluster { origin_cluster on; coworkers http://a; }").empty());
  CHECK_FALSE(errors("cluster { origin_cluster on; coworkers a; advertise a:b; }").empty());
}

TEST_CASE("an edge that relays HLS needs an HTTP server to ask", "[config][hls_relay]") {
  CHECK(warnings("cluster { mode remote; origin a; hls_relay on; }").empty());
  CHECK(warnings("cluster { mode remote; origin srt://a:1; hls_relay on; hls_origin a https://b:8443; }").empty());
  CHECK(warnings("cluster { mode remote; origin srt://a:1; hls_relay on; }") ==
        "t.conf:2: 'hls_relay' has nobody to ask: 'hls_origin' names an HTTP server\n");
  CHECK(warnings("cluster { hls_relay on; }") ==
        "t.conf:2: 'hls_relay' is for edges: there is no origin to ask here\n");
  CHECK(errors("cluster { mode remote; origin a; hls_relay on; hls_origin rtmp://a; }") ==
        "t.conf:2: 'rtmp://a' is neither host[:port] nor http[s]://host[:port]\n");
}

TEST_CASE("what FFmpeg cannot be run for is said before", "[config]") {
  const std::string output = "output rtmp://127.0.0.1/live/x; ";
  CHECK(warnings("transcode { enabled on; ffmpeg f; engine e { enabled on; vcodec copy; acodec copy; " + output + "} }")
            .empty());
  CHECK(warnings("transcode live { enabled on; engine e { enabled on; vcodec copy; acodec an; " + output + "} }") ==
        "t.conf:2: transcode live is not run: it names no program\n");
  CHECK(warnings("transcode { enabled on; ffmpeg f; engine e { enabled on; vcodec libx264; acodec an; " + output +
                 "} }") == "t.conf:2: engine e of transcode is not run: it encodes video, and names no vprofile\n");
  CHECK(
      warnings("ingest i { enabled on; input { type file; url a.flv; } ffmpeg f; engine { " + output + "} }").empty());
  CHECK(warnings("ingest i { enabled on; input { type stream; url rtmp://a/b/c; } }").empty());
  for (const char* good : {"type stream; url https://a/b.flv;", "type stream; url 'exec:f -i x -';",
                           "type file; url ./a.flv;", "type file; url file:a.ts;"}) {
    INFO(good);
    CHECK(warnings(std::string("ingest i { enabled on; input { ") + good + " } }").empty());
  }
  CHECK(warnings("ingest i { enabled on; input { type stream; url rtsp://a/b; } }") ==
        "t.conf:2: ingest i is not run: it names no program, and without one streams are fetched by rtmp, rtmps, srt, "
        "rist, "
        "udp, rtp, tcp, http, https, file and exec alone\n");
  CHECK(warnings("ingest i { enabled on; input { type file; url a.flv; } ffmpeg f; }") ==
        "t.conf:2: ingest i is not run: it names no output\n");
  CHECK(warnings("ingest i { enabled off; }").empty());
}

TEST_CASE("what cannot work by pipes is refused where it is written", "[config]") {
  const auto of_engine = [](const std::string& engine) {
    return "transcode live { enabled on; pipe on; ffmpeg f;\nengine e { enabled on; vcodec copy; acodec copy; " +
           engine + " } }";
  };
  const std::string own = "output rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine]; ";
  for (const char* more : {"", "iformat mpegts; oformat mpegts;", "iformat off;"}) {
    CHECK(warnings(of_engine(own + more)).empty());
  }
  CHECK(errors(of_engine("output rtmp://10.0.0.1/live/x;")) ==
        "t.conf:3: engine e: with 'pipe' its output is a stream of this server, rtmp://127.0.0.1:[port]/APP/STREAM\n");
  CHECK(errors(of_engine("output /tmp/a.flv;")).find("a stream of this server") != std::string::npos);
  CHECK(errors(of_engine(own + "oformat mp4;")) ==
        "t.conf:3: engine e: with 'pipe' it writes flv or mpegts (oformat)\n");
  CHECK(errors(of_engine(own + "oformat off;")).find("(oformat)") != std::string::npos);
  CHECK(errors(of_engine(own + "iformat mp4;")).find("(iformat)") != std::string::npos);
  CHECK(
      errors("transcode { enabled on; pipe on; ffmpeg f; engine e { enabled on; vcodec png; acodec an; " + own + "} }")
          .find("png makes pictures") != std::string::npos);
  const std::string two =
      "engine a { enabled on; vcodec copy; acodec copy; output rtmp://127.0.0.1/live/x; }\n"
      "engine b { enabled on; vcodec copy; acodec copy; output rtmp://127.0.0.1/live/x; }";
  CHECK(errors("transcode live { enabled on; pipe on; ffmpeg f;\n" + two + " }") ==
        "t.conf:4: engine b: it makes the same stream as engine a\n");
  // By RTMP all of that is left to FFmpeg, as SRS does.
  CHECK(warnings("transcode live { enabled on; ffmpeg f;\n" + two + " }").empty());
  CHECK(warnings("transcode live { enabled off; pipe on; ffmpeg f;\n" + two + " }").empty());
}

TEST_CASE("a process has a program and makes another stream", "[config]") {
  const auto process = [](const std::string& words) { return "\nprocess blur { " + words + " }"; };
  const std::string good = "exec /bin/cat --of [app]/[stream]; output [app]/[stream]_[engine]; ";
  CHECK(warnings(process(good)).empty());
  CHECK(warnings(process(good + "tracks audio; format ts; apply live live/cam;")).empty());
  CHECK(warnings(process("enabled off;")).empty());
  CHECK(errors(process("output a/b;")) == "t.conf:3: process blur: it names no program (exec)\n");
  CHECK(errors(process("exec a;")) ==
        "t.conf:3: process blur: it names no output: tracks cannot be added to the stream that it reads\n");
  for (const char* bad : {"live", "live/", "/live", "/live/a", "rtmp://127.0.0.1/live/a"}) {
    INFO(bad);
    CHECK(errors(process(std::string("exec a; output ") + bad + ";")) ==
          "t.conf:3: process blur: its output is not APP/STREAM\n");
  }
  CHECK(errors(process("exec a; output [app]/[stream];")).find("its output is its input") != std::string::npos);
  CHECK(errors(process("exec [stream] x; output a/b;")).find("not a variable's to say") != std::string::npos);
  for (const char* bad : {">", ">>a", "1>a", "<a"}) {
    INFO(bad);
    CHECK(errors(process(std::string("exec a ") + bad + "; output a/b;")).find("are streams, not files") !=
          std::string::npos);
  }
  CHECK(warnings(process("exec a; exec b; output a/b;")).find("'exec' is written twice") != std::string::npos);
  CHECK(errors(process(good + "tracks text;")).find("'tracks'") != std::string::npos);
  CHECK(errors(process(good) + process(good)).find("is already there in line 3") != std::string::npos);
}

TEST_CASE("a stream caster of UDP has a port and a stream; other kinds are not built", "[config][udp]") {
  const auto caster = [](const std::string& rest) {
    return load_text("t.conf", "listen 1935;\nstream_caster { enabled on; " + rest + " }", {});
  };
  const std::string good = "caster mpegts_over_udp; listen 8935; ";
  CHECK(all(caster(good + "output rtmp://127.0.0.1/live/livestream;").errors).empty());
  CHECK(all(caster(good + "output rtmp://127.0.0.1/live/livestream;").warnings).empty());
  for (const char* output : {"", "output http://a/b/c;", "output rtmp://a/live;", "output rtmp://a/[app]/[stream];"}) {
    INFO(output);
    CHECK(all(caster(good + output).errors) ==
          "t.conf:2: 'output' of mpegts_over_udp names one stream, as rtmp://127.0.0.1/live/livestream\n");
  }
  CHECK(all(caster("caster mpegts_over_udp; output rtmp://a/b/c;").errors) ==
        "t.conf:2: mpegts_over_udp listens on one port: say which\n");
  CHECK(all(caster("caster flv; listen 8936; output rtmp://a/[app]/[stream];").errors).find("built without it") !=
        std::string::npos);
}

TEST_CASE("a stream caster of GB28181 has a port or a range of them, and a stream for each id", "[config]") {
  const auto errors_of = [](const std::string& rest) {
    return all(
        load_text("t.conf", "listen 1935;\nstream_caster { enabled on; caster gb28181; " + rest + " }", {}).errors);
  };
  const std::string output = "output rtmp://127.0.0.1/live/[stream]; ";
  CHECK(errors_of("listen 9000; " + output).empty());
  CHECK(errors_of("media_ports 30000-30500; " + output).empty());
  CHECK(errors_of(output) ==
        "t.conf:2: gb28181 without media_ports takes all media at one port: 'listen' says which\n");
  for (const char* bad : {"30000-", "x", "0-5", "30500-30000", "1-70000"}) {
    INFO(bad);
    CHECK(errors_of(std::string("media_ports ") + bad + "; " + output).find("is no range of ports") !=
          std::string::npos);
  }
  CHECK(errors_of("media_ports 30001; " + output).find("even port") != std::string::npos);
  CHECK(errors_of("listen 9000;").empty());
  CHECK(errors_of("listen 9000; output rtmp://127.0.0.1/[device]/[channel];").empty());
  for (const char* bad : {"output rtmp://127.0.0.1/live/cam;", "output http://a/live/[stream];"}) {
    INFO(bad);
    CHECK(errors_of(std::string("listen 9000; ") + bad) ==
          "t.conf:2: 'output' of gb28181 names a stream for each id, as rtmp://127.0.0.1/live/[stream]\n");
  }
}

TEST_CASE("a UDP port as a source is looked at", "[config][udp]") {
  const auto ingest = [](const std::string& url) {
    return "ingest i { enabled on; input { type stream; url " + url + "; } }";
  };
  for (const char* good :
       {"udp://:1234", "udp://127.0.0.1:1234", "udp://@239.1.1.1:1234?interface=lo", "rtp://[::1]:1234",
        "udp://239.1.1.1:1234?interface=127.0.0.1&source=127.0.0.1", "udp://:1234?source=10.0.0.1",
        "udp://239.1.1.1:1234?rejoin=60", "rtp://239.1.1.1:1234?rejoin=0"}) {
    INFO(good);
    CHECK(warnings(ingest(good)).empty());
  }
  CHECK(errors(ingest("udp://a.example:1234")).find("the address is not numeric") != std::string::npos);
  CHECK(errors(ingest("udp://127.0.0.1")).find("it names no port") != std::string::npos);
  CHECK(errors(ingest("udp://:1234?pkt_size=1316")).find("UDP has no option 'pkt_size'") != std::string::npos);
  CHECK(errors(ingest("udp://:1234?source=x")).find("source is a numeric address") != std::string::npos);
  for (const char* bad : {"-1", "x", "86401", ""}) {
    INFO(bad);
    CHECK(errors(ingest("udp://239.1.1.1:1234?rejoin=" + std::string(bad)))
              .find("rejoin is a number of seconds up to 86400; 0: never") != std::string::npos);
  }
  std::string fault;
  CHECK_FALSE(parse_udp_url("udp://239.1.1.1:1", fault)->rejoin);
  CHECK(parse_udp_url("udp://239.1.1.1:1?rejoin=0", fault)->rejoin == std::chrono::seconds(0));
  CHECK(parse_udp_url("udp://239.1.1.1:1?rejoin=60", fault)->rejoin == std::chrono::seconds(60));
}

TEST_CASE("an origin may be any URL that can be fetched", "[config]") {
  const auto with = [](const std::string& origin) { return "cluster { mode remote; origin " + origin + "; }"; };
  for (const char* good : {"a:1 http://a/[app]/[stream].flv", "https://u:p@[::1]:1/", "file:[app]/[stream].mp4",
                           "file:///a.ts", "'exec:ffmpeg -i [stream] -f flv -'"}) {
    INFO(good);
    CHECK(warnings(with(good)).empty());
  }
  for (const char* bad : {"rtsp://a/b", "http:///b", "http://", "file:", "file:/", "file:../a.flv", "file:a/../../b",
                          "exec:", "'exec: '", "'exec:a \"b'", "ftp://a/b"}) {
    INFO(bad);
    CHECK(errors(with(bad)).starts_with("t.conf:2: '"));
  }
  CHECK(errors(with("http://u:p@/x")).find("u:p") == std::string::npos);
}

TEST_CASE("what a source block says wrong is told with its line", "[config]") {
  CHECK(warnings("source live/cam { url rtmp://a/b/c http://d/e.m3u8 file:x.flv srt://f:1; priority 5; standby hot; }\n"
                 "source live/cam { url file:slate.flv; }\nsource tv { url http://a/[stream].ts; on_demand on; }")
            .empty());
  CHECK(errors("\nsource live/cam { url file:a.flv; }\nsource live/cam { url ftp://a; }")
            .starts_with("t.conf:4: source live/cam: 'ftp://a' cannot be fetched: "));
  CHECK(errors("source live/cam { }") == "t.conf:2: source live/cam names no 'url'\n");
  CHECK(errors("source live { url file:a.flv; }") ==
        "t.conf:2: source live: what is not fetched on demand has a name, APP/STREAM\n");
  CHECK_FALSE(errors("source live/ { url file:a.flv; }").empty());
  CHECK(errors("source a/b { url file:a.flv; }\nsource a/b { url file:b.flv; on_demand on; }") ==
        "t.conf:3: source a/b: the sources of a stream are all fetched on demand, or all of them always\n");
  CHECK_FALSE(errors("source a/b { url srt://a; }").empty());
  CHECK_FALSE(errors("source a/b { url udp://a:1; }").empty());
  CHECK_FALSE(errors("source a/b { url file:a; priority 1001; }").empty());
  CHECK(errors("source live { enabled off; }").empty());
}

TEST_CASE("standard input is a source of one stream", "[config]") {
  const auto errors = [](const std::string& vhost) { return all(test::load("vhost a { " + vhost + " }").errors); };
  CHECK(errors("source live/x { url -; }").empty());
  CHECK(errors("source live/x { url -; } source live/y { url -; }").find("another source has it already") !=
        std::string::npos);
  CHECK(errors("source live/x { url -; } source live/y { enabled off; url -; }").empty());
  CHECK(errors("source live { on_demand on; url -; }").find("standard input is one stream's") != std::string::npos);
}

TEST_CASE("the file of a push's sound is looked at, and told with its line", "[config]") {
  const std::string text =
      "listen 1935;\nhttp_server { dir pages; }\nvhost a {\n push live/x {\n url rtmp://h/live/x;\n audio m.aac; }\n"
      " push { enabled off; url rtmp://h/live/y; audio n.aac; } }";
  std::string seen;
  Surroundings surroundings;
  surroundings.fault_of_sound = [&](const Config& config, const std::string& file) {
    seen += config.http_server.dir + "/" + file + " ";
    return std::string("the file is no AAC in ADTS");
  };
  CHECK(all(load_text("t.conf", text, surroundings).errors) ==
        "t.conf:6: audio 'm.aac' of push: the file is no AAC in ADTS\n");
  CHECK(seen == "pages/m.aac ");
  const auto report = load_text("t.conf", text, {});
  REQUIRE(report.config);
  CHECK(report.config->vhosts[0]->pushes[0].audio == "m.aac");
  Push other = report.config->vhosts[0]->pushes[0];
  other.audio = "n.aac";
  CHECK(name_of(other) != name_of(report.config->vhosts[0]->pushes[0]));
  CHECK(all(test::load("vhost a { push { url rtmp://h/x/y; audio ../m.aac; } }").errors) ==
        "t.conf:1: audio '../m.aac' of push: the file would lie outside the directory of http_server\n");
}

TEST_CASE("the last picture of a stream stands where that is asked for", "[config]") {
  const auto publish = [](const std::string& text) {
    const auto report = test::load("vhost a { publish { " + text + " } }");
    REQUIRE(report.config);
    return report.config->vhosts[0]->publish;
  };
  CHECK_FALSE(publish("grace 15;").slate_last);
  CHECK(publish("grace 15;").slate_limit == std::chrono::minutes(5));
  CHECK(publish("slate last;").slate_last);
  CHECK(publish("slate last; slate_limit 1.5;").slate_limit == std::chrono::milliseconds(1500));
  CHECK_FALSE(publish("slate off;").slate_last);
}

}  // namespace weir::test::remote_test
