#include <array>

#include "config/schema_build.h"

namespace weir::config {
namespace {

// The fallback of `listen` differs between the two servers, and so do their rows.
constexpr auto https_rows(std::string_view port) {
  return std::array{
      row<&Https::enabled>("enabled", flag(), "off", restart, "Listen for HTTPS as well."),
      row<&Https::listen>("listen", endpoints(), port, restart, "Where to listen."),
      row<&Https::key>("key", text(), "./conf/server.key", later, "Private key, PEM."),
      row<&Https::cert>("cert", text(), "./conf/server.crt", later, "Certificate chain, PEM."),
  };
}
constexpr auto api_https = https_rows("1990");
constexpr auto server_https = https_rows("8088");

template <auto Owner, auto Member>
constexpr Directive limit(std::string_view name, Type type, std::string_view fallback, std::string_view meaning) {
  return row<Owner, Member>(name, type, fallback, later, meaning);
}

template <auto Owner>
constexpr auto limit_rows() {
  return std::array{
      limit<Owner, &HttpLimits::header_timeout>("header_timeout", seconds_type(0.1), "10",
                                                "From the first byte of a request to the last of its header."),
      limit<Owner, &HttpLimits::idle_timeout>("idle_timeout", seconds_type(0.1), "60", "Between two requests."),
      limit<Owner, &HttpLimits::send_timeout>("send_timeout", seconds_type(0.1), "20",
                                              "A write that makes no progress for so long ends the connection."),
      limit<Owner, &HttpLimits::max_header_bytes>("max_header_bytes", bytes(1 << 10, 1 << 20), "16k",
                                                  "Request line and header together."),
      limit<Owner, &HttpLimits::max_body_bytes>("max_body_bytes", bytes(0, 1 << 30), "1m",
                                                "Body of a request that is not a stream."),
  };
}

template <std::size_t N, std::size_t M>
constexpr std::array<Directive, N + M> operator+(const std::array<Directive, N>& first,
                                                 const std::array<Directive, M>& second) {
  std::array<Directive, N + M> all{};
  for (std::size_t i = 0; i < N; ++i) all[i] = first[i];
  for (std::size_t i = 0; i < M; ++i) all[N + i] = second[i];
  return all;
}

constexpr std::array raw_api{
    row<&HttpApi::RawApi::enabled>("enabled", flag(), "off", restart, "Answer at /api/v1/raw."),
    row<&HttpApi::RawApi::allow_reload>("allow_reload", flag(), "off", restart, "Let it reload the configuration."),
    nothing("allow_query", "Taken out of SRS."),
    nothing("allow_update", "Taken out of SRS."),
};

constexpr std::array api_auth{
    row<&HttpApi::Auth::enabled>("enabled", flag().guarding(), "off", later,
                                 "Ask for a user name and password (HTTP Basic)."),
    row<&HttpApi::Auth::username>("username", text(), "", later, "The user.").like("admin"),
    row<&HttpApi::Auth::password>("password", text(), "", later, "The password.").like("admin"),
    row<&HttpApi::Auth::password_file>("password_file", text(), "", later, "A file that holds it; wins over password."),
};

constexpr std::array api_events{
    row<&HttpApi::Events::enabled>("enabled", flag_unless_off(), "on", later,
                                   "Answer at /api/v1/events: server-sent events."),
    row<&HttpApi::Events::max_listeners_per_address>("max_listeners_per_address", integer(1, 10'000), "16", later,
                                                     "How many of them one address may be (IPv6: one /64)."),
    row<&HttpApi::Events::max_listeners>("max_listeners", integer(1, 10'000), "64", later,
                                         "Who may listen at once; others get 503."),
};

constexpr std::array api_console{
    row<&HttpApi::Console::enabled>("enabled", flag_unless_off(), "on", later, "Serve the console at /console/."),
    row<&HttpApi::Console::dir>("dir", text(), "./research/console/dist", restart, "Its files."),
};

constexpr auto http_api =
    std::array{
        row<&HttpApi::enabled>("enabled", flag(), "off", restart, "Offer the API."),
        row<&HttpApi::listen>("listen", endpoints(), "1985", restart,
                              "Where to listen; where equal to http_server's, both share the port."),
        row<&HttpApi::crossdomain>("crossdomain", flag_unless_off(), "on", later,
                                   "Allow pages of other sites (CORS) to read which streams there are."),
        row<&HttpApi::crossdomain_origins>(
            "crossdomain_origins", words(), "", later,
            "Origins such as https://example.org whose pages may use all of the API; *: any, as in SRS.")
            .like("https://console.example.com"),
        row<&HttpApi::host_names>("host_names", words(), "", later,
                                  "Names of this server by which its API may be asked, besides addresses, names "
                                  "without a dot, the machine's own and those of virtual hosts; *: any.")
            .like("media.example.com"),
        row<&HttpApi::public_streams>("public_streams", flag_unless_off(), "on", later,
                                      "Tell which streams there are to those who may ask for nothing else."),
        row<&HttpApi::hide_stream_names>("hide_stream_names", flag(), "off", later,
                                         "Tell these, and /metrics, ids instead of names, where names are keys."),
        row<&HttpApi::metrics>("metrics", flag_unless_off(), "on", restart, "Answer at /metrics too.")
            .of(Feature::exporter),
        row<&HttpApi::proxy_protocol>(
            "proxy_protocol", flag(), "off", later,
            "Expect a PROXY header (v1 or v2) from trusted_proxies on ports of the API's own.")
            .of(Feature::proxy_protocol),
        row<&HttpApi::http2>("http2", flag_unless_off(), "on", later,
                             "Speak HTTP/2 too: over TLS with who asks for it, without with who begins so."),
        row<&HttpApi::allow>(
            "allow", ranges(), "", later,
            "Peers that may ask. Where empty and auth is off: this machine and private networks; others "
            "only see which streams there are. Who comes through a proxy that is not trusted is one of the others.")
            .of(Feature::api_access),
        block<&HttpApi::raw_api>(
            "raw_api", [] { return Rows(raw_api); }, "Control over HTTP.")
            .of(Feature::raw_api),
        block<&HttpApi::auth>(
            "auth", [] { return Rows(api_auth); }, "Who may use the API.")
            .of(Feature::api_access),
        block<&HttpApi::events>(
            "events", [] { return Rows(api_events); }, "What happens, as it happens."),
        block<&HttpApi::console>(
            "console", [] { return Rows(api_console); }, "The operator's page."),
        row<&HttpApi::overlay>("overlay", text(), "", later,
                               "A file that keeps what is added here, sources and pushes, and is read behind this one. "
                               "Empty: nothing can be added.")
            .like("./objs/overlay.conf"),
        row<&HttpApi::overlay_allow>("overlay_allow", words(), "", later,
                                     "What it may name beside servers out in the open: exec (programs), file, local "
                                     "(this machine, its ports, private networks), variables.")
            .like("local"),
        row<&HttpApi::edit_file>("edit_file", flag(), "off", later,
                                 "The configuration's file may be read and written here, secrets and programs too. "
                                 "Needs auth."),
        block<&HttpApi::https>(
            "https", [] { return Rows(api_https); }, "The same over TLS.")
            .lenient(),
    } +
    limit_rows<&HttpApi::limits>();

constexpr auto http_server =
    std::array{
        row<&HttpServer::enabled>("enabled", flag(), "off", restart, "Offer live streams and files."),
        row<&HttpServer::listen>("listen", endpoints(), "8080", restart, "Where to listen."),
        row<&HttpServer::dir>("dir", text(), "./objs/nginx/html", restart, "Root of the files."),
        row<&HttpServer::crossdomain>("crossdomain", flag_unless_off(), "on", later,
                                      "Allow pages of other sites (CORS)."),
        row<&HttpServer::crossdomain_origins>(
            "crossdomain_origins", words(), "", later,
            "Origins such as https://example.org whose pages may publish (POST of FLV); *: any, as in SRS.")
            .like("https://studio.example.com"),
        row<&HttpServer::proxy_protocol>("proxy_protocol", flag(), "off", later,
                                         "Expect a PROXY header (v1 or v2) from trusted_proxies, over HTTPS too.")
            .of(Feature::proxy_protocol),
        row<&HttpServer::http2>("http2", flag_unless_off(), "on", later,
                                "Speak HTTP/2 too: over TLS with who asks for it, without with who begins so."),
        block<&HttpServer::https>(
            "https", [] { return Rows(server_https); }, "The same over TLS.")
            .lenient(),
    } +
    limit_rows<&HttpServer::limits>();

constexpr std::array http_static{
    row<&HttpStatic::enabled>("enabled", flag(), "off", later, "Serve files for this host."),
    row<&HttpStatic::mount>("mount", text(), "[vhost]/", later, "Under which URL."),
    row<&HttpStatic::dir>("dir", text(), "./objs/nginx/html", later, "From which directory."),
};

constexpr std::array http_remux{
    row<&HttpRemux::enabled>("enabled", flag(), "off", later, "Serve live streams over HTTP."),
    row<&HttpRemux::mount>(
        "mount", text(), "[vhost]/[app]/[stream].flv", later,
        "Under which URL. The extension (flv, ts, mp4, aac, mp3) chooses the format; flv offers all of them."),
    row<&HttpRemux::wait_apps>("wait_apps", words(), "live", later,
                               "Applications in which players of the formats beside the mount's own may come before "
                               "the publisher, too; * for all. Elsewhere what nobody publishes is 404."),
    row<&HttpRemux::fast_cache>("fast_cache", seconds_type(0, 3600), "0", later,
                                "Audio sent at once to a new aac or mp3 player; needs gop_cache.")
        .of(Feature::http_other_formats),
    row<&HttpRemux::drop_if_not_match>("drop_if_not_match", flag_unless_off(), "on", later,
                                       "Drop audio or video that the FLV header does not announce."),
    row<&HttpRemux::has_audio>("has_audio", flag_unless_off(), "on", later,
                               "What the FLV header says, unless it is guessed."),
    row<&HttpRemux::has_video>("has_video", flag_unless_off(), "on", later, "The same for video."),
    row<&HttpRemux::guess_has_av>("guess_has_av", flag_unless_off(), "on", later,
                                  "Let the stream itself tell what the FLV header says."),
};

}  // namespace

Rows http_api_rows() { return http_api; }
Rows http_server_rows() { return http_server; }
Rows http_static_rows() { return http_static; }
Rows http_remux_rows() { return http_remux; }

}  // namespace weir::config
