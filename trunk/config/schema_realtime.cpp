#include <array>

#include "config/schema_build.h"

namespace weir::config {
namespace {

template <class Owner>
void set_key_length(void* object, const Value& value) {
  static constexpr std::array lengths{0, 16, 24, 32};
  static_cast<Owner*>(object)->pbkeylen = lengths[static_cast<std::size_t>(value.integer)];
}

template <class Owner>
constexpr Directive key_length(std::string_view meaning) {
  auto directive = row<&Owner::pbkeylen>("pbkeylen", choice("0 16 24 32"), "0", later, meaning);
  directive.store = set_key_length<Owner>;
  return directive;
}

constexpr std::array srt_server{
    row<&SrtServer::enabled>("enabled", flag(), "off", live, "Listen for SRT."),
    row<&SrtServer::listen>("listen", endpoints(), "10080", live, "UDP ports to listen on."),
    row<&SrtServer::direction>("direction", choice("both in out"), "both", later,
                               "Who is let in: publishers (in), players (out), or both."),
    row<&SrtServer::maxbw>("maxbw", integer(-1, no_bound), "-1", later,
                           "Most bytes per second; -1: no limit, 0: by the input rate."),
    row<&SrtServer::mss>("mss", integer(76, 65535), "1500", restart, "Largest IP packet."),
    row<&SrtServer::connect_timeout>("connect_timeout", millis(1), "3000", restart, "Time to connect."),
    row<&SrtServer::peer_idle_timeout>("peer_idle_timeout", millis(1), "10000", later,
                                       "A silent peer is gone after this time."),
    row<&SrtServer::default_app>("default_app", text(), "live", later, "App of a stream id that holds only a stream."),
    row<&SrtServer::default_streamid>("default_streamid", text(), "#!::r=live/livestream,m=request", later,
                                      "Stands in for an empty stream id."),
    row<&SrtServer::default_mode>("default_mode", choice("request publish"), "request", later,
                                  "What a stream id without #!:: asks for."),
    row<&SrtServer::peerlatency>("peerlatency", millis(0, 60'000), "0", later, "Latency asked of the peer."),
    row<&SrtServer::recvlatency>("recvlatency", millis(0, 60'000), "120", later, "Latency of what is received."),
    row<&SrtServer::latency>("latency", millis(0, 60'000), "120", later, "Sets both."),
    row<&SrtServer::tsbpdmode>("tsbpdmode", flag_unless_off(), "on", later, "Deliver by time stamp."),
    row<&SrtServer::tlpktdrop>("tlpktdrop", flag_unless_off(), "on", later, "Drop what is too late."),
    row<&SrtServer::retransmitalgo>(
        "retransmitalgo", integer(0, 1), "0", later,
        "Of what players ask for again. 0: it is sent each time, which gets through heavy loss "
        "and doubles what loss costs; 1: once in a round trip."),
    row<&SrtServer::sendbuf>("sendbuf", bytes(1, 1 << 30), "12058624", later,
                             "Most bytes of a connection that wait to be sent; what it needs is taken."),
    row<&SrtServer::recvbuf>("recvbuf", bytes(1, 1 << 30), "12058624", later,
                             "Most bytes of a connection that wait for their time, likewise."),
    row<&SrtServer::payloadsize>("payloadsize", integer(1, 1456), "1316", later, "Bytes per packet: seven TS packets."),
    row<&SrtServer::passphrase>("passphrase", text(), "", later,
                                "Encrypts, for all clients; 10 to 79 characters. Empty: off."),
    key_length<SrtServer>("Key length in bytes; 0 leaves it to the peer."),
    nothing("sei_filter", "Of a converter that SRS no longer uses."),
    nothing("mix_correct", "Without effect in SRS too."),
};

constexpr std::array srt{
    row<&Srt::enabled>("enabled", flag(), "off", later, "Take and serve SRT."),
    row<&Srt::srt_to_rtmp>("srt_to_rtmp", flag_unless_off(), "on", later,
                           "Offer what arrives by SRT to all other protocols.")
        .env("SRS_VHOST_SRT_SRT_TO_RTMP SRS_VHOST_SRT_TO_RTMP"),
    row<&Srt::passphrase>("passphrase", text(), "", later,
                          "Encrypts, in this virtual host; 10 to 79 characters. Empty: that of srt_server."),
    key_length<Srt>("Key length in bytes with that passphrase; 0: that of srt_server."),
    row<&Srt::passphrase_ttl>("passphrase_ttl", seconds_type(1, 86'400), "60", later,
                              "How long an answer of http_hooks.on_srt_passphrase is good for."),
    blocks<&Srt::streams>("stream", srt_stream_rows,
                          "A passphrase for some streams, before that of the virtual host: APP/STREAM as named, where "
                          "'*' stands for anything. The pattern with the most letters counts.")
        .like("live/cam*")
        .named([](void* object, const std::string& name) { static_cast<Srt::Stream*>(object)->pattern = name; })
        .one_of_each(),
};

constexpr std::array srt_stream{
    row<&Srt::Stream::passphrase>("passphrase", text(), "", later,
                                  "Encrypts these streams; 10 to 79 characters. Required.")
        .like("of-all-cameras"),
    key_length<Srt::Stream>("Key length in bytes with that passphrase; 0: that of the virtual host or srt_server."),
};

constexpr std::array rtsp_server{
    row<&RtspServer::enabled>("enabled", flag(), "off", restart, "Listen for RTSP."),
    row<&RtspServer::listen>("listen", endpoints(), "554", restart, "Where to listen."),
};

constexpr std::array rtsp{
    row<&Rtsp::enabled>("enabled", flag(), "off", later, "Serve RTSP."),
    row<&Rtsp::rtmp_to_rtsp>("rtmp_to_rtsp", flag_unless_off(), "on", later, "Offer RTMP streams by RTSP."),
};

}  // namespace

Rows srt_server_rows() { return srt_server; }
Rows srt_rows() { return srt; }
Rows srt_stream_rows() { return srt_stream; }
Rows rtsp_server_rows() { return rtsp_server; }
Rows rtsp_rows() { return rtsp; }

}  // namespace weir::config
