#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/endpoint.h"

// Listeners of the protocols beside RTMP and HTTP.
namespace weir::config {

// One port, or several, with settings of their own. Several servers stand side by side.
struct SrtServer {
  std::string name;  // of its block; may be empty
  bool enabled = false;
  enum class Direction { both, in, out } direction = Direction::both;  // in: who publishes; out: who plays
  std::vector<Endpoint> listen{{"", 10080}};
  std::int64_t maxbw = -1;
  int mss = 1500;
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(3);
  std::chrono::milliseconds peer_idle_timeout = std::chrono::seconds(10);
  std::string default_app = "live";
  std::string default_streamid = "#!::r=live/livestream,m=request";
  enum class Mode { request, publish } default_mode = Mode::request;  // of a stream id without "#!::"
  std::chrono::milliseconds peerlatency{0};
  std::chrono::milliseconds recvlatency{120};
  std::chrono::milliseconds latency{120};
  bool tsbpdmode = true;
  bool tlpktdrop = true;
  int retransmitalgo = 0;
  std::uint64_t sendbuf = 8192 * (1500 - 28);
  std::uint64_t recvbuf = 8192 * (1500 - 28);
  int payloadsize = 1316;
  std::string passphrase;
  int pbkeylen = 0;
  bool operator==(const SrtServer&) const = default;
};

// Servers of STUN and TURN that answers name to clients: for those that reach nothing directly.
struct IceServer {
  std::vector<std::string> url;    // RFC 7064 and RFC 7065: "stun:HOST:PORT", "turn:HOST:PORT?transport=tcp"
  std::string username, password;  // of TURN; or
  std::string secret;              // that the TURN server shares, which names and passwords are made with
  std::chrono::milliseconds lifetime = std::chrono::hours(24);  // of those
  bool operator==(const IceServer&) const = default;
};

struct RtcServer {
  bool enabled = false;
  std::vector<Endpoint> listen{{"", 8000}};
  bool tcp_enabled = false;
  std::vector<Endpoint> tcp_listen{{"", 8000}};
  enum class Protocol { udp, tcp, all } protocol = Protocol::udp;
  std::string candidate = "*";  // a "$NAME" is already replaced
  bool use_auto_detect_network_ip = true;
  enum class Family { ipv4, ipv6, all } ip_family = Family::ipv4;
  bool api_as_candidates = true;
  bool resolve_api_domain = true;
  bool keep_api_domain = false;
  bool ecdsa = true;
  std::string cert, key;  // files of PEM; empty: made at the start
  std::vector<IceServer> ice_servers;
  bool encrypt = true;
  int reuseport = 1;
  bool merge_nalus = false;
  bool black_hole_enabled = false;
  std::string black_hole_addr;
  bool operator==(const RtcServer&) const = default;
};

struct RtspServer {
  bool enabled = false;
  std::vector<Endpoint> listen{{"", 554}};
  bool operator==(const RtspServer&) const = default;
};

struct StreamCaster {
  bool enabled = false;
  enum class Kind { mpegts_over_udp, flv, gb28181, rist } caster = Kind::flv;
  std::string output;
  std::vector<Endpoint> listen;
  // rist alone: what stands in the options of a URL elsewhere (config/rist_url.h).
  enum class RistProfile { main, simple } profile = RistProfile::main;
  std::string secret;                       // empty: in the clear
  int aes_type = 128;                       // bits of the key
  std::chrono::milliseconds buffer{1'000};  // for retransmissions
  // gb28181 alone. `transport`: how the devices that the SIP inside invites send their media.
  enum class Transport { tcp_passive, tcp_active, udp } transport = Transport::tcp_passive;
  std::string media_ports;  // "30000-30500": a port for each stream; empty: `listen` for all, told apart by SSRC
  bool on_demand = false;   // invite when a stream is wanted, not when a device registers
  int packet_size = 1'400;  // bytes of an RTP packet that is sent to a platform above or to a loudspeaker
  // A device that SIP knows before it registers.
  struct Device {
    std::string id;        // 20 digits
    std::string password;  // empty: that of all
    std::string name;
    bool operator==(const Device&) const = default;
  };
  // A platform above, with which this server registers as a lower one.
  struct Upper {
    std::string name;
    bool enabled = true;
    std::vector<Endpoint> server;  // one, with an address
    enum class Transport { udp, tcp } transport = Transport::udp;
    std::string server_id, server_domain;  // of the platform above; the latter empty: the first ten digits
    std::string id, domain;                // ours there; empty: those of SIP here
    std::string password;
    std::chrono::milliseconds expires = std::chrono::seconds(3600);
    std::chrono::milliseconds keepalive = std::chrono::seconds(60);
    // What it may do to cameras. ptz: move them and ask for key frames; on: also guard, alarms and recordings of
    // devices.
    enum class Control { ptz, off, on } control = Control::ptz;
    // What it may see: a stream under an id.
    struct Channel {
      std::string id, stream, name;  // stream: app/stream, or vhost/app/stream
      bool operator==(const Channel&) const = default;
    };
    std::vector<Channel> channels;
    bool operator==(const Upper&) const = default;
  };
  struct Sip {
    bool enabled = true;
    std::vector<Endpoint> listen{{"", 5060}};
    std::chrono::milliseconds timeout = std::chrono::seconds(60);
    std::chrono::milliseconds reinvite = std::chrono::seconds(5);
    std::string candidate = "*";
    std::string id = "34020000002000000001";  // of this server
    std::string domain;                       // and realm; empty: the first ten digits of `id`
    std::string password;                     // of all devices; empty: none is asked for, as in SRS
    std::chrono::milliseconds keepalive = std::chrono::seconds(180);  // a device that says nothing for so long is gone
    bool strict_id = false;                                           // refuse devices whose id is not 20 digits
    bool use_source_address = true;              // answer to where packets come from, whatever Contact says
    bool devices_only = false;                   // refuse devices that no `device` names
    std::string devices_file;                    // where devices are remembered over a restart; empty: nowhere
    std::chrono::milliseconds talk_packet{100};  // of sound to loudspeakers in each packet
    std::vector<std::string> subscribe;  // catalog, alarm, position: what devices are asked to tell by themselves
    std::vector<Device> devices;
    std::vector<Upper> uppers;
    bool operator==(const Sip&) const = default;
  } sip;
  bool operator==(const StreamCaster&) const = default;
};

}  // namespace weir::config
