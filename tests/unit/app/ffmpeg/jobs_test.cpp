#include "app/ffmpeg/jobs.h"

#include "app/ffmpeg/outputs.h"
#include "base/text.h"
#include "config/load.h"
#include "support/catch.h"

namespace weir::test::jobs_test {

namespace {

std::shared_ptr<const config::Config> load(const std::string& vhost) {
  const auto report = config::load_text("t.conf",
                                        "listen 19350; daemon off; ff_log_dir /var/log; ff_log_level warning;\n"
                                        "vhost __defaultVhost__ {\n" +
                                            vhost + "\n}",
                                        {});
  INFO((report.errors.empty() ? std::string() : report.errors.front().text()));
  REQUIRE(report.config);
  return report.config;
}

hub::Request stream_of(const config::Config& config, const std::string& app, const std::string& stream) {
  hub::Request request;
  request.vhost = config.match_vhost(config::default_vhost_name);
  request.app = app;
  request.stream = stream;
  request.param = "?k=v";
  return request;
}

std::string words(const ffmpeg::Plan& plan) {
  std::string all;
  for (const std::string& word : plan.command.words) all.append(all.empty() ? "" : " ").append(word);
  return all;
}

const std::string full_engine = R"(
  enabled on;
  perfile { re; rtsp_transport tcp; }
  vfilter { v quiet; vf 'drawtext=text=a b;x=10'; }
  vcodec libx264; vbitrate 500; vfps 25; vwidth 769; vheight 321; vthreads 12; vprofile main; vpreset medium;
  vparams { t 100; coder 1; }
  acodec libfdk_aac; abitrate 70; asample_rate 44100; achannels 2; aparams { profile:a aac_low; }
  output rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine];
)";

}  // namespace

TEST_CASE("a transcode is the command that SRS would run", "[ffmpeg]") {
  const auto config = load("transcode { enabled on; ffmpeg /opt/ffmpeg; engine hd {" + full_engine + "} }");
  const auto plans = ffmpeg::transcodes_of(*config, stream_of(*config, "live", "cam"));
  REQUIRE(plans.size() == 1);
  CHECK(plans[0].fault.empty());
  CHECK(words(plans[0]) ==
        "/opt/ffmpeg -loglevel warning -re -rtsp_transport tcp -f flv -i "
        "rtmp://127.0.0.1:19350/live?vhost=__defaultVhost__/cam -v quiet -vf drawtext=text=a b;x=10 -vcodec libx264 "
        "-b:v 500000 -r 25.00 -s 768x320 -aspect 768:320 -threads 12 -profile:v main -preset medium -t 100 -coder 1 "
        "-acodec libfdk_aac -b:a 70000 -ar 44100 -ac 2 -profile:a aac_low -f flv -y "
        "rtmp://127.0.0.1:19350/live?vhost=__defaultVhost__/cam_hd");
  CHECK(plans[0].makes == base::StreamKey{"__defaultVhost__", "live", "cam_hd"});
  REQUIRE(plans[0].command.redirects.size() == 2);
  CHECK(plans[0].command.redirects[0].path == "/var/log/ffmpeg-encoder-__defaultVhost__-live-cam.log");
}

TEST_CASE("a scope is the host, an application or a stream", "[ffmpeg]") {
  const std::string engine = "engine e { enabled on; vcodec copy; acodec an; output rtmp://o/[app]/[stream]; }";
  const auto config = load("transcode { enabled on; ffmpeg f; " + engine + "} transcode live { enabled on; ffmpeg f; " +
                           engine + "} transcode live/cam { enabled on; ffmpeg f; " + engine +
                           "} transcode off { enabled off; ffmpeg f; " + engine + "}");
  CHECK(ffmpeg::transcodes_of(*config, stream_of(*config, "live", "cam")).size() == 3);
  CHECK(ffmpeg::transcodes_of(*config, stream_of(*config, "live", "other")).size() == 2);
  CHECK(ffmpeg::transcodes_of(*config, stream_of(*config, "off", "cam")).size() == 1);
}

