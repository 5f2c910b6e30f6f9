#include <array>

#include "config/schema_build.h"

namespace weir::config {
namespace {

constexpr std::array cluster{
    row<&Cluster::remote>("mode", choice("local remote"), "local", restart, "'remote' makes an edge of this host.")
        .of(Feature::edge),
    row<&Cluster::origin>(
        "origin", words(), "", later,
        "Origins of an edge, asked in turn: host[:port], or a URL of HTTP, file: or exec: in which [vhost], "
        "[app] and [stream] are filled in.")
        .like("127.0.0.1:19350"),
    row<&Cluster::token_traverse>("token_traverse", flag(), "off", later,
                                  "Let the origin judge each client of the edge.")
        .of(Feature::token_traverse),
    row<&Cluster::vhost>("vhost", text(), "[vhost]", later, "The host to ask for at the origin."),
    row<&Cluster::debug_srs_upnode>("debug_srs_upnode", flag_unless_off(), "on", later, "Tell the origin who asks."),
    row<&Cluster::origin_cluster>("origin_cluster", flag(), "off", later, "Several origins that know each other.")
        .of(Feature::origin_cluster),
    row<&Cluster::coworkers>("coworkers", words(), "", later, "Their APIs, host:port.").like("127.0.0.1:9091"),
    row<&Cluster::protocol>("protocol", choice("rtmp flv flvs"), "rtmp", later,
                            "How an edge asks its origins: RTMP, HTTP-FLV or HTTPS-FLV; their port is that of it."),
    row<&Cluster::follow_client>("follow_client", flag(), "off", later,
                                 "Ask the way the first client plays, RTMP or FLV."),
    row<&Cluster::advertise>("advertise", text(), "", later,
                             "Host[:port] of RTMP that this server tells its coworkers. Empty: its own address.")
        .like("10.0.0.11:1935"),
    row<&Cluster::linger>("linger", seconds_type(0), "3", later,
                          "An edge goes on fetching a stream for this time after its last player."),
    row<&Cluster::hls_relay>(
        "hls_relay", flag(), "off", later,
        "HLS of an edge is its origin's own: the same playlists, segments and parts, byte for byte, "
        "fetched once by HTTP and kept. Off: it is made here of the stream."),
    row<&Cluster::hls_origin>("hls_origin", words(), "", later,
                              "HTTP servers for that, asked in turn: host[:port] or http[s]://host[:port]. Empty: the "
                              "hosts of 'origin', port 8080.")
        .like("127.0.0.1:8081"),
};

constexpr std::array source{
    row<&Source::enabled>("enabled", flag_unless_off(), "on", live, "Fetch."),
    row<&Source::urls>("url", words(), "", live,
                       "Where from, as an ingest without a program. Several are asked in turn. [vhost], [app] and "
                       "[stream] are filled in.")
        .like("http://127.0.0.1:8081/live/cam.flv"),
    row<&Source::on_demand>("on_demand", flag(), "off", live, "Only while somebody wants the stream."),
    row<&Source::priority>("priority", integer(0, 1000), "0", live,
                           "Of several sources and publishers of a stream: the highest one that brings frames is "
                           "played."),
    row<&Source::standby>(
        "standby", choice("hot cold warm"), "cold", live,
        "While a better one is played. hot: received, its newest pictures are at hand; warm: received, "
        "and none are kept, so that it takes over with its next key frame; cold: not begun."),
    row<&Source::restart_every>("restart_every", seconds_type(0), "0", live,
                                "Connect anew after this time, for servers that go stale. 0: never."),
};

constexpr std::array push{
    row<&Push::enabled>("enabled", flag_unless_off(), "on", live, "Push."),
    row<&Push::url>("url", text(), "", live, "Where to, as a destination of forward.")
        .like("rtmp://127.0.0.1:19350/live/copy"),
    row<&Push::audio>(
        "audio", text(), "", live,
        "A file of AAC (ADTS) below http_server.dir: sent over and over in place of the stream's sound, or "
        "where it has none.")
        .like("music.aac"),
};

constexpr std::array snapshot{
    row<&Snapshot::enabled>("enabled", flag(), "off", live, "Serve APP/STREAM.jpg."),
    row<&Snapshot::ffmpeg>("ffmpeg", text(), "ffmpeg", live, "The program that makes them."),
    row<&Snapshot::width>("width", integer(0, 8192), "0", live, "Width in pixels; 0: that of the stream."),
    row<&Snapshot::cache>("cache", seconds_type(0), "5", live, "A picture is given out for this time."),
};

constexpr std::array forward{
    row<&Forward::enabled>("enabled", flag(), "off", live, "Push."),
    row<&Forward::destination>(
        "destination", words(), "", live,
        "To these servers: host[:port], with the same app and stream there, "
        "rtmp[s]://host[:port]/app[/stream], http[s]://host[:port]/path, srt://host:port, udp://host:port, "
        "rist://host:port or rtp://host:port.")
        .like("127.0.0.1:19350"),
    row<&Forward::backend>("backend", text(), "", live,
                           "Ask this URL at each publish where to. What it says takes the place of the destinations, "
                           "unless it names none; where it fails the publish is refused.")
        .like("http://127.0.0.1:8085/api/v1/forward"),
};

template <auto Member>
void read_options(void* object, const Node& node, Problems&) {
  for (const Node& option : node.children) {
    member<Member>(object).emplace_back(option.name, join_words(option.words));
  }
}

template <auto Member>
constexpr Directive options(std::string_view name, std::string_view meaning, std::string_view example) {
  auto directive = special(name, read_options<Member>, live, meaning).like(example);
  directive.open = true;  // a block whose names are FFmpeg's
  return directive;
}

template <auto Member>
constexpr Directive of_engine(std::string_view name, Type type, std::string_view fallback, std::string_view meaning) {
  return row<Member>(name, type, fallback, live, meaning);
}

constexpr std::array engine{
    of_engine<&Engine::enabled>("enabled", flag(), "off", "Run it."),
    options<&Engine::perfile>("perfile", "Options before the input.", "re"),
    of_engine<&Engine::iformat>("iformat", text(), "flv", "Format of the input; 'off': left to FFmpeg."),
    options<&Engine::vfilter>("vfilter", "Options between input and codec.", "vf crop=in_w:in_h-160:0:80"),
    of_engine<&Engine::vcodec>("vcodec", text(), "", "Video encoder, 'copy' or 'vn'.").like("libx264"),
    of_engine<&Engine::vbitrate>("vbitrate", integer(0, 10'000'000), "0", "Kilobits per second of video."),
    of_engine<&Engine::vfps>("vfps", number(0, 1000), "0", "Frames per second."),
    of_engine<&Engine::vwidth>("vwidth", integer(0, 65536), "0", "Width of the picture."),
    of_engine<&Engine::vheight>("vheight", integer(0, 65536), "0", "Height of the picture."),
    of_engine<&Engine::vthreads>("vthreads", integer(0, 1024), "1", "Threads."),
    of_engine<&Engine::vprofile>("vprofile", text(), "", "Profile.").like("main"),
    of_engine<&Engine::vpreset>("vpreset", text(), "", "Preset.").like("medium"),
    options<&Engine::vparams>("vparams", "More options of video.", "g 100"),
    of_engine<&Engine::acodec>("acodec", text(), "", "Audio encoder, 'copy' or 'an'.").like("aac"),
    of_engine<&Engine::abitrate>("abitrate", integer(0, 100'000), "0", "Kilobits per second of audio."),
    of_engine<&Engine::asample_rate>("asample_rate", integer(0, 1'000'000), "0", "Samples per second."),
    of_engine<&Engine::achannels>("achannels", integer(0, 64), "0", "Channels."),
    options<&Engine::aparams>("aparams", "More options of audio.", "profile:a aac_low"),
    of_engine<&Engine::oformat>("oformat", text(), "flv", "Format of the output; 'off': left to FFmpeg."),
    of_engine<&Engine::output>("output", text(), "",
                               "Where it goes; [vhost], [port], [app], [stream], [engine] are filled in.")
        .like("rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine]"),
};

void name_engine(void* object, const std::string& name) { static_cast<Engine*>(object)->name = name; }
Rows engine_rows() { return engine; }

constexpr std::array transcode{
    row<&Transcode::enabled>("enabled", flag(), "off", live, "Transcode."),
    row<&Transcode::pipe>("pipe", flag(), "off", live,
                          "FFmpeg reads the stream on its standard input, and what it writes to its standard output is "
                          "the stream that 'output' names. Off: by RTMP."),
    row<&Transcode::ffmpeg>("ffmpeg", text(), "", live, "The program.").like("./objs/ffmpeg/bin/ffmpeg"),
    blocks<&Transcode::engines>("engine", engine_rows, "One FFmpeg each.").named(name_engine).lenient(),
};

constexpr std::array stream_process{
    row<&StreamProcess::enabled>("enabled", flag_unless_off(), "on", live, "Run it."),
    row<&StreamProcess::apply>("apply", words(), "all", live, "For which streams: all, or names as app or app/stream.")
        .like("live/cam"),
    row<&StreamProcess::exec>(
        "exec", words(), "", live,
        "A program with its arguments. It reads the stream on its standard input, and its standard output is the "
        "stream that 'output' names. Variables as in exec; [engine] is the name of the process.")
        .like("/usr/bin/python3 /opt/blur.py --stream [stream]"),
    row<&StreamProcess::tracks>("tracks", choice("all video audio"), "all", live, "What of the stream it reads."),
    row<&StreamProcess::output>(
        "output", text(), "", live,
        "The stream that it makes, APP/STREAM; [app], [stream], [vhost] and [engine] are filled in.")
        .like("[app]/[stream]_[engine]"),
    row<&StreamProcess::format>("format", choice("flv ts"), "flv", live,
                                "What it reads. It writes FLV, MPEG-TS, MP3 or AAC, as its first bytes say."),
};

constexpr std::array input{
    row<&Ingest::input_type>("type", choice("file stream"), "file", live, "A file is read at its own speed."),
    row<&Ingest::input_url>("url", text(), "", live, "What to read.").like("./doc/source.flv"),
};

constexpr std::array ingest{
    row<&Ingest::enabled>("enabled", flag(), "off", live, "Pull."),
    block<>(
        "input", [] { return Rows(input); }, "The source.")
        .lenient(),
    row<&Ingest::ffmpeg>("ffmpeg", text(), "", live, "The program.").like("./objs/ffmpeg/bin/ffmpeg"),
    blocks<&Ingest::engines>("engine", engine_rows, "How; without codecs the stream is copied.")
        .named(name_engine)
        .lenient(),
};

}  // namespace

Rows cluster_rows() { return cluster; }
Rows forward_rows() { return forward; }
Rows source_rows() { return source; }
Rows push_rows() { return push; }
Rows snapshot_rows() { return snapshot; }
Rows transcode_rows() { return transcode; }
Rows process_rows() { return stream_process; }
Rows ingest_rows() { return ingest; }

}  // namespace weir::config
