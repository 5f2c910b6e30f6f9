#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/durations.h"
#include "base/ids.h"
#include "base/text.h"
#include "media/transport_stream.h"
#include "net/transport_figures.h"
#include "session/webrtc/report.h"

// Figures as they leave the worker that has them: plain values, safe to send anywhere.
namespace weir::stats {

struct Traffic {
  std::uint64_t sent_bytes = 0, received_bytes = 0;
  std::uint32_t sent_kbps_30s = 0, received_kbps_30s = 0;

  Traffic& operator+=(const Traffic& other) {
    sent_bytes += other.sent_bytes;
    received_bytes += other.received_bytes;
    sent_kbps_30s += other.sent_kbps_30s;
    received_kbps_30s += other.received_kbps_30s;
    return *this;
  }
};

// As metrics name them: protocols' own names. The last is for whatever is none of the others.
inline constexpr std::array<std::string_view, 14> protocol_names{
    "rtmp", "flv", "ts", "mp4", "aac", "mp3", "hls", "dash", "srt", "rtc", "rtsp", "gb28181", "rist", "other"};
template <class T>
using ByProtocol = std::array<T, protocol_names.size()>;

// What the kernel knows of a TCP connection (tcp(7), TCP_INFO).
struct TcpFigures {
  std::uint32_t rtt_us = 0, rtt_variance_us = 0;
  std::uint32_t congestion_window = 0;     // packets
  std::uint32_t retransmits = 0;           // packets, since the connection began
  std::uint32_t lost = 0;                  // packets, now
  std::uint32_t unacknowledged_bytes = 0;  // taken by the kernel, not yet known to have arrived
};

struct ClientRow {
  std::string id, vhost, stream_id, stream, url, tc_url, page_url, swf_url, ip, type;
  std::uint16_t port = 0;
  std::uint32_t worker = 0;
  bool publishing = false;
  double alive_seconds = 0;
  Traffic traffic;
  std::optional<std::int64_t> behind_ms;  // players: media time to the live edge
  std::uint64_t skips = 0;                // players: how often moved to the newest key frame
  std::uint64_t cut_turns = 0;            // how often it had to let the others of its worker go first
  std::optional<TcpFigures> tcp;
  std::optional<net::TransportFigures> transport;  // of protocols that have one of their own
  std::optional<session::webrtc::Report> webrtc;
};

struct VideoRow {
  std::string codec, profile, level;
  std::uint32_t width = 0, height = 0;
};
struct AudioRow {
  std::string codec, profile;
  std::uint32_t sample_rate = 0, channels = 0;
};

// A track that some outputs have no place for.
struct LeftOutRow {
  std::uint32_t track = 0;
  std::string codec;
  std::vector<std::string> outputs;
};

// Of the publisher's worker alone.
struct PublishRow {
  std::string client_id, type, protocol;
  std::uint64_t video_frames = 0, audio_frames = 0, media_bytes = 0;
  double frames_per_second = 0;  // of the last three seconds, as are the next two
  std::uint32_t video_kbps = 0, audio_kbps = 0;
  std::int64_t gop_ms = 0;       // between the last two key frames
  std::int64_t key_age_ms = -1;  // since the last one; negative: none yet
  std::optional<VideoRow> video;
  std::optional<AudioRow> audio;
  std::vector<LeftOutRow> left_out;
  std::optional<media::TransportStream> transport_stream{};  // of inputs that are one
};

// Its sound in another codec, made here for outputs that need that.
struct DerivedRow {
  std::string from, to;    // codecs
  std::string_view state;  // "running", "missing", "failed"
  std::string_view why;    // it is missing
  std::uint64_t frames = 0, dropped = 0;
};

// What the stream's home knows of who feeds it.
struct HomeRow {
  bool interrupted = false;  // waits for a publisher that was cut off
  bool slate = false;        // its last picture stands meanwhile
  std::string active;        // client id of the input that is sent on, or was last
  std::uint32_t inputs = 0, switches = 0;
  std::optional<DerivedRow> derived{};
};

struct StreamRow {
  std::string id, vhost, app, name, tc_url, url;
  std::uint32_t clients = 0;
  ByProtocol<std::uint32_t> players{};
  std::uint64_t skips = 0, errors = 0;  // as in WorkerRow, since the stream came to be listed
  Traffic traffic;
  std::optional<PublishRow> publish;
  std::optional<HomeRow> home;
};

struct VhostRow {
  std::string name;
  std::uint32_t clients = 0, streams = 0;  // streams: published now
  Traffic traffic;
};

struct ProtocolRow {
  std::uint32_t publishers = 0, players = 0;
  std::uint64_t sessions_total = 0, errors = 0, skips = 0;
  std::uint64_t sent_bytes = 0, received_bytes = 0;
  net::TransportFigures transport;  // the totals
  base::Durations first_media;      // of clients that play: from the request to the first media that was sent

  ProtocolRow& operator+=(const ProtocolRow& other);
};

struct WorkerRow {
  std::uint32_t clients = 0, publishers = 0;
  std::uint64_t clients_total = 0;   // since the process started
  std::uint64_t clients_errors = 0;  // of those, ended by a limit, a kick or a fault that the server saw
  std::uint64_t skips = 0;           // players moved forward because they were too far behind
  double busy = 0;                   // 0..1
  std::int64_t lag_us = 0;
  std::uint64_t batches = 0;  // rounds of writing: each hands every player of a feed what is new
  std::int64_t merge_us = 0;  // how long new frames wait for more at present, as the load asks
  std::uint64_t interruptions = 0, resumptions = 0, switches = 0;  // of streams at home here
  std::uint64_t slates = 0;                                        // of the interruptions: the last picture stood
  std::uint64_t awaited = 0, refused_awaited = 0;                  // names that nobody publishes: now, and ever
  std::uint64_t out_of_memory = 0;                                 // sessions that ended since there was none for them
  std::uint64_t cut_turns = 0;          // of sessions and mailboxes, so that the others had theirs
  base::Durations deliveries, writing;  // see hub/cadence.h
  Traffic traffic;
  ByProtocol<ProtocolRow> protocols{};
};

// Which rows are wanted. An empty text admits all.
struct Filter {
  std::string vhost, app, stream;  // names
  std::string type;                // "rtmp-play", or a protocol: "rtmp"
  std::string contains{};          // in small letters: a part of "app/stream"; of clients, of address or id as well

  bool any() const { return !vhost.empty() || !app.empty() || !stream.empty() || !type.empty() || !contains.empty(); }
  // Whether it knows more than the names of one stream.
  bool only_names() const { return type.empty() && contains.empty(); }
  bool is_part_of(std::string_view text) const { return base::lower(text).find(contains) != std::string::npos; }
  bool admits_stream(const std::string& of_vhost, const std::string& of_app, const std::string& of_stream) const {
    return (vhost.empty() || vhost == of_vhost) && (app.empty() || app == of_app) &&
           (stream.empty() || stream == of_stream);
  }
  bool admits_type(std::string_view of_type, std::string_view protocol) const {
    return type.empty() || type == of_type || type == protocol;
  }
};

template <class Row>
struct Page {
  std::size_t total = 0;  // rows that the filter admits
  std::vector<Row> rows;
};

}  // namespace weir::stats