TEST_CASE("engines that make no sense are named and not run", "[ffmpeg]") {
  const auto fault = [](const std::string& engine) {
    const auto config = load("transcode { enabled on; ffmpeg f; engine e { enabled on; " + engine + "} }");
    const auto plans = ffmpeg::transcodes_of(*config, stream_of(*config, "live", "cam"));
    return plans.empty() ? "none" : plans[0].fault;
  };
  CHECK(fault("vcodec copy; acodec copy;") == "it names no output");
  CHECK(fault("vcodec vn; acodec an; output rtmp://o/a/b;").starts_with("it leaves out both"));
  CHECK(fault("vcodec libx264; acodec an; output rtmp://o/a/b;") == "it encodes video, and names no vprofile");
  CHECK(fault("vcodec png; acodec an; iformat off; oformat image2; output /tmp/[stream]-%3d.png;").empty());
  CHECK(fault("vcodec copy; acodec copy; output rtmp://127.0.0.1:[port]/[app]/[stream];") == "its output is its input");
  const auto config =
      load("transcode { enabled on; engine e { enabled on; vcodec copy; acodec an; output rtmp://o/a/b; } }");
  CHECK(ffmpeg::transcodes_of(*config, stream_of(*config, "live", "cam"))[0].fault == "it names no program");
}

TEST_CASE("what a publisher named is one word, no option and no other folder", "[ffmpeg]") {
  const auto config = load(
      "transcode { enabled on; ffmpeg f; engine e { enabled on; vcodec copy; acodec copy; "
      "output rtmp://o/[app]/[stream]; } engine file { enabled on; vcodec copy; acodec copy; output /tmp/[stream].flv; "
      "} }");
  const auto plans = ffmpeg::transcodes_of(*config, stream_of(*config, "live", "a b'; rm -rf \"$HOME\" `id`"));
  REQUIRE(plans.size() == 2);
  CHECK(plans[0].command.words.back() == "rtmp://o/live/a b'; rm -rf \"$HOME\" `id`");
  const auto away = ffmpeg::transcodes_of(*config, stream_of(*config, "live", "../../etc/cron.d/x"));
  CHECK(away[1].fault == "what the publisher named cannot stand in its output");
  for (const auto& redirect : away[0].command.redirects) {
    CHECK(redirect.path.rfind('/') == std::string("/var/log").size());  // no folder of the publisher's
    CHECK(redirect.path.find("/var/log/ffmpeg-encoder-") == 0);
  }
}

TEST_CASE("a name by which the encoder would read another stream starts none", "[ffmpeg]") {
  const auto config = load(
      "transcode { enabled on; ffmpeg f; engine e { enabled on; vcodec copy; acodec copy; output rtmp://o/a/b; } }");
  const auto fault = [&](const char* app) {
    return ffmpeg::transcodes_of(*config, stream_of(*config, app, "cam"))[0].fault;
  };
  CHECK(fault("live").empty());
  CHECK(fault("live...vhost...secure.example.com") == "by its address here the stream would be another one");
  CHECK(fault("live/_definst_") == "by its address here the stream would be another one");
}

TEST_CASE("by pipes FFmpeg reads standard input and writes standard output", "[ffmpeg]") {
  const auto config = load(
      "transcode { enabled on; pipe on; ffmpeg /opt/ffmpeg; engine sd { enabled on; vcodec libx264; "
      "vwidth 320; vheight 180; vprofile main; vpreset fast; acodec copy; oformat mpegts; "
      "output rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine]; } }");
  const auto cam = stream_of(*config, "live", "cam");
  CHECK(ffmpeg::transcodes_of(*config, cam).empty());
  const auto plans = ffmpeg::pipes_of(*config, cam);
  REQUIRE(plans.size() == 1);
  CHECK(plans[0].fault.empty());
  CHECK(plans[0].name == "transcode sd of live/cam");
  CHECK(words(plans[0]) ==
        "/opt/ffmpeg -loglevel warning -f flv -i pipe:0 -vcodec libx264 -s 320x180 -aspect 320:180 -threads 1 "
        "-profile:v main -preset fast -acodec copy -f mpegts -y pipe:1");
  CHECK(plans[0].command_for_ts.words.at(4) == "mpegts");
  CHECK(plans[0].command_for_ts.words.size() == plans[0].command.words.size());
  CHECK(plans[0].makes == base::StreamKey{"__defaultVhost__", "live", "cam_sd"});
  CHECK(plans[0].log_file == "/var/log/ffmpeg-encoder-__defaultVhost__-live-cam.log");
  CHECK(plans[0].command.redirects.empty());
  const auto elsewhere = load(
      "transcode { enabled on; pipe on; ffmpeg f; engine e { enabled on; vcodec copy; acodec copy; "
      "output rtmp://127.0.0.1:1/live/x; } }");
  CHECK(ffmpeg::pipes_of(*elsewhere, stream_of(*elsewhere, "live", "cam"))[0].fault ==
        "its output is no stream of this server");
}

