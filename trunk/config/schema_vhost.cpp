#include <array>

#include "config/schema_build.h"

namespace weir::config {
namespace {

constexpr Type jitter() { return choice("full zero off"); }

constexpr std::array play{
    row<&Play::gop_cache>("gop_cache", flag_unless_off(), "on", live,
                          "Let a new player begin at the newest key frame."),
    row<&Play::gop_cache_max_frames>(
        "gop_cache_max_frames", integer(0, 1'000'000), "2500", live,
        "Most frames kept for that; beyond it players wait for a key frame. 0: no such bound."),
    row<&Play::gop_cache_max_bytes>("gop_cache_max_bytes", bytes(64 << 10, 1ll << 32), "32m", live,
                                    "Most bytes kept for that."),
    row<&Play::gop_cache_max_time>("gop_cache_max_time", seconds_type(1, 3600), "60", live,
                                   "Longest time kept for that."),
    row<&Play::queue_length>("queue_length", whole_seconds(1, 3600), "30", live,
                             "A player that is so far behind is moved to the newest key frame."),
    row<&Play::queue_bytes>("queue_bytes", bytes(64 << 10, 1ll << 32), "32m", live, "The same, in bytes."),
    row<&Play::time_jitter>("time_jitter", jitter(), "full", later,
                            "Repair of time stamps: from zero and rising, from zero only, or none."),
    row<&Play::atc>("atc", flag(), "off", later, "Keep the publisher's absolute time stamps; turns time_jitter off."),
    row<&Play::atc_auto>("atc_auto", flag(), "off", later, "Turn atc on if the metadata has bravo_atc."),
    row<&Play::mix_correct>("mix_correct", flag(), "off", later, "Put audio and video in the order of time."),
    row<&Play::mw_adaptive>(
        "mw_adaptive", flag_unless_off(), "on", live,
        "Send at once while there is time, in longer batches as the load rises, never beyond mw_latency. "
        "Off unless written if mw_latency or mw_msgs is written."),
    row<&Play::mw_latency>("mw_latency", millis(0, 10'000), "350", live, "Longest wait before a batch is sent."),
    row<&Play::mw_msgs>("mw_msgs", integer(0, 128).clamped(), "8", live,
                        "Batches go by mw_latency alone. For WebRTC, messages after which one is sent."),
    row<&Play::send_min_interval>("send_min_interval", millis(0, 10'000), "0", live,
                                  "Least time between two sends to a player."),
    row<&Play::reduce_sequence_header>("reduce_sequence_header", flag(), "off", later,
                                       "An unchanged sequence header is never sent again, on or off."),
    row<&Play::publish_wait>("publish_wait", seconds_type(0), "120", later,
                             "How long a player waits for its publisher. 0: it does not."),
    row<&Play::send_timeout>("send_timeout", seconds_type(0.1), "20", later,
                             "A write that makes no progress for so long ends the player."),
};

constexpr std::array publish{
    row<&Publish::mr>("mr", flag(), "off", live, "Merged read: fewer, larger reads."),
    row<&Publish::mr_latency>("mr_latency", millis(0, 10'000), "350", live, "Longest wait for that."),
    row<&Publish::firstpkt_timeout>("firstpkt_timeout", millis(1), "20000", live, "Time until the first message."),
    row<&Publish::normal_timeout>("normal_timeout", millis(1), "5000", live,
                                  "A silent publisher is gone after this time."),
    row<&Publish::track_wait>("track_wait", millis(0, 10'000), "1000", later,
                              "Longest time that the begin of a stream waits for tracks that are announced or usual "
                              "(audio and video) and have not come. 0: none."),
    row<&Publish::parse_sps>("parse_sps", flag_unless_off(), "on", later,
                             "Read picture size and the like from the stream."),
    row<&Publish::try_annexb_first>("try_annexb_first", flag_unless_off(), "on", later,
                                    "How to guess the form of NAL units."),
    row<&Publish::kickoff_for_idle>("kickoff_for_idle", seconds_type(0), "0", later,
                                    "Drop a publisher that nobody has watched for so long. 0: never.")
        .of(Feature::idle_kick),
    row<&Publish::max_track_changes>("max_track_changes", integer(0, 1'000'000), "10", later,
                                     "Changes of a codec, a size or other parameters in a second, and four times as "
                                     "many at once; a publisher with more is ended. 0: no limit."),
    row<&Publish::takeover>("takeover", flag(), "off", later,
                            "Let a second publisher of the same stream replace the first; else it is refused."),
    row<&Publish::grace>(
        "grace", seconds_type(0, 3600), "15", live,
        "How long a stream waits for a publisher that was cut off: players stay, and go on with the next "
        "one. 0: not at all. One that ended in order is not waited for."),
    row<&Publish::slate_last>("slate", choice("off last"), "off", live,
                              "last: while a stream waits for a publisher its last key frame stands, with silence, so "
                              "that players have something to play. It waits for slate_limit in place of 'grace'."),
    row<&Publish::slate_limit>("slate_limit", seconds_type(1, 86'400), "300", live,
                               "For so long at most; then the stream is over."),
    row<&Publish::standby>("standby", flag(), "off", later,
                           "Let up to 3 more publishers of the same stream stand by. The one of the highest priority "
                           "(?priority=N, 0 where not written) is sent on; another takes over when it fails."),
    row<&Publish::input_timeout>("input_timeout", seconds_type(0.5, 3600), "2", live,
                                 "A publisher that is silent for so long gives way to one that stands by."),
    row<&Publish::input_hold>("input_hold", seconds_type(0, 3600), "5", live,
                              "For so long one of higher priority has to send before it is sent on again."),
    row<&Publish::input_key_timeout>("input_key_timeout", seconds_type(0, 3600), "0", live,
                                     "One that brings no key frame for so long gives way, too. 0: it does not."),
    row<&Publish::input_errors>("input_errors", integer(0, 1'000'000), "0", live,
                                "One in which more than that is wrong or missing within a minute gives way, too: gaps "
                                "in transport streams, what cannot be read. 0: it does not."),
    row<&Publish::ts_analysis>("ts_analysis", flag_unless_off(), "on", later,
                               "Count what is wrong with transport streams that come, by TR 101 290."),
    row<&Publish::ts_pass_through>("ts_pass_through", flag_unless_off(), "on", later,
                                   "Send the packets of a transport stream that comes live to SRT, UDP, RTP, RIST and "
                                   "HTTP-TS as they came. Off: they are made anew of its frames."),
};

constexpr std::array vhost{
    row<&Vhost::enabled>("enabled", flag_unless_off(), "on", later, "Off: clients of this host are refused.").env("-"),
    row<&Vhost::min_latency>("min_latency", flag(), "off", live,
                             "Send at each frame. WebRTC does, unless this is written off."),
    row<&Vhost::tcp_nodelay>("tcp_nodelay", flag(), "off", live, "Turn Nagle's algorithm off."),
    row<&Vhost::chunk_size>("chunk_size", integer(128, 65536).clamped(), "", later,
                            "RTMP chunk size of what is sent; that of the rtmp block where not written.")
        .like("60000"),
    row<&Vhost::in_ack_size>("in_ack_size", integer(0, 2147483647), "0", later,
                             "Bytes after which what was received is acknowledged. 0: as the peer asks."),
    row<&Vhost::out_ack_size>("out_ack_size", integer(0, 2147483647), "2500000", later,
                              "Bytes after which the peer is to acknowledge. 0: it is not told."),
    block<&Vhost::play>("play", play_rows, "Players."),
    block<&Vhost::publish>("publish", publish_rows, "Publishers."),
    block<&Vhost::refer>("refer", refer_rows, "Checks the page a player stands on.").of(Feature::refer),
    block<&Vhost::security>("security", security_rows, "Checks the address of a client.").of(Feature::security),
    block<&Vhost::auth>("auth", auth_rows, "Checks a signature or token in the URL.").of(Feature::auth),
    block<&Vhost::stream_limits>("stream_limits", stream_limits_rows, "Bounds. 0: no such bound.")
        .of(Feature::stream_limits),
    block<&Vhost::exec>("exec", exec_rows, "Starts programs at publish.").of(Feature::exec),
    block<&Vhost::cluster>("cluster", cluster_rows, "Edge and origin."),
    block<&Vhost::forward>("forward", forward_rows, "Pushes each stream to other servers.").of(Feature::forward),
    block<&Vhost::http_hooks>("http_hooks", http_hooks_rows, "Asks and tells an HTTP server.").of(Feature::hooks),
    block<&Vhost::http_static>("http_static", http_static_rows, "Files."),
    block<&Vhost::http_remux>("http_remux", http_remux_rows, "Live streams over HTTP; one such block per vhost."),
    block<&Vhost::hls>("hls", hls_rows, "HLS.").of(Feature::hls),
    block<&Vhost::dash>("dash", dash_rows, "MPEG-DASH.").of(Feature::dash),
    block<&Vhost::hds>("hds", hds_rows, "Adobe HDS.").of(Feature::never).lenient(),
    block<&Vhost::dvr>("dvr", dvr_rows, "Recording.").of(Feature::dvr),
    block<&Vhost::rtc>("rtc", rtc_rows, "WebRTC.").of(Feature::rtc),
    block<&Vhost::srt>("srt", srt_rows, "SRT.").of(Feature::srt),
    block<&Vhost::rtsp>("rtsp", rtsp_rows, "RTSP.").of(Feature::rtsp),
    blocks<&Vhost::transcodes>("transcode", transcode_rows,
                               "Transcodes by FFmpeg: the whole host, an app, or one app/stream, as named.")
        .of(Feature::transcode)
        .named([](void* object, const std::string& name) { static_cast<Transcode*>(object)->scope = name; }),
    blocks<&Vhost::processes>("process", process_rows, "A program from one stream to another. The name is its id.")
        .of(Feature::exec)
        .like("blur")
        .named([](void* object, const std::string& name) { static_cast<StreamProcess*>(object)->name = name; })
        .one_of_each(),
    blocks<&Vhost::sources>("source", source_rows,
                            "Fetches a stream, APP/STREAM as named; on demand also all of an app, or of the host.")
        .of(Feature::source)
        .like("live/cam")
        .named([](void* object, const std::string& name) { static_cast<Source*>(object)->scope = name; }),
    blocks<&Vhost::pushes>("push", push_rows,
                           "Sends a stream on, APP/STREAM as named; or all of an app, or of the host. One place each.")
        .of(Feature::forward)
        .like("live/cam")
        .named([](void* object, const std::string& name) { static_cast<Push*>(object)->scope = name; }),
    block<&Vhost::snapshot>("snapshot", snapshot_rows, "Pictures of streams, by FFmpeg.").of(Feature::snapshot),
    blocks<&Vhost::ingests>("ingest", ingest_rows, "Pulls a stream by FFmpeg. The name is its id.")
        .of(Feature::ingest)
        .named([](void* object, const std::string& name) { static_cast<Ingest*>(object)->id = name; })
        .one_of_each(),
    nothing("bandcheck", "Taken out of SRS."),
};

}  // namespace

Rows vhost_rows() { return vhost; }
Rows play_rows() { return play; }
Rows publish_rows() { return publish; }

}  // namespace weir::config
