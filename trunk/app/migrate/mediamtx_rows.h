#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

// The settings of MediaMTX, and what they are here. Those that need more than a new name are functions in mediamtx.cpp.
namespace weir::migrate {

enum class How : std::uint8_t { copy, flag, duration, endpoint, needless, look, lost };

struct Row {
  std::string_view name;
  How how;
  std::string_view path;  // ours; below the virtual host where it begins with "vhost/"
  std::string_view words;
};

inline constexpr std::string_view by_server = "see the line of the protocol";
inline constexpr std::string_view has_none = "there is no such thing";

inline constexpr auto top_rows = std::to_array<Row>({
    {"logLevel", How::copy, "srs_log_level_v2", ""},
    {"logFile", How::copy, "srs_log_file", ""},
    {"logStructured", How::flag, "srs_log_json", ""},
    {"sysLogPrefix", How::lost, "", "there is no syslog; systemd takes what is written to standard output"},
    {"readTimeout", How::duration, "vhost/publish/normal_timeout", ""},
    {"writeTimeout", How::duration, "vhost/play/send_timeout", ""},
    {"writeQueueSize", How::needless, "", "play { queue_length }, in seconds, and queue_bytes bound what waits"},
    {"udpMaxPayloadSize", How::needless, "", "nothing: packets fit into 1,200 and 1,316 bytes"},
    {"udpReadBufferSize", How::needless, "", "nothing"},
    {"runOnConnect", How::lost, "", "http_hooks { on_connect } is told; programs are not started"},
    {"runOnConnectRestart", How::needless, "", "nothing"},
    {"runOnDisconnect", How::lost, "", "http_hooks { on_close } is told; programs are not started"},
    {"authHTTPAddress", How::look, "",
     "http_hooks { on_publish URL; on_play URL; }, whose JSON is SRS's: see wiki/en/hooks.md"},
    {"authJWTJWKS", How::look, "", "auth { enabled on; scheme jwt; jwks URL; }"},
    {"authJWTClaimKey", How::look, "", "claims are named vhost, app, stream and action"},
    {"authJWTInHTTPQuery", How::needless, "", "?token=..."},
    {"apiAddress", How::needless, "", by_server},
    {"apiEncryption", How::look, "", "http_api { https { enabled on; key ...; cert ...; } }"},
    {"metricsAddress", How::needless, "", by_server},
    {"pprof", How::needless, "", has_none},
    {"pprofAddress", How::needless, "", has_none},
    {"playback", How::look, "", "recordings are files, which http_static serves; there are no ranges of time"},
    {"playbackAddress", How::needless, "", by_server},
    {"rtspAddress", How::needless, "", by_server},
    {"rtmpAddress", How::needless, "", by_server},
    {"rtmpEncryption", How::needless, "", by_server},
    {"rtmpsAddress", How::needless, "", by_server},
    {"hlsAddress", How::needless, "", by_server},
    {"hlsAlwaysRemux", How::needless, "", "HLS is made from the first frame on, where it is on"},
    {"hlsVariant", How::needless, "", by_server},
    {"hlsSegmentDuration", How::duration, "vhost/hls/hls_fragment", ""},
    {"hlsPartDuration", How::duration, "vhost/hls/hls_part_duration", ""},
    {"hlsSegmentCount", How::needless, "", "hls { hls_window } is seconds"},
    {"hlsSegmentMaxSize", How::needless, "", "hls { hls_memory_per_stream } bounds what a stream holds"},
    {"hlsDirectory", How::copy, "vhost/hls/hls_path", ""},
    {"hlsMuxerCloseAfter", How::needless, "", "nothing: HLS stays ready"},
    {"webrtcAddress", How::needless, "", by_server},
    {"webrtcLocalUDPAddress", How::needless, "", by_server},
    {"webrtcLocalTCPAddress", How::needless, "", by_server},
    {"webrtcIPsFromInterfaces", How::flag, "rtc_server/use_auto_detect_network_ip", ""},
    {"webrtcEncryption", How::look, "", "WHIP and WHEP are answered on http_server's ports, https too"},
    {"srtAddress", How::needless, "", by_server},
    {"webrtcIPsFromInterfacesList", How::look, "", "rtc_server { candidate } names one address"},
    {"webrtcSTUNGatherTimeout", How::needless, "", "nothing"},
    {"webrtcHandshakeTimeout", How::needless, "", "each step of a handshake has its limit"},
    {"webrtcTrackGatherTimeout", How::needless, "", "nothing"},
    {"externalAuthenticationURL", How::look, "",
     "http_hooks { on_publish URL; on_play URL; }, whose JSON is SRS's: see wiki/en/hooks.md"},
});

inline constexpr auto path_rows = std::to_array<Row>({
    {"sourceOnDemandStartTimeout", How::needless, "", "who waits is told at once when a source fails"},
    {"sourceOnDemandCloseAfter", How::needless, "", "cluster { linger }"},
    {"sourceOnDemand", How::needless, "", "see 'source'"},
    {"sourceFingerprint", How::lost, "", "certificates are verified by their authority"},
    {"maxReaders", How::look, "", "stream_limits { players_per_stream }, for every stream of the virtual host"},
    {"fallback", How::look, "",
     "publish { standby on; }: a second publisher takes over; or a source of lower priority"},
    {"useAbsoluteTimestamp", How::needless, "", "vhost { atc on; } keeps the publisher's times"},
    {"recordFormat", How::needless, "", "the end of dvr { dvr_path }"},
    {"recordPath", How::needless, "", "see 'record'"},
    {"recordPartDuration", How::needless, "", "nothing: what a crash leaves is completed at the next start"},
    {"recordMaxPartSize", How::needless, "", "nothing"},
    {"recordSegmentDuration", How::needless, "", "see 'record'"},
    {"recordDeleteAfter", How::needless, "", "see 'record'"},
    {"overridePublisher", How::needless, "", "see the line of all paths"},
    {"runOnReadyRestart", How::needless, "", "nothing: a program that ends is started again"},
    {"runOnInit", How::lost, "",
     "a program that brings a stream is a source: source APP/STREAM { url \"exec:PROGRAM ...\"; }"},
    {"runOnInitRestart", How::needless, "", "nothing"},
    {"runOnDemand", How::lost, "",
     "a program on demand is a source: source APP/STREAM { url \"exec:PROGRAM ...\"; on_demand on; }"},
    {"runOnDemandRestart", How::needless, "", "nothing"},
    {"runOnDemandStartTimeout", How::needless, "", "nothing"},
    {"runOnDemandCloseAfter", How::needless, "", "nothing"},
    {"runOnUnDemand", How::lost, "", "programs are not started for it"},
    {"runOnNotReady", How::lost, "", "http_hooks { on_unpublish } is told; programs are not started"},
    {"runOnRead", How::lost, "", "http_hooks { on_play } is told; programs are not started"},
    {"runOnReadRestart", How::needless, "", "nothing"},
    {"runOnUnread", How::lost, "", "http_hooks { on_stop } is told; programs are not started"},
    {"runOnRecordSegmentCreate", How::lost, "", "http_hooks { on_dvr } is told of each whole file"},
    {"runOnRecordSegmentComplete", How::lost, "", "http_hooks { on_dvr } is told of each whole file"},
    {"publishUser", How::look, "", "auth { enabled on; secret_file FILE; } wants signed URLs"},
    {"publishPass", How::look, "", "auth { enabled on; secret_file FILE; } wants signed URLs"},
    {"readUser", How::look, "", "auth { enabled on; secret_file FILE; } wants signed URLs"},
    {"readPass", How::look, "", "auth { enabled on; secret_file FILE; } wants signed URLs"},
    {"srtPublishPassphrase", How::look, "", "srt { passphrase }, for every stream of the virtual host"},
    {"srtReadPassphrase", How::look, "", "srt { passphrase }, for every stream of the virtual host"},
});

template <class Rows>
const Row* row_of(const Rows& rows, std::string_view name) {
  const auto found = std::ranges::find(rows, name, &Row::name);
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace weir::migrate
