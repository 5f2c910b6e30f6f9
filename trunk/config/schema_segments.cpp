#include <array>

#include "config/schema_build.h"

namespace weir::config {
namespace {

template <auto Member>
constexpr Directive item(std::string_view name, Type type, std::string_view fallback, std::string_view meaning) {
  return row<Member>(name, type, fallback, live, meaning);
}

constexpr std::array hls{
    item<&Hls::enabled>("enabled", flag(), "off", "Make playlists and segments."),
    item<&Hls::fragment>("hls_fragment", seconds_type(0.1, 3600), "10", "Length to aim at for a segment."),
    item<&Hls::td_ratio>("hls_td_ratio", number(0.1, 100), "1.0", "Times that: when to cut, and the target duration."),
    item<&Hls::aof_ratio>("hls_aof_ratio", number(0.1, 100), "2.1",
                          "Times that: when to cut although no key frame came."),
    item<&Hls::window>("hls_window", seconds_type(0.1, 86'400), "60", "Length of the playlist."),
    item<&Hls::on_error>("hls_on_error", choice("ignore disconnect continue"), "continue",
                         "What to do when it fails: stop HLS, drop the publisher, or go on."),
    item<&Hls::path>("hls_path", text(), "./objs/nginx/html", "Root of the files."),
    item<&Hls::m3u8_file>("hls_m3u8_file", text(), "[app]/[stream].m3u8",
                          "The playlist; [vhost], [app], [stream] are filled in."),
    item<&Hls::ts_file>("hls_ts_file", text(), "[app]/[stream]-[seq].ts",
                        "A segment; also [seq], [duration], [timestamp] and [2006] [01] [02] [15] [04] [05] [999]."),
    item<&Hls::ts_floor>("hls_ts_floor", flag(), "off",
                         "Number segments by the time of day, so that several servers agree."),
    item<&Hls::entry_prefix>("hls_entry_prefix", text(), "", "Put before each segment in the playlist.")
        .like("http://your-server"),
    item<&Hls::acodec>("hls_acodec", choice("aac mp3 an"), "aac", "Audio to announce first; 'an': none."),
    item<&Hls::vcodec>("hls_vcodec", choice("h264 h265 vn"), "h264", "Video to announce first; 'vn': none."),
    item<&Hls::cleanup>("hls_cleanup", flag_unless_off(), "on", "Remove segments that left the playlist."),
    item<&Hls::dispose>("hls_dispose", whole_seconds(0), "120",
                        "Remove everything when the stream has been gone so long. 0: never."),
    item<&Hls::grace>("hls_grace", seconds_type(0, 86'400), "15",
                      "How long a publisher that left may come back before the playlist ends."),
    item<&Hls::playlist_type>("hls_playlist_type", choice("live event"), "live",
                              "event: the playlist keeps all from the beginning on, for players to go back to."),
    item<&Hls::nb_notify>("hls_nb_notify", bytes(0, 1 << 20), "64", "How much of the answer to on_hls_notify is read."),
    item<&Hls::wait_keyframe>("hls_wait_keyframe", flag_unless_off(), "on", "Cut at key frames only."),
    item<&Hls::ladder>("hls_ladder", words(), "",
                       "Endings of names: with '_720 _480', streams cam_720 and cam_480 are renditions of cam, and the "
                       "playlist of cam names those that are there, and cam itself.")
        .like("_720 _480"),
    item<&Hls::ctx>("hls_ctx", flag_unless_off(), "on", "Give each player a session of its own."),
    item<&Hls::ts_ctx>("hls_ts_ctx", flag_unless_off(), "on", "Carry it on to the segments."),
    item<&Hls::guard>(
        "hls_guard", flag_unless_off(), "on",
        "Where a token, an address, a page or on_play decides who may play, segments and keys need a session, "
        "DASH too. Off: whoever knows their names gets them, as with SRS."),
    item<&Hls::keys>("hls_keys", flag_unless_off(), "off", "Encrypt with AES-128."),
    item<&Hls::fragments_per_key>("hls_fragments_per_key", integer(1, 1'000'000), "5", "Segments per key."),
    item<&Hls::key_file>("hls_key_file", text(), "[app]/[stream]-[seq].key", "The key's file."),
    item<&Hls::key_file_path>("hls_key_file_path", text(), "", "Root of the keys; hls_path where not written.")
        .like("./objs/nginx/html"),
    item<&Hls::key_url>("hls_key_url", text(), "", "Put before the key in the playlist; hls_path where not written.")
        .like("https://localhost:8080"),
    item<&Hls::dts_directly>("hls_dts_directly", flag_unless_off(), "on",
                             "Take time from the stream; off: count audio samples."),
    item<&Hls::use_fmp4>("hls_use_fmp4", flag(), "off", "Fragmented MP4 instead of MPEG-TS."),
    item<&Hls::fmp4_file>("hls_fmp4_file", text(), "[app]/[stream]-[seq].m4s", "A segment of that."),
    item<&Hls::init_file>("hls_init_file", text(), "[app]/[stream]/init.mp4", "Its initialisation."),
    item<&Hls::recover>("hls_recover", flag_unless_off(), "on",
                        "Go on with the old playlist when the publisher comes back."),
    item<&Hls::master_m3u8_path_relative>("hls_master_m3u8_path_relative", flag(), "off",
                                          "Relative path in the playlist of hls_ctx, for reverse proxies."),
    item<&Hls::low_latency>("hls_low_latency", flag(), "off",
                            "Low-latency HLS: parts of segments, and playlists that wait.")
        .of(Feature::low_latency_hls),
    item<&Hls::part_duration>("hls_part_duration", seconds_type(0.05, 10), "0.2", "Length of a part.")
        .of(Feature::low_latency_hls),
    item<&Hls::to_disk>("hls_to_disk", flag_unless_off(), "on", "Write files; off: segments stay in memory."),
    item<&Hls::memory_per_stream>("hls_memory_per_stream", bytes(1 << 20, 1ll << 36), "64m",
                                  "Most memory for the segments of a stream."),
    item<&Hls::memory_total>("hls_memory_total", bytes(1 << 20, 1ll << 40), "1g",
                             "Most memory for all segments of this host."),
    nothing("hls_storage", "Taken out of SRS."),
    nothing("hls_mount", "Taken out of SRS."),
};

constexpr std::array dash{
    item<&Dash::enabled>("enabled", flag(), "off", "Make a manifest and segments."),
    item<&Dash::fragment>("dash_fragment", seconds_type(0.1, 3600), "10", "Length to aim at for a segment."),
    item<&Dash::update_period>("dash_update_period", seconds_type(0.1, 86'400), "5",
                               "How often players fetch the manifest."),
    item<&Dash::timeshift>("dash_timeshift", seconds_type(0.1, 86'400), "300", "How far back players may go."),
    item<&Dash::path>("dash_path", text(), "./objs/nginx/html", "Root of the files."),
    item<&Dash::mpd_file>("dash_mpd_file", text(), "[app]/[stream].mpd", "The manifest."),
    item<&Dash::window_size>("dash_window_size", integer(1, 100'000), "5", "Segments in the manifest."),
    item<&Dash::cleanup>("dash_cleanup", flag_unless_off(), "on", "Remove segments that left it."),
    item<&Dash::dispose>("dash_dispose", whole_seconds(0), "120",
                         "Remove everything when the stream has been gone so long. 0: never."),
    item<&Dash::grace>("dash_grace", seconds_type(0, 86'400), "15",
                       "How long a publisher that left may come back before the presentation ends."),
    item<&Dash::ladder>(
        "dash_ladder", words(), "",
        "As hls_ladder, for the manifest: endings of names of renditions. hls_ladder where not written.")
        .like("_720 _480"),
    item<&Dash::low_latency>("dash_low_latency", flag_unless_off(), "off",
                             "Low-latency DASH: segments are sent while they are made, chunk by chunk."),
    item<&Dash::chunk_duration>("dash_chunk_duration", seconds_type(0.05, 10), "0.2", "Length of a chunk."),
};

constexpr std::array hds{
    item<&Hds::enabled>("enabled", flag(), "off", "Not offered by Weir."),
    item<&Hds::fragment>("hds_fragment", seconds_type(0.1, 3600), "10", "Length of a segment."),
    item<&Hds::window>("hds_window", seconds_type(0.1, 86'400), "60", "Length of the window."),
    item<&Hds::path>("hds_path", text(), "./objs/nginx/html", "Root of the files."),
};

constexpr std::array dvr{
    item<&Dvr::enabled>("enabled", flag(), "off", "Record."),
    item<&Dvr::apply>("dvr_apply", words(), "all", "Which streams: all, or app/stream names."),
    item<&Dvr::plan>("dvr_plan", choice("session segment"), "session",
                     "One file per publish, or one per dvr_duration."),
    item<&Dvr::path>(
        "dvr_path", text(), "./objs/nginx/html/[app]/[stream].[timestamp].flv",
        "The file; .flv, .mp4 or .ts chooses the format. Variables as in hls_ts_file, but for [seq] and [duration]."),
    item<&Dvr::duration>("dvr_duration", whole_seconds(1), "30", "Length of a file of plan segment."),
    item<&Dvr::wait_keyframe>("dvr_wait_keyframe", flag_unless_off(), "on", "Cut at key frames only."),
    item<&Dvr::time_jitter>("time_jitter", choice("full zero off"), "full",
                            "full, zero: each file begins at zero; off: with the time of the stream."),
    item<&Dvr::goes_on>("dvr_continue", flag(), "off",
                        "Go on in the same file when a publisher that was cut off comes back within publish.grace."),
    item<&Dvr::retain_time>("dvr_retain_time", whole_seconds(0, 1e9), "0",
                            "Remove recordings older than this. 0: never."),
    item<&Dvr::retain_bytes>("dvr_retain_bytes", bytes(0), "0",
                             "Remove the oldest when all are larger than this. 0: never."),
    item<&Dvr::guard>("dvr_guard", flag_unless_off(), "on",
                      "Where a token, an address, a page or on_play decides who may play, ask it for recordings over "
                      "HTTP too; off: whoever knows the path gets them, as from SRS."),
};

}  // namespace

Rows hls_rows() { return hls; }
Rows dash_rows() { return dash; }
Rows hds_rows() { return hds; }
Rows dvr_rows() { return dvr; }

}  // namespace weir::config
