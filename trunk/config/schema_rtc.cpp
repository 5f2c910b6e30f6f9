#include <array>

#include "config/schema_build.h"

namespace weir::config {
namespace {

constexpr std::array tcp{
    row<&RtcServer::tcp_enabled>("enabled", flag(), "off", restart, "Listen on TCP as well (RFC 4571 framing).")
        .of(Feature::rtc_tcp),
    row<&RtcServer::tcp_listen>("listen", endpoints(), "8000", restart, "Where to listen.").of(Feature::rtc_tcp),
};

constexpr std::array black_hole{
    row<&RtcServer::black_hole_enabled>("enabled", flag(), "off", restart, "Send a copy of all packets, in the clear.")
        .of(Feature::never),
    row<&RtcServer::black_hole_addr>("addr", text(), "", restart, "To this host and port.").like("127.0.0.1:10000"),
};

constexpr std::array ice_server{
    row<&IceServer::url>("url", words(), "", later,
                         "Its addresses: stun:HOST, turn:HOST:PORT?transport=tcp, turns:HOST.")
        .like("stun:stun.example.com:3478"),
    row<&IceServer::username>("username", text(), "", later, "For turn and turns.").like("viewer"),
    row<&IceServer::password>("password", text(), "", later, "That of username.").like("change-me"),
    row<&IceServer::secret>("secret", text(), "", later,
                            "Instead: the TURN server's shared secret (coturn's use-auth-secret), which names and "
                            "passwords that end are made with.")
        .like("change-me"),
    row<&IceServer::lifetime>("lifetime", whole_seconds(60), "86400", later, "How long those are good for."),
};

constexpr std::array rtc_server{
    row<&RtcServer::enabled>("enabled", flag(), "off", live, "Listen for WebRTC."),
    row<&RtcServer::listen>("listen", endpoints(), "8000", live,
                            "UDP ports; all sessions share them. Sessions go on where they are when it changes."),
    block<>(
        "tcp", [] { return Rows(tcp); }, "WebRTC over TCP.")
        .lenient(),
    row<&RtcServer::protocol>("protocol", choice("udp tcp all"), "udp", later, "Which candidates are offered.")
        .of(Feature::rtc_tcp),
    row<&RtcServer::candidate>("candidate", text(), "*", later,
                               "Address that clients reach us at; '*': found out; '$NAME': from that variable."),
    row<&RtcServer::use_auto_detect_network_ip>("use_auto_detect_network_ip", flag_unless_off(), "on", later,
                                                "Offer the machine's own addresses."),
    row<&RtcServer::ip_family>("ip_family", choice("ipv4 ipv6 all"), "ipv4", later, "Which of them."),
    row<&RtcServer::api_as_candidates>("api_as_candidates", flag_unless_off(), "on", later,
                                       "Offer the host that the API was asked at."),
    row<&RtcServer::resolve_api_domain>("resolve_api_domain", flag_unless_off(), "on", later,
                                        "Resolve that host if it is a name."),
    row<&RtcServer::keep_api_domain>("keep_api_domain", flag(), "off", later, "Offer the name as well."),
    row<&RtcServer::ecdsa>("ecdsa", flag_unless_off(), "on", restart,
                           "Certificate with ECDSA P-256, which is quicker, else RSA 2048. Made at the start."),
    row<&RtcServer::cert>("cert", text(), "", restart, "A certificate instead, PEM: its fingerprint stays.")
        .like("./conf/rtc.crt"),
    row<&RtcServer::key>("key", text(), "", restart, "Its key, ECDSA or RSA, PEM.").like("./conf/rtc.key"),
    row<&RtcServer::encrypt>(
        "encrypt", flag_unless_off(), "on", later,
        "Encrypt media. Off: for tests, those that do not say encrypt=true get it as it is, which no browser "
        "takes."),
    row<&RtcServer::reuseport>("reuseport", integer(1, 1024), "1", restart,
                               "Number of sockets per port; each worker has its own.")
        .of(Feature::never),
    row<&RtcServer::merge_nalus>("merge_nalus", flag(), "off", later, "Send the NAL units of a frame as one.")
        .of(Feature::never),
    blocks<&RtcServer::ice_servers>(
        "ice_server", [] { return Rows(ice_server); },
        "A server of STUN or TURN that answers name to clients (RFC 9725 4.6), for those behind networks that let "
        "nothing else through."),
    block<>(
        "black_hole", [] { return Rows(black_hole); }, "For debugging.")
        .lenient(),
    nothing("dir", "Without effect in SRS too."),
};

constexpr std::array rtc{
    row<&Rtc::enabled>("enabled", flag(), "off", later, "Take and serve WebRTC."),
    row<&Rtc::nack>("nack", flag_unless_off(), "on", later, "Ask for lost packets, and send them again when asked."),
    row<&Rtc::nack_no_copy>("nack_no_copy", flag_unless_off(), "on", later, "Keep them without a copy; always on.")
        .of(Feature::never),
    row<&Rtc::nack_prefer_rtx>("nack_prefer_rtx", flag(), "off", later,
                               "Send them again as RFC 4588 says, if the peer offers it."),
    row<&Rtc::twcc>("twcc", flag_unless_off(), "on", later, "Transport-wide feedback."),
    row<&Rtc::stun_timeout>("stun_timeout", whole_seconds(1), "30", later, "A silent session is gone after this time."),
    row<&Rtc::stun_strict_check>("stun_strict_check", flag(), "off", later,
                                 "Check each STUN message in full; always on.")
        .of(Feature::never),
    row<&Rtc::dtls_role>("dtls_role", choice("passive active"), "passive", later,
                         "Our part if the peer leaves the choice."),
    row<&Rtc::dtls_version>("dtls_version", choice("auto dtls1.0 dtls1.2"), "auto", later,
                            "Version of DTLS; always 1.2.")
        .of(Feature::never),
    row<&Rtc::drop_for_pt>("drop_for_pt", integer(0, 127), "0", later,
                           "Drop packets of this payload type; for debugging."),
    row<&Rtc::rtmp_to_rtc>("rtmp_to_rtc", flag(), "off", later, "Offer RTMP streams by WebRTC."),
    row<&Rtc::keep_bframe>("keep_bframe", flag(), "off", later, "Keep B-frames when doing so."),
    row<&Rtc::keep_avc_nalu_sei>("keep_avc_nalu_sei", flag_unless_off(), "on", later, "Keep SEI when doing so."),
    row<&Rtc::opus_bitrate>("opus_bitrate", integer(8000, 320'000).or_default(), "48000", later,
                            "Bit rate of Opus made from AAC."),
    row<&Rtc::rtc_to_rtmp>("rtc_to_rtmp", flag(), "off", later, "Offer WebRTC streams to all other protocols.")
        .env("SRS_VHOST_RTC_RTC_TO_RTMP SRS_VHOST_RTC_TO_RTMP"),
    row<&Rtc::init_rate_from_sdp>("init_rate_from_sdp", flag(), "off", later,
                                  "Take the clock rate from the SDP until the first sender report."),
    row<&Rtc::pli_for_rtmp>("pli_for_rtmp", seconds_type(0.5, 30).or_default(), "6", later,
                            "Time between key frames asked of a publisher when doing so."),
    row<&Rtc::aac_bitrate>("aac_bitrate", integer(8000, 320'000).or_default(), "48000", later,
                           "Bit rate of AAC made from Opus."),
};

constexpr std::array device{
    row<&StreamCaster::Device::password>("password", text(), "", restart, "Its own; empty: that of all."),
    row<&StreamCaster::Device::name>("name", text(), "", restart, "How it is shown."),
};
Rows device_rows() { return device; }

using Upper = StreamCaster::Upper;

constexpr std::array upper_channel{
    row<&Upper::Channel::stream>("stream", text(), "", restart, "Which stream it is: app/stream, or vhost/app/stream.")
        .like("live/livestream"),
    row<&Upper::Channel::name>("name", text(), "", restart, "How it is shown there; empty: the stream."),
};
Rows upper_channel_rows() { return upper_channel; }

constexpr std::array upper{
    row<&Upper::enabled>("enabled", flag_unless_off(), "on", restart, "Register there."),
    row<&Upper::server>("server", words(), "", restart, "Its address or name, and its port.").like("203.0.113.9:5060"),
    row<&Upper::transport>("transport", choice("udp tcp"), "udp", restart, "How SIP goes there."),
    row<&Upper::server_id>("server_id", text(), "", restart, "Its id, 20 digits.").like("34020000002000000009"),
    row<&Upper::server_domain>("server_domain", text(), "", restart, "Its domain; empty: the first ten digits.")
        .like("3402000000"),
    row<&Upper::id>("id", text(), "", restart, "Id of this server there; empty: that of sip.")
        .like("34020000002000000001"),
    row<&Upper::domain>("domain", text(), "", restart, "Domain of this server; empty: the first ten digits of the id.")
        .like("3402000000"),
    row<&Upper::password>("password", text(), "", restart, "What it is answered with when it asks."),
    row<&Upper::expires>("expires", seconds_type(60, 86'400), "3600", restart, "For how long a registration holds."),
    row<&Upper::keepalive>("keepalive", seconds_type(1, 3'600), "60", restart, "Time between two keepalives."),
    row<&Upper::control>(
        "control", choice("ptz off on"), "ptz", restart,
        "What it may do to cameras behind the channels. ptz: turn them, work their lens and ask for key frames; on: "
        "also "
        "presets, cruises, auxiliary switches, guard, alarms and recordings of devices; off: nothing."),
    blocks<&Upper::channels>("channel", upper_channel_rows, "A stream that it may see, under this id.")
        .named([](void* object, const std::string& id) { static_cast<Upper::Channel*>(object)->id = id; }),
};
Rows upper_rows() { return upper; }

constexpr std::array sip{
    row<&StreamCaster::Sip::enabled>("enabled", flag_unless_off(), "on", restart, "Run the SIP server inside."),
    row<&StreamCaster::Sip::listen>("listen", endpoints(), "5060", restart, "Where it listens."),
    row<&StreamCaster::Sip::timeout>("timeout", seconds_type(0.1), "60", restart,
                                     "A silent device is gone after this time."),
    row<&StreamCaster::Sip::reinvite>("reinvite", seconds_type(0.1), "5", restart,
                                      "Pause before a device that lost its media is invited again."),
    row<&StreamCaster::Sip::candidate>("candidate", text(), "*", restart,
                                       "Address that devices send media to; as in rtc_server."),
    row<&StreamCaster::Sip::id>("id", text(), "34020000002000000001", restart, "Id of this server, 20 digits."),
    row<&StreamCaster::Sip::domain>("domain", text(), "", restart,
                                    "Domain and realm; empty: the first ten digits of the id.")
        .like("3402000000"),
    row<&StreamCaster::Sip::password>("password", text(), "", restart,
                                      "Password of all devices. Empty: none is asked for."),
    row<&StreamCaster::Sip::keepalive>("keepalive", seconds_type(1), "180", restart,
                                       "A device that says nothing for this time is gone."),
    row<&StreamCaster::Sip::strict_id>("strict_id", flag(), "off", restart,
                                       "Refuse devices whose id is not 20 digits."),
    row<&StreamCaster::Sip::use_source_address>("use_source_address", flag_unless_off(), "on", restart,
                                                "Answer to where packets come from, whatever Contact says."),
    row<&StreamCaster::Sip::devices_only>("devices_only", flag(), "off", restart,
                                          "Refuse devices that no 'device' names."),
    row<&StreamCaster::Sip::devices_file>("devices_file", text(), "", restart,
                                          "Where devices are remembered over a restart. Empty: nowhere.")
        .like("./objs/gb28181.json"),
    row<&StreamCaster::Sip::talk_packet>(
        "talk_packet", millis(20, 160), "100", restart,
        "Sound to loudspeakers: so much in each packet. Short ones make some crackle."),
    blocks<&StreamCaster::Sip::devices>("device", device_rows, "A device, by its id, with a password of its own.")
        .named([](void* object, const std::string& id) { static_cast<StreamCaster::Device*>(object)->id = id; }),
    row<&StreamCaster::Sip::subscribe>("subscribe", words(), "", restart,
                                       "What devices are asked to tell by themselves: catalog, alarm, position.")
        .like("catalog alarm position"),
    blocks<&StreamCaster::Sip::uppers>("upper", upper_rows, "A platform above, where streams of this server are shown.")
        .named([](void* object, const std::string& name) { static_cast<Upper*>(object)->name = name; }),
};

constexpr Directive aes_type() {
  auto directive = row<&StreamCaster::aes_type>("aes_type", choice("128 256"), "128", live,
                                                "Of rist: bits of the key that is made of the secret.");
  directive.store = [](void* object, const Value& value) {
    static_cast<StreamCaster*>(object)->aes_type = value.integer == 0 ? 128 : 256;
  };
  return directive;
}

constexpr std::array stream_caster{
    row<&StreamCaster::enabled>("enabled", flag(), "off", live, "Take streams in."),
    row<&StreamCaster::caster>("caster", choice("mpegts_over_udp flv gb28181 rist"), "", live,
                               "Of which kind: mpegts_over_udp, rist and gb28181 are built. Required.")
        .like("mpegts_over_udp"),
    row<&StreamCaster::output>("output", text(), "", live, "Which stream it becomes: an RTMP URL.")
        .like("rtmp://127.0.0.1/live/livestream"),
    row<&StreamCaster::listen>("listen", endpoints(), "", live, "Where to listen: UDP for MPEG-TS and RIST, else TCP.")
        .like("8935"),
    row<&StreamCaster::profile>("profile", choice("main simple"), "main", live,
                                "Of rist: the simple profile takes the port and the one behind it."),
    row<&StreamCaster::secret>("secret", text(), "", live,
                               "Of rist, main profile: whoever sends must have it. Empty: in the clear."),
    aes_type(),
    row<&StreamCaster::buffer>("buffer", millis(1, 30'000), "1000", live,
                               "Of rist: how long a packet may be on its way, with all that is sent again."),
    row<&StreamCaster::transport>("transport", choice("tcp_passive tcp_active udp"), "tcp_passive", restart,
                                  "How devices of gb28181 that SIP invites send: they connect, we connect, or UDP."),
    row<&StreamCaster::media_ports>("media_ports", text(), "", restart,
                                    "A port for each stream of gb28181, from this range. Empty: 'listen' for all.")
        .like("30000-30500"),
    row<&StreamCaster::on_demand>("on_demand", flag(), "off", restart,
                                  "Invite a channel when its stream is wanted, not when the device registers."),
    row<&StreamCaster::packet_size>(
        "packet_size", integer(200, 1472), "1400", restart,
        "Of gb28181: bytes of an RTP packet with a program stream that is sent, to platforms "
        "above and to loudspeakers. Less for ways with a smaller MTU."),
    block<&StreamCaster::sip>(
        "sip", [] { return Rows(sip); }, "SIP of gb28181."),
};

}  // namespace

Rows rtc_server_rows() { return rtc_server; }
Rows rtc_rows() { return rtc; }
Rows stream_caster_rows() { return stream_caster; }

}  // namespace weir::config
