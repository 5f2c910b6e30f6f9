#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log_limit.h"
#include "hub/hub.h"
#include "net/listener.h"
#include "net/notifier.h"
#include "net/udp_port.h"
#include "session/gb28181/media_desk.h"
#include "session/gb28181/media_framing.h"
#include "session/gb28181/media_reader.h"
#include "session/gb28181/media_shared.h"

namespace weir::session::gb28181 {

// What happens at a place, for whoever opened it. On the session's worker.
class MediaEvents {
 public:
  virtual ~MediaEvents() = default;
  virtual void media_came() = 0;
  virtual void key_wanted() = 0;
  // The last one; the session's figures as they were.
  virtual void ended(base::ErrorCode why, const std::string& reason, const MediaFigures& figures) = 0;
};

// The media of one stream: its ports, whose packets belong to it, and the publication of what is in them. Lives on one
// worker, held by its tasks and the service; over when close() was called or it told its end.
class MediaSession : public std::enable_shared_from_this<MediaSession> {
 public:
  struct Given {
    hub::Hub& hub;
    MediaShared& shared;
    PlaceHome home;
    MediaOrder order;
    std::chrono::milliseconds silence{};
    std::uint16_t port = 0;
    bool own_port = false;
    std::unique_ptr<MediaEvents> events;
    // Of a TCP connection, among those that are allowed; false: it is not.
    std::function<bool(const std::string& address, std::shared_ptr<const void>& seat)> seat;
  };
  explicit MediaSession(Given given);
  MediaSession(const MediaSession&) = delete;

  // With its own port's sockets, or none where all share one.
  void begin(std::optional<net::UdpSocket> udp, std::optional<net::ListenSocket> tcp);
  void answered(const MediaAnswer& answer);
  void pause(bool paused);
  void sought();
  void finish() { finished_ = true; }
  void can_ask_key() { can_ask_key_ = true; }
  // By who opened it.
  void close() { end(MediaErrc::closed); }
  void end(base::ErrorCode why);

  // A datagram of this stream's port, or of the one port where its SSRC is this one's.
  void datagram(const net::Datagram& datagram);
  // A connection, what was read of it, and its seat among those that are allowed.
  void accept(std::unique_ptr<net::ByteStream> stream, base::Buffer read, std::shared_ptr<const void> seat);

  const PlaceHome& home() const { return given_.home; }
  base::StreamKey key() const { return given_.order.request.key(); }
  MediaFigures figures() const;

  static constexpr std::size_t most_connections = 4;
  static constexpr std::size_t most_waiting_bytes = 4 * 1024 * 1024;  // while the stream is being published

 private:
  class Helper;
  struct Source {
    net::UdpAddress address;
    bool tcp = false;
    bool operator==(const Source&) const = default;
  };
  net::Task<void> run(net::Life& life);
  net::Task<base::ErrorCode> publish(net::Life& life);
  net::Task<void> serve(net::Life& life, std::unique_ptr<net::ByteStream> stream, base::Buffer read);
  net::Task<base::ErrorCode> receive(net::Life& life, net::ByteStream& stream, base::Buffer read);
  net::Task<void> connect(net::Life& life, MediaAnswer answer);
  bool take(base::Bytes bytes, const Source& source);
  void look_at_gap();
  bool belongs(std::uint32_t ssrc, const Source& source, base::Instant now);
  bool expects(std::uint32_t ssrc) const;
  void over(const net::Life& life, base::ErrorCode why);
  std::chrono::milliseconds patience() const;
  base::ErrorCode silent() const;
  std::string why() const;
  std::string place_text() const;
  std::string source_text() const;
  void tell_left_out(const net::Life& life);

  // given
  Given given_;

  // owned
  net::Notifier wake_;
  net::TimerWheel::Timer gap_over_;
  MediaReader reader_;
  net::Meter meter_;

  // state
  net::Life* life_ = nullptr;
  std::vector<net::Life*> helpers_;  // ports and connections
  std::size_t connections_ = 0;
  std::optional<MediaAnswer> answer_;
  std::optional<std::uint32_t> ssrc_;      // of the packets that belong here
  std::optional<std::uint32_t> stranger_;  // the last other one
  std::optional<Source> source_;
  base::Instant last_packet_{};
  base::ErrorCode failed_;
  std::string failure_;  // in words
  std::uint64_t strangers_ = 0, malformed_ = 0, dropped_ = 0;
  std::uint8_t payload_type_ = 0;
  bool closing_ = false, paused_ = false, publishing_ = false, gone_ = false, can_ask_key_ = false;
  bool finished_ = false;  // nobody is to wait for more
};

// A port's own log name: not that of a client.
inline constexpr std::string_view media_port_name = "gb-port", media_connection_name = "gb-tcp";
inline constexpr std::chrono::seconds first_packet_limit{10};  // of a TCP connection

}  // namespace weir::session::gb28181
