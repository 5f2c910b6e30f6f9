#include <array>

#include "config/schema_build.h"

namespace weir::config {
namespace {

constexpr std::array rtmp{
    row<&Rtmp::listen>("listen", endpoints(), "", live, "Where to listen. Required, unless there is no file at all.")
        .env("SRS_RTMP_LISTEN SRS_LISTEN")
        .like("1935"),
    row<&Rtmp::chunk_size>("chunk_size", integer(128, 65536).clamped(), "60000", later, "Chunk size of what is sent.")
        .env("SRS_VHOST_CHUNK_SIZE SRS_RTMP_CHUNK_SIZE SRS_CHUNK_SIZE"),
    row<&Rtmp::max_message_bytes>("max_message_bytes", bytes(64 << 10, 1 << 30), "32m", later,
                                  "A client that sends a longer message is disconnected."),
    row<&Rtmp::handshake_timeout>("handshake_timeout", seconds_type(0.1), "10", later,
                                  "Time for a client to finish the handshake."),
    row<&Rtmp::connect_timeout>("connect_timeout", seconds_type(0.1), "30", later,
                                "Time from the handshake to publish or play."),
    row<&Rtmp::proxy_protocol>("proxy_protocol", flag(), "off", later,
                               "Expect a PROXY header (v1 or v2) from trusted_proxies.")
        .of(Feature::proxy_protocol),
};

constexpr std::array tls{
    row<&Tls::min_version>("min_version", choice("1.2 1.3"), "1.2", later, "The oldest version that is spoken."),
    row<&Tls::max_version>("max_version", choice("1.2 1.3"), "1.3", later, "The newest version that is spoken."),
    row<&Tls::curves>("curves", words(), "X25519 P-256 P-384", later,
                      "Curves of the key exchange, the preferred first: X25519, X448, P-256, P-384, P-521."),
};

constexpr std::array rtmps{
    row<&Rtmps::enabled>("enabled", flag(), "off", restart, "Listen for RTMP over TLS."),
    row<&Rtmps::listen>("listen", endpoints(), "", restart, "Where to listen.").like("1443"),
    row<&Rtmps::key>("key", text(), "./conf/server.key", later, "Private key, PEM."),
    row<&Rtmps::cert>("cert", text(), "./conf/server.crt", later, "Certificate chain, PEM."),
    row<&Rtmps::proxy_protocol>("proxy_protocol", flag(), "off", later,
                                "Expect a PROXY header (v1 or v2), before TLS begins, from trusted_proxies.")
        .of(Feature::proxy_protocol),
};

constexpr std::array circuit_breaker{
    row<&CircuitBreaker::enabled>("enabled", flag_unless_off(), "on", live, "Watch the CPU."),
    row<&CircuitBreaker::high_threshold>("high_threshold", integer(0, 100), "90", live,
                                         "Per cent of CPU above which retransmission stops ..."),
    row<&CircuitBreaker::high_pulse>("high_pulse", integer(0, 3600), "2", live, "... after so many seconds. 0: never."),
    row<&CircuitBreaker::critical_threshold>("critical_threshold", integer(0, 100), "95", live,
                                             "Per cent above which transport feedback stops too ..."),
    row<&CircuitBreaker::critical_pulse>("critical_pulse", integer(0, 3600), "1", live, "... after so many seconds."),
    row<&CircuitBreaker::dying_threshold>("dying_threshold", integer(0, 100), "99", live,
                                          "Per cent above which SRS drops packets for players ...")
        .of(Feature::never),
    row<&CircuitBreaker::dying_pulse>("dying_pulse", integer(0, 3600), "5", live, "... after so many seconds.")
        .of(Feature::never),
};

constexpr std::array heartbeat{
    row<&Heartbeat::enabled>("enabled", flag(), "off", later, "Send reports."),
    row<&Heartbeat::interval>("interval", whole_seconds(1), "10", later, "Time between two reports."),
    row<&Heartbeat::url>("url", text(), "http://127.0.0.1:8085/api/v1/servers", later, "Where they are posted."),
    row<&Heartbeat::device_id>("device_id", text(), "", later, "An id to send along.").like("my-device"),
    row<&Heartbeat::device_ip>("device_ip", text(), "", later, "The address to report; where empty one is chosen.")
        .env("SRS_DEVICE_IP SRS_HEARTBEAT_DEVICE_IP")
        .like("192.168.1.100"),
    row<&Heartbeat::summaries>("summaries", flag(), "off", later, "Add figures of process and machine."),
    row<&Heartbeat::ports>("ports", flag(), "off", later, "Add where the server listens."),
    row<&Heartbeat::tls_verify>("tls_verify", flag(), "off", later, "Check the certificate of an https server."),
    row<&Heartbeat::ca_file>("ca_file", text(), "", later, "An authority for that beside the system's, PEM."),
};

constexpr std::array otlp{
    row<&Otlp::endpoint>("endpoint", text(), "", later,
                         "The collector, to which spans are posted as JSON; without a path at /v1/traces. Empty: none "
                         "are made.")
        .like("http://127.0.0.1:4318"),
    row<&Otlp::sample>("sample", number(0, 1), "1", later, "The part of sessions that is traced, 0 to 1."),
    row<&Otlp::service_name>("service_name", text(), "weir", later, "service.name of the spans."),
    row<&Otlp::interval>("interval", seconds_type(0.1, 3600), "5", later, "Time between two posts."),
    row<&Otlp::timeout>("timeout", seconds_type(0.1, 300), "10", later, "Time for one post."),
    row<&Otlp::queue>("queue", integer(1, 1'000'000), "2048", later,
                      "Spans of a worker that wait for the collector; more are dropped and counted."),
    row<&Otlp::tls_verify>("tls_verify", flag_unless_off(), "on", later,
                           "Check the certificate of an https collector."),
    row<&Otlp::ca_file>("ca_file", text(), "", later, "An authority for that beside the system's, PEM."),
};

constexpr std::array stats{
    row<&Stats::enabled>("enabled", flag_unless_off(), "on", restart, "Gather figures of the machine."),
    row<&Stats::network>("network", integer(0, 1000), "0", restart,
                         "Which of the machine's addresses is its own, from 0."),
    row<&Stats::disk>("disk", words(), "", restart, "Disks to watch, such as sda sdb."),
};

constexpr std::array exporter{
    row<&Exporter::enabled>("enabled", flag(), "off", restart, "Open the port."),
    row<&Exporter::listen>("listen", endpoints(), "9972", restart, "Where to listen."),
    row<&Exporter::label>("label", text(), "", restart, "Label of the build figure.").like("cn-beijing"),
    row<&Exporter::tag>("tag", text(), "", restart, "Tag of the build figure.").like("cn-edge"),
};

}  // namespace

Rows rtmp_rows() { return rtmp; }
Rows rtmps_rows() { return rtmps; }
Rows circuit_breaker_rows() { return circuit_breaker; }
Rows tls_rows() { return tls; }
Rows heartbeat_rows() { return heartbeat; }
Rows otlp_rows() { return otlp; }
Rows stats_rows() { return stats; }
Rows exporter_rows() { return exporter; }

}  // namespace weir::config
