#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

// Outputs of a virtual host that are served or kept over HTTP.
namespace weir::config {

struct HttpStatic {
  bool enabled = false;
  std::string mount = "[vhost]/";
  std::string dir = "./objs/nginx/html";
  bool operator==(const HttpStatic&) const = default;
};

struct HttpRemux {
  bool enabled = false;
  std::string mount = "[vhost]/[app]/[stream].flv";
  std::vector<std::string> wait_apps{"live"};
  std::chrono::milliseconds fast_cache{0};
  bool drop_if_not_match = true;
  bool has_audio = true;
  bool has_video = true;
  bool guess_has_av = true;
  bool operator==(const HttpRemux&) const = default;
};

struct Hls {
  enum class OnError { ignore, disconnect, continue_ };
  enum class AudioCodec { aac, mp3, none };
  enum class VideoCodec { h264, h265, none };
  enum class PlaylistType { live, event };
  bool enabled = false;
  std::chrono::milliseconds fragment = std::chrono::seconds(10);
  double td_ratio = 1.0;
  double aof_ratio = 2.1;
  std::chrono::milliseconds window = std::chrono::seconds(60);
  OnError on_error = OnError::continue_;
  std::string path = "./objs/nginx/html";
  std::string m3u8_file = "[app]/[stream].m3u8";
  std::string ts_file = "[app]/[stream]-[seq].ts";
  bool ts_floor = false;
  std::string entry_prefix;
  AudioCodec acodec = AudioCodec::aac;
  VideoCodec vcodec = VideoCodec::h264;
  bool cleanup = true;
  std::chrono::milliseconds dispose = std::chrono::seconds(120);
  std::chrono::milliseconds grace = std::chrono::seconds(15);
  PlaylistType playlist_type = PlaylistType::live;
  std::uint64_t nb_notify = 64;
  bool wait_keyframe = true;
  std::vector<std::string> ladder;  // endings: with "_720", cam_720 is a rendition of cam
  bool ctx = true;
  bool ts_ctx = true;
  bool guard = true;  // where rules say who may play, segments need a session; DASH too
  bool keys = false;
  std::uint32_t fragments_per_key = 5;
  std::string key_file = "[app]/[stream]-[seq].key";
  std::string key_file_path = "./objs/nginx/html";  // hls_path where not written
  std::string key_url = "./objs/nginx/html";        // hls_path where not written, as SRS does it
  bool dts_directly = true;
  bool use_fmp4 = false;
  std::string fmp4_file = "[app]/[stream]-[seq].m4s";
  std::string init_file = "[app]/[stream]/init.mp4";
  bool recover = true;
  bool master_m3u8_path_relative = false;
  bool low_latency = false;
  std::chrono::milliseconds part_duration{200};
  bool to_disk = true;  // else segments live in memory only
  std::uint64_t memory_per_stream = 64ull << 20;
  std::uint64_t memory_total = 1ull << 30;
  bool operator==(const Hls&) const = default;
};

struct Dash {
  bool enabled = false;
  std::chrono::milliseconds fragment = std::chrono::seconds(10);
  std::chrono::milliseconds update_period = std::chrono::seconds(5);
  std::chrono::milliseconds timeshift = std::chrono::seconds(300);
  std::string path = "./objs/nginx/html";
  std::string mpd_file = "[app]/[stream].mpd";
  std::uint32_t window_size = 5;
  bool cleanup = true;
  std::chrono::milliseconds dispose = std::chrono::seconds(120);
  std::chrono::milliseconds grace = std::chrono::seconds(15);
  std::vector<std::string> ladder;  // hls_ladder where not written
  bool low_latency = false;
  std::chrono::milliseconds chunk_duration{200};
  bool operator==(const Dash&) const = default;
};

struct Hds {
  bool enabled = false;
  std::chrono::milliseconds fragment = std::chrono::seconds(10);
  std::chrono::milliseconds window = std::chrono::seconds(60);
  std::string path = "./objs/nginx/html";
  bool operator==(const Hds&) const = default;
};

struct Dvr {
  enum class Plan { session, segment };
  enum class Jitter { full, zero, off };
  bool enabled = false;
  std::vector<std::string> apply{"all"};  // or "app/stream" names
  Plan plan = Plan::session;
  std::string path = "./objs/nginx/html/[app]/[stream].[timestamp].flv";
  std::chrono::milliseconds duration = std::chrono::seconds(30);
  bool wait_keyframe = true;
  Jitter time_jitter = Jitter::full;
  bool goes_on = false;                      // in the same file after an interruption
  std::chrono::milliseconds retain_time{0};  // 0: for ever
  std::uint64_t retain_bytes = 0;            // 0: without bound
  bool guard = true;                         // who may not play the stream gets no file of it either
  bool operator==(const Dvr&) const = default;
};

}  // namespace weir::config