TEST_CASE("a process is a command with the variables of exec and a stream that it makes", "[ffmpeg]") {
  const auto config = load(
      "process blur { exec /bin/p --of=[app]/[stream] [engine] [url] 2>/tmp/[stream].txt; tracks video; format ts; "
      "apply live; output out/[stream]_[engine]; }");
  const auto plan_of = [&](const std::string& app, const std::string& stream) {
    const auto plans = ffmpeg::pipes_of(*config, stream_of(*config, app, stream));
    return plans.empty() ? ffmpeg::Plan() : plans.front();
  };
  const auto plan = plan_of("live", "cam");
  CHECK(plan.fault.empty());
  CHECK(plan.name == "process blur of live/cam");
  CHECK(words(plan) == "/bin/p --of=live/cam blur rtmp://127.0.0.1:19350/live/cam");
  REQUIRE(plan.command.redirects.size() == 1);
  CHECK(plan.command.redirects[0].path == "/tmp/cam.txt");
  CHECK(plan.makes == base::StreamKey{"__defaultVhost__", "out", "cam_blur"});
  CHECK(plan.form == exec::Pipe::Form::ts);
  CHECK(plan.only == pack::Only::video);
  CHECK(plan.log_file == "/var/log/process-blur-__defaultVhost__-live-cam.log");
  CHECK(plan_of("other", "cam").name.empty());
  // What a publisher named is filled in once, begins no option and leads to no other folder.
  CHECK(words(plan_of("live", "[engine]")).find("live/[engine] blur") != std::string::npos);
  const auto options = load("process p { exec /bin/p [stream]; output out/[stream]; }");
  const auto fault = [&](const std::string& stream) {
    return ffmpeg::pipes_of(*options, stream_of(*options, "live", stream))[0].fault;
  };
  CHECK(fault("cam").empty());
  CHECK(fault("-y").find("(variable [stream])") != std::string::npos);
  CHECK(fault("..").find("variable") != std::string::npos);
  const auto same = load("process p { exec /bin/p; output [app]/cam; }");
  CHECK(ffmpeg::pipes_of(*same, stream_of(*same, "live", "cam"))[0].fault == "its output is its input");
}

TEST_CASE("an ingest reads a file at its own speed and copies unless an engine says how", "[ffmpeg]") {
  const auto config = load(R"(
    ingest one { enabled on; input { type file; url ./a.flv; } ffmpeg f;
      engine { enabled off; output rtmp://127.0.0.1:[port]/live?vhost=[vhost]/one; } }
    ingest two { enabled on; input { type stream; url rtsp://cam/1; } ffmpeg f;
      engine { enabled on; perfile { rtsp_transport tcp; } vcodec copy; acodec aac; output rtmp://127.0.0.1:[port]/live/two; } }
    ingest off { enabled off; input { type file; url ./a.flv; } ffmpeg f; engine { output rtmp://o/a/b; } }
    ingest pull { enabled on; input { type stream; url rtmp://o/a/b; } })");
  const auto plans = ffmpeg::ingests_of(*config, config->match_vhost(""));
  REQUIRE(plans.size() == 2);
  CHECK(words(plans[0]) ==
        "f -loglevel warning -re -i ./a.flv -vcodec copy -acodec copy -f flv -y "
        "rtmp://127.0.0.1:19350/live?vhost=__defaultVhost__/one");
  CHECK(plans[0].makes == base::StreamKey{"__defaultVhost__", "live", "one"});
  CHECK(plans[0].command.redirects[1].path == "/var/log/ffmpeg-ingest-__defaultVhost__-live-one.log");
  CHECK(words(plans[1]) ==
        "f -loglevel warning -rtsp_transport tcp -i rtsp://cam/1 -vcodec copy -acodec aac -f flv -y "
        "rtmp://127.0.0.1:19350/live/two");
}

TEST_CASE("the streams that are made are known as long as they are made", "[ffmpeg]") {
  ffmpeg::Outputs outputs;
  const base::StreamKey key{"v", "live", "cam_hd"};
  {
    const ffmpeg::Outputs::Mark one(outputs, key);
    const ffmpeg::Outputs::Mark other(outputs, key);
    CHECK(outputs.contains(key));
  }
  CHECK_FALSE(outputs.contains(key));
}

}  // namespace weir::test::jobs_test
