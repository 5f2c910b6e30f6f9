#include <fmt/format.h>

#include <array>

#include "config/schema_build.h"

namespace weir::config {
namespace {

// "allow|deny publish|play all|ADDRESS|CIDR [protocol ...];", the protocols being ours.
void read_rule(void* object, const Node& node, Problems& problems) {
  if (node.words.size() < 2) {
    return problems.error(
        node.place, fmt::format("'{}' needs publish or play, and then an address, a CIDR block or 'all'", node.name));
  }
  Security::Rule rule{.allow = node.name == "allow"};
  if (node.words[0] == "publish" || node.words[0] == "play") {
    rule.action = node.words[0] == "publish" ? Security::Action::publish : Security::Action::play;
  } else {
    problems.error(node.place, fmt::format("'{}' is neither publish nor play", node.words[0]));
  }
  if (const auto range = AddressRange::parse(node.words[1])) {
    rule.range = *range;
  } else {
    problems.error(node.place, fmt::format("'{}' is no address, no CIDR block and not 'all'", node.words[1]));
  }
  rule.protocols.assign(node.words.begin() + 2, node.words.end());
  for (const std::string& protocol : rule.protocols) {
    static constexpr std::array known{"rtmp", "flv", "hls", "dash", "srt", "rtc", "rtsp", "gb28181"};
    if (std::find(known.begin(), known.end(), protocol) == known.end()) {
      problems.error(node.place, fmt::format("'{}' is none of: {}", protocol, fmt::join(known, ", ")));
    }
  }
  static_cast<Security*>(object)->rules.push_back(std::move(rule));
}

void read_command(void* object, const Node& node, Problems& problems) {
  if (node.words.empty()) return problems.error(node.place, "'publish' names no program");
  static_cast<Exec*>(object)->publish.push_back(node.words);
}

constexpr std::array refer{
    row<&Refer::enabled>("enabled", flag().guarding(), "off", later, "Check."),
    row<&Refer::all>("all", words(), "", later, "Domains of pages for players and publishers.")
        .like("github.com github.io"),
    row<&Refer::play>("play", words(), "", later, "For players.").like("github.com github.io"),
    row<&Refer::publish>("publish", words(), "", later, "For publishers.").like("github.com github.io"),
    row<&Refer::http>("http", flag(), "off", later, "Check the Referer header of HTTP clients too, not only RTMP."),
};

constexpr Directive rule(std::string_view name, std::string_view meaning, std::string_view example) {
  return special(name, read_rule, later, meaning).like(example);
}

constexpr std::array security{
    row<&Security::enabled>("enabled", flag().guarding(), "off", later, "Check."),
    rule("allow", "Whom to let in: publish or play, then 'all', an address or a CIDR block, then protocols if not all.",
         "play all"),
    rule("deny", "Whom to refuse; wins over allow.", "publish 192.0.2.0/24"),
};

constexpr std::array auth{
    row<&Auth::enabled>("enabled", flag().guarding(), "off", later, "Check."),
    row<&Auth::scheme>("scheme", choice("hmac jwt"), "hmac", later,
                       "A signed URL with its expiry, or a JSON Web Token."),
    row<&Auth::secret>("secret", text(), "", later, "The key.").like("change-me"),
    row<&Auth::secret_file>("secret_file", text(), "", later, "A file that holds the key; wins over secret."),
    row<&Auth::public_key_file>("public_key_file", text(), "", later,
                                "Public key, PEM, for tokens of RS256, PS256 to PS512, ES256 and EdDSA."),
    row<&Auth::jwks>("jwks", text(), "", later,
                     "URL of a JSON Web Key Set; its keys take the place of public_key_file.")
        .like("https://id.example.com/.well-known/jwks.json"),
    row<&Auth::jwks_ca_file>("jwks_ca_file", text(), "", later,
                             "PEM of an authority that is trusted with that URL besides the system's."),
    row<&Auth::jwks_refresh>("jwks_refresh", seconds_type(1, 86'400), "300", later,
                             "How often the keys are fetched again while tokens come."),
    row<&Auth::jwks_retry>("jwks_retry", seconds_type(1, 3600), "10", later,
                           "The least time between fetches after a failure, and for tokens of unknown keys."),
    row<&Auth::parameter>("parameter", text(), "token", later, "The URL parameter that carries it."),
    row<&Auth::issuer>("issuer", text(), "", later, "What a JSON Web Token must say as iss; where empty: anything."),
    row<&Auth::audience>("audience", text(), "", later, "What it must have among aud; where empty: anything."),
    row<&Auth::play>("play", flag_unless_off(), "on", later, "Check players."),
    row<&Auth::publish>("publish", flag_unless_off(), "on", later, "Check publishers."),
    row<&Auth::leeway>("leeway", seconds_type(0, 3600), "30", later, "How much clocks may differ."),
};

constexpr Type count() { return integer(0, 10'000'000); }

constexpr std::array stream_limits{
    row<&StreamLimits::max_streams>("max_streams", count(), "0", later, "Streams published at a time."),
    row<&StreamLimits::max_players>("max_players", count(), "0", later, "Players of this host."),
    row<&StreamLimits::max_players_per_stream>("max_players_per_stream", count(), "0", later, "Players of one stream."),
    row<&StreamLimits::max_connections_per_address>("max_connections_per_address", count(), "0", later,
                                                    "Publishers and players from one address."),
    row<&StreamLimits::max_publish_bitrate>("max_publish_bitrate", integer(0, 1e12), "0", later,
                                            "Bits per second of a publisher."),
};

template <auto Member>
constexpr Directive hook(std::string_view name, std::string_view meaning) {
  return row<Member>(name, words(), "", later, meaning).like("http://127.0.0.1:8085/api/v1/hooks");
}

constexpr std::array http_hooks{
    row<&HttpHooks::enabled>("enabled", flag().guarding(), "off", later, "Ask and tell."),
    hook<&HttpHooks::on_connect>("on_connect", "Asked when a client connects to an app."),
    hook<&HttpHooks::on_close>("on_close", "Told when it leaves."),
    hook<&HttpHooks::on_publish>("on_publish", "Asked when it wants to publish."),
    hook<&HttpHooks::on_unpublish>("on_unpublish", "Told when it stops."),
    hook<&HttpHooks::on_play>("on_play", "Asked when it wants to play."),
    hook<&HttpHooks::on_stop>("on_stop", "Told when it stops."),
    hook<&HttpHooks::on_dvr>("on_dvr", "Told when a recording is complete."),
    hook<&HttpHooks::on_hls>("on_hls", "Told when a segment is complete."),
    hook<&HttpHooks::on_hls_notify>(
        "on_hls_notify", "Fetched when a segment is complete; [server_id], [app], [stream], [ts_url] are filled in."),
    hook<&HttpHooks::on_device_online>("on_device_online", "Told when a device of gb28181 has registered."),
    hook<&HttpHooks::on_device_offline>("on_device_offline", "Told when it is gone, and why."),
    hook<&HttpHooks::on_device_alarm>("on_device_alarm", "Told of its alarms."),
    hook<&HttpHooks::on_srt_passphrase>(
        "on_srt_passphrase",
        "Asked for the passphrase of an SRT stream, before anybody may call it. One URL is asked."),
    hook<&HttpHooks::on_device_talk>("on_device_talk", "Told when sound begins to go to one of its loudspeakers."),
    hook<&HttpHooks::on_device_talk_over>("on_device_talk_over", "Told when that is over or failed, and why."),
    row<&HttpHooks::timeout>("timeout", seconds_type(0.1, 600), "30", later, "Longest wait for an answer."),
    row<&HttpHooks::retries>("retries", integer(0, 100), "0", later,
                             "How often telling is tried again, with growing pauses."),
    row<&HttpHooks::fail_open>("fail_open", flag(), "off", later, "Let clients in when no answer comes."),
    row<&HttpHooks::secret>("secret", text(), "", later,
                            "Key of the signature header (HMAC-SHA256). Empty: none is sent."),
    row<&HttpHooks::secret_file>("secret_file", text(), "", later, "A file that holds it; wins over secret."),
    row<&HttpHooks::queue>("queue", integer(1, 1'000'000), "1000", later,
                           "Calls of the events that only tell which may wait for one server; more are dropped."),
    row<&HttpHooks::tls_verify>("tls_verify", flag(), "off", later, "Check the certificates of https servers."),
    row<&HttpHooks::ca_file>("ca_file", text(), "", later, "An authority for that beside the system's, PEM."),
};

constexpr std::array exec{
    row<&Exec::enabled>("enabled", flag(), "off", live, "Start programs."),
    special("publish", read_command, live,
            "A program with its arguments, started when a stream is published; [vhost], [app], [stream], [url] and "
            "more are filled in.")
        .like("./objs/ffmpeg/bin/ffmpeg -f flv -i [url] -c copy -y ./[stream].flv"),
};

}  // namespace

Rows refer_rows() { return refer; }
Rows security_rows() { return security; }
Rows auth_rows() { return auth; }
Rows stream_limits_rows() { return stream_limits; }
Rows http_hooks_rows() { return http_hooks; }
Rows exec_rows() { return exec; }

}  // namespace weir::config
