#pragma once

#include <chrono>
#include <string>
#include <vector>

// SRT, WebRTC and RTSP as a virtual host sees them.
namespace weir::config {

struct Srt {
  bool enabled = false;
  bool srt_to_rtmp = true;
  std::string passphrase;  // empty: that of srt_server
  int pbkeylen = 0;
  // A secret of its own for the streams that a pattern fits: "live/cam", "live/*".
  struct Stream {
    std::string pattern, passphrase;
    int pbkeylen = 0;
    bool operator==(const Stream&) const = default;
  };
  std::vector<Stream> streams;
  std::chrono::milliseconds passphrase_ttl = std::chrono::seconds(60);  // of what http_hooks.on_srt_passphrase said
  bool operator==(const Srt&) const = default;
};

struct Rtsp {
  bool enabled = false;
  bool rtmp_to_rtsp = true;
  bool operator==(const Rtsp&) const = default;
};

struct Rtc {
  enum class DtlsRole { passive, active };
  enum class DtlsVersion { automatic, dtls1_0, dtls1_2 };
  bool enabled = false;
  bool nack = true;
  bool nack_no_copy = true;
  bool nack_prefer_rtx = false;
  bool twcc = true;
  std::chrono::milliseconds stun_timeout = std::chrono::seconds(30);
  bool stun_strict_check = false;
  DtlsRole dtls_role = DtlsRole::passive;
  DtlsVersion dtls_version = DtlsVersion::automatic;
  int drop_for_pt = 0;
  bool rtmp_to_rtc = false;
  bool keep_bframe = false;
  bool keep_avc_nalu_sei = true;
  int opus_bitrate = 48'000;
  bool rtc_to_rtmp = false;
  bool init_rate_from_sdp = false;
  std::chrono::milliseconds pli_for_rtmp = std::chrono::seconds(6);
  int aac_bitrate = 48'000;
  bool operator==(const Rtc&) const = default;
};

}  // namespace weir::config
