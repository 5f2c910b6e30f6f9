#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "hub/request.h"
#include "session/gb28181/media_error.h"

// What signalling wants of the media half, whoever does the signalling: our own SIP, or somebody else's by the API.
namespace weir::session::gb28181 {

// How the packets come: by UDP; by a TCP connection that the device opens to us (`a=setup:passive` in our offer); or by
// one that we open to the address of its answer (`a=setup:active`). What comes to a stream's own port by another way
// than was agreed is taken, too: devices lie.
enum class MediaTransport : std::uint8_t { udp, tcp_passive, tcp_active };

struct MediaOrder {
  // Which stream it becomes: vhost, app, stream, param, facts; and its origin, which decides whether rules and hooks
  // are asked. Its peer is who is asked to send, or nobody: the log counts lines of the place as his until packets
  // come, and whose they are replaces him. Protocol and role are filled in by the desk.
  hub::Request request;
  std::uint32_t ssrc = 0;  // that the device is asked to send with (`y=`)
  MediaTransport transport = MediaTransport::tcp_passive;
  // So long may no packet come, at first and later, and so long may packets come without media in them. Zero: as
  // `sip.timeout` says. Paused playback brings none: see MediaPlace::pause().
  std::chrono::milliseconds silence{0};
  // A device that closes its connection has come to the end, and its players are not kept waiting for more.
  bool recording = false;
};

// What the device answered.
struct MediaAnswer {
  std::optional<std::uint32_t> ssrc;  // `y=` of the answer, which need not be the one asked for
  std::string address;                // of `c=`; numeric, or empty if it says none. tcp_active connects to no other
  std::uint16_t port = 0;             // of `m=`
};

struct MediaFigures {
  std::uint64_t packets = 0, bytes = 0;                   // that belong to the stream
  std::uint64_t lost = 0, late = 0, duplicates = 0;       // packets
  std::uint64_t strangers = 0;                            // packets of another SSRC, dropped
  std::uint64_t frames = 0, key_frames = 0, damaged = 0;  // damaged: packs that lost something, dropped
  base::Instant last_packet{};                            // none yet: the epoch
  std::string source;                                     // "192.0.2.7:15060"; empty: nobody yet
  std::uint32_t ssrc = 0;                                 // that the packets have
  bool tcp = false;                                       // how they come
  bool publishing = false;                                // players have it
  // Why there is no picture, in words that name the port and what was seen: "no packet came to 30002 (TCP and UDP)";
  // "12 packets came, all of SSRC 7 where 0200005549 is expected"; empty where there is one.
  std::string why;
};

// Told of a place, on the worker of who opened it and never from inside its calls; by nobody after the place has gone.
class MediaListener {
 public:
  virtual ~MediaListener() = default;
  // The first frames are published.
  virtual void on_media() = 0;
  // It is over by itself, once: the device left or was silent, a rule refused the stream, it was kicked. `reason` says
  // more than the code. The place is still there, closed, and is for its owner to destroy (here, too).
  virtual void on_end(base::ErrorCode why, const std::string& reason) = 0;
};

// A place where the media of one stream is expected; its token. Destroying it closes it, and the stream with it. On the
// worker where it was opened, whichever worker the media comes to.
class MediaPlace {
 public:
  virtual ~MediaPlace() = default;
  // The port for `m=` of the offer. The same for several places where streams are told apart by SSRC.
  virtual std::uint16_t port() const = 0;
  // The device answered; tcp_active begins to connect. May be called again after a re-INVITE.
  virtual void answered(const MediaAnswer& answer) = 0;
  // A key frame would be welcome: called on this worker, at most once a second; null: nobody can be asked.
  virtual void when_key_wanted(std::function<void()> ask) = 0;
  // While paused nothing need come (playback, MANSRTSP PAUSE).
  virtual void pause(bool paused) = 0;
  // The stream goes on elsewhere in time (playback, seek): what is left of the old place is dropped.
  virtual void sought() = 0;
  // What was played back is over: whoever plays the stream need not wait for it to come back. Before the place goes.
  virtual void finish() = 0;
  // As of at most half a second ago.
  virtual MediaFigures figures() const = 0;
};

// Opens them. One for each worker, on which it is called; outlives the places.
class MediaDesk {
 public:
  virtual ~MediaDesk() = default;
  // Its sockets are open when it returns. `listener` outlives the place. MediaErrc::no_caster, no_free_port,
  // single_port_closed, ssrc_taken, stream_taken, too_many; the system's, for a port.
  virtual base::Result<std::unique_ptr<MediaPlace>> open(MediaOrder order, MediaListener& listener) = 0;
};

}  // namespace weir::session::gb28181
