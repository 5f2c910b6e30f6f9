#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "hub/event.h"
#include "session/gb28181/outside.h"
#include "session/srt/keys.h"

namespace weir::hooks {

// What every hook says of the server.
struct Origin {
  std::string server_id;   // "vid-0a1b2c3"
  std::string service_id;  // eight characters, new with each process
  std::string cwd;
};

// The session that a hook is about. `stream_id` is as the API calls the stream.
struct Subject {
  base::SessionId client;
  const hub::Request& request;
  std::string stream_id;
};

// JSON texts with SRS's members in SRS's order. Text of clients that is not UTF-8 becomes U+FFFD.
std::string on_connect(const Origin& origin, const Subject& subject);
std::string on_close(const Origin& origin, const Subject& subject, std::uint64_t sent_bytes,
                     std::uint64_t received_bytes);
// on_publish, on_unpublish, on_stop; on_play has the page too.
std::string on_session(const Origin& origin, std::string_view action, const Subject& subject);
std::string on_play(const Origin& origin, const Subject& subject);
std::string on_dvr(const Origin& origin, const Subject& subject, std::string_view file);
std::string on_hls(const Origin& origin, const Subject& subject, const hub::HlsSegment& segment);
// Of a device of GB/T 28181, beyond SRS: on_device_online, on_device_offline with `reason`, on_device_alarm with what
// the device says of it, on_device_talk and on_device_talk_over, with `reason`, of a loudspeaker.
std::string on_device(const Origin& origin, std::string_view action, std::string_view vhost,
                      const session::gb28181::DeviceEvent& event);
std::string on_forward(const Origin& origin, const Subject& subject);

// on_srt_passphrase, beyond SRS. It is about a stream and no session: whoever calls next gets what is answered.
std::string on_srt_passphrase(const Origin& origin, const session::srt::KeyQuestion& question);

// The URL of on_hls_notify: its variables filled in, or the segment's own URL if that is a whole one.
std::string hls_notify_url(std::string_view pattern, const Origin& origin, const hub::HlsSegment& segment);

// The query string as hooks hear it: with its '?' from RTMP, FLV and HLS, without it from SRT and WebRTC.
std::string_view param_of(const hub::Request& request);

}  // namespace weir::hooks
