#include "app/migrate/mediamtx.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "app/migrate/mediamtx_rows.h"
#include "app/migrate/times.h"
#include "app/migrate/yaml.h"
#include "base/text.h"
#include "config/lexer.h"

namespace weir::migrate {

namespace {

bool is_yes(std::string_view text) { return text == "yes" || text == "true" || text == "on"; }
// What says that something is off, or nothing.
bool is_no(std::string_view text) {
  return text.empty() || text == "no" || text == "false" || text == "off" || text == "0";
}

// ":8888" or "0.0.0.0:8888" as an endpoint of ours.
std::string endpoint(std::string_view address) {
  return as_word(address.starts_with(':') ? address.substr(1) : address);
}

// "%path/%Y-%m-%d_%H-%M-%S-%f" as a file name of ours.
std::string record_path(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> parts{{{"%path", "[app]/[stream]"},
                                                                                       {"%Y", "[2006]"},
                                                                                       {"%m", "[01]"},
                                                                                       {"%d", "[02]"},
                                                                                       {"%H", "[15]"},
                                                                                       {"%M", "[04]"},
                                                                                       {"%S", "[05]"},
                                                                                       {"%f", "[999]"},
                                                                                       {"%s", "[timestamp]"}}};
  std::string all(text);
  for (const auto& [theirs, ours] : parts) all = base::replace_all(all, theirs, ours);
  return all;
}

// A command line as ours has it, where it can be read as one; else as one word.
std::string words_of(const std::string& command) {
  std::vector<std::string> words;
  config::Lexer lexer(command);
  for (config::Token token = lexer.next(); token.kind != config::Token::Kind::end; token = lexer.next()) {
    if (token.kind != config::Token::Kind::word || token.unclosed_quote) return as_word(command);
    words.emplace_back(token.text);
  }
  return as_words(words);
}

class PathTranslator {
 public:
  PathTranslator(Migration& out, const std::vector<YamlValue>& values) : out_(out), values_(values) {}
  void run();

  void tell(const YamlValue& v, Fate fate, std::string words) {
    std::string name;
    for (const std::string& part : v.path) name += (name.empty() ? "" : ".") + part;
    out_.tell(v.line, fate, name + ": " + (is_secret(v) ? "(hidden)" : v.text), std::move(words));
  }
  void set(const YamlValue& v, const std::string& path, const std::string& value) {
    const bool done = out_.draft.set(path, value);
    tell(v, done ? Fate::carried : Fate::look, done ? as_setting(path, value) : "another line says otherwise");
  }
  const YamlValue* find(std::string_view name) const {
    const auto found =
        std::ranges::find_if(values_, [&](const YamlValue& v) { return v.path.size() == 1 && v.path[0] == name; });
    return found == values_.end() ? nullptr : &*found;
  }
  std::string value(std::string_view name, std::string_view fallback) const {
    const YamlValue* found = find(name);
    return found ? found->text : std::string(fallback);
  }

 private:
  static bool is_secret(const YamlValue& v) {
    const std::string name = base::lower(v.path.back());
    return name.find("pass") != std::string::npos || name.find("secret") != std::string::npos;
  }
  void servers();
  void top(const YamlValue& v);
  void of_path(const YamlValue& v, const std::string& path);
  void source(const YamlValue& v, const std::string& path);
  void users(const YamlValue& v);
  std::string scope_of(const YamlValue& v, const std::string& path);

  Migration& out_;
  const std::vector<YamlValue>& values_;
  std::string told_path_;
  bool told_users_ = false;
};

// Protocols are on in MediaMTX unless a line says no.
void PathTranslator::servers() {
  Draft& draft = out_.draft;
  const auto on = [&](std::string_view name, bool fallback = true) {
    return is_yes(value(name, fallback ? "yes" : "no"));
  };
  draft.set("listen", endpoint(value("rtmpAddress", ":1935")));
  draft.set("daemon", "off");
  const bool to_file = std::ranges::any_of(
      values_, [](const YamlValue& v) { return v.path.front() == "logDestinations" && v.text == "file"; });
  if (!to_file) draft.set("srs_log_tank", "console");
  const std::string encryption = value("rtmpEncryption", "no");
  if (encryption == "optional" || encryption == "strict") {
    draft.set("rtmps/enabled", "on");
    draft.set("rtmps/listen", endpoint(value("rtmpsAddress", ":1936")));
  }
  const auto keys = [&](std::string_view name, const std::string& block) {
    draft.set(block + "/key", as_word(value(std::string(name) + "ServerKey", "server.key")));
    draft.set(block + "/cert", as_word(value(std::string(name) + "ServerCert", "server.crt")));
  };
  if (draft.has("rtmps/enabled")) keys("rtmp", "rtmps");
  if (on("hlsEncryption", false)) {
    draft.set("http_server/https/enabled", "on");
    draft.set("http_server/https/listen", endpoint(value("hlsAddress", ":8888")));
    keys("hls", "http_server/https");
  }
  draft.set("http_server/enabled", "on");
  // A port has either HTTP or HTTPS.
  draft.append("http_server/listen", on("hlsEncryption", false) ? "8080" : endpoint(value("hlsAddress", ":8888")));
  draft.set("http_server/dir", "./research/players");
  draft.set("http_api/enabled", on("api", false) ? "on" : "off");
  draft.set("http_api/listen", endpoint(value("apiAddress", ":9997")));
  if (on("metrics", false)) {
    draft.set("exporter/enabled", "on");
    draft.set("exporter/listen", endpoint(value("metricsAddress", ":9998")));
  }
  if (on("hls")) {
    draft.set(in_vhost("hls/enabled"), "on");
    const std::string variant = value("hlsVariant", "lowLatency");
    if (variant != "mpegts") draft.set(in_vhost("hls/hls_use_fmp4"), "on");
    if (variant == "lowLatency") draft.set(in_vhost("hls/hls_low_latency"), "on");
    const double seconds = seconds_of(value("hlsSegmentDuration", "1s"));
    const double count = std::max(3.0, seconds_of(value("hlsSegmentCount", "7")));  // a bare number
    draft.set(in_vhost("hls/hls_fragment"), duration_text(seconds));
    draft.set(in_vhost("hls/hls_window"), duration_text(std::ceil(seconds * count)));
    draft.set(in_vhost("hls/hls_to_disk"), find("hlsDirectory") && !value("hlsDirectory", "").empty() ? "on" : "off");
  }
  if (on("webrtc")) {
    // WHIP and WHEP keep their port: http_server has both.
    draft.append("http_server/listen", endpoint(value("webrtcAddress", ":8889")));
    draft.set("rtc_server/enabled", "on");
    draft.set("rtc_server/listen", endpoint(value("webrtcLocalUDPAddress", ":8189")));
    if (const std::string tcp = value("webrtcLocalTCPAddress", ""); !tcp.empty()) {
      draft.set("rtc_server/protocol", "all");
      draft.set("rtc_server/tcp/enabled", "on");
      draft.set("rtc_server/tcp/listen", endpoint(tcp));
    }
    for (const std::string_view name : {"enabled", "rtmp_to_rtc", "rtc_to_rtmp"}) {
      draft.set(in_vhost("rtc/" + std::string(name)), "on");
    }
  }
  if (on("srt")) {
    draft.set("srt_server/enabled", "on");
    draft.set("srt_server/listen", endpoint(value("srtAddress", ":8890")));
    draft.set(in_vhost("srt/enabled"), "on");
  }
  draft.set(in_vhost("http_remux/enabled"), "on");
  // A second publisher replaces the first there, unless a line says no.
  const bool kept = std::ranges::any_of(
      values_, [](const YamlValue& v) { return v.path.back() == "overridePublisher" && !is_yes(v.text); });
  if (!kept) draft.set(in_vhost("publish/takeover"), "on");
}

// Users that restrict nothing are as if they were not there: anybody publishes and plays, and this machine administers.
void PathTranslator::users(const YamlValue& v) {
  if (told_users_) return;
  told_users_ = true;
  const bool restricts = std::ranges::any_of(values_, [](const YamlValue& one) {
    if (one.path.front() != "authInternalUsers" || one.path.size() < 3) return false;
    if (one.path[2] == "user") return one.text != "any";
    if (one.path[2] == "ips") return one.text != "127.0.0.1" && one.text != "::1";
    return one.path.back() == "path" && !one.text.empty();
  });
  out_.tell(v.line, restricts ? Fate::look : Fate::needless, "authInternalUsers",
            restricts
                ? "security { enabled on; allow publish 10.0.0.0/8; allow play all; } for addresses; for users, signed "
                  "URLs: auth { enabled on; secret_file FILE; }"
                : "anybody publishes and plays; http_api answers this machine and private networks");
}

void PathTranslator::top(const YamlValue& v) {
  const std::string& name = v.path.front();
  static constexpr std::array<std::string_view, 6> protocols{"rtmp", "hls", "webrtc", "srt", "api", "metrics"};
  if (std::ranges::find(protocols, name) != protocols.end()) {
    const bool unwanted = name == "rtmp" && !is_yes(v.text);
    return tell(v, unwanted ? Fate::look : Fate::carried,
                unwanted         ? "RTMP is always on; let nobody in by security or a firewall"
                : name == "rtmp" ? "listen"
                                 : "on or off, as here");
  }
  if (name == "rtsp") return tell(v, is_yes(v.text) ? Fate::lost : Fate::needless, "RTSP is not built");
  if (name.starts_with("rtsp") || name.starts_with("rtp") || name.starts_with("rtcp") || name.starts_with("srtp") ||
      name.starts_with("srtcp") || name == "protocols" || name == "serverKey" || name == "serverCert" ||
      name == "encryption" || name.starts_with("multicast")) {
    return tell(v, is_yes(value("rtsp", "yes")) ? Fate::lost : Fate::needless, "RTSP is not built");
  }
  if (name.ends_with("ServerKey") || name.ends_with("ServerCert")) {
    const std::string protocol = name.substr(0, name.find("Server"));
    const bool used =
        protocol == "rtmp" ? out_.draft.has("rtmps/key") : protocol == "hls" && out_.draft.has("http_server/https/key");
    const bool wanted = is_yes(value(protocol + "Encryption", "no"));
    return tell(v,
                used     ? Fate::carried
                : wanted ? Fate::look
                         : Fate::needless,
                used     ? "key and cert"
                : wanted ? "http_api and http_server have https { enabled on; key ...; cert ...; }"
                         : "not encrypted");
  }
  if (name == "hlsEncryption")
    return tell(v, is_no(v.text) ? Fate::needless : Fate::carried,
                is_no(v.text) ? "not encrypted" : "http_server { https }; HTTP is on 8080");
  if (name.starts_with("pprof") || name.starts_with("playback") || name.starts_with("metrics") ||
      name.ends_with("Encryption")) {
    const bool off = name != "playback" || is_no(v.text);
    return tell(v, off && (is_no(v.text) || !name.ends_with("Encryption")) ? Fate::needless : Fate::look,
                name == "playback" ? "recordings are files, which http_static serves; there are no ranges of time"
                                   : "see the line of the server");
  }
  if (name == "logFile" && !out_.draft.has("srs_log_tank")) {
    out_.draft.set("srs_log_tank", "file");
  } else if (name == "logFile" || name == "sysLogPrefix") {
    return tell(v, Fate::needless, "the log goes elsewhere");
  }
  if (name == "logDestinations") return tell(v, Fate::carried, "srs_log_tank");
  if (name == "hlsTrustedProxies" || name == "apiTrustedProxies" || name == "webrtcTrustedProxies") {
    out_.draft.append("trusted_proxies", as_word(v.text));
    return tell(v, Fate::carried, "trusted_proxies " + v.text + ";");
  }
  if (name.ends_with("AllowOrigin") || name.ends_with("AllowOrigins")) {
    const bool any = v.text == "*";
    return tell(
        v, any ? Fate::needless : Fate::look,
        any ? "pages of other sites may play" : "crossdomain and crossdomain_origins of http_server and http_api");
  }
  if (name == "webrtcAdditionalHosts" || name == "webrtcICEHostNAT1To1IPs") {
    const bool first = out_.draft.set("rtc_server/candidate", as_word(v.text));
    return tell(v, first ? Fate::carried : Fate::look,
                first ? "rtc_server { candidate " + v.text + "; }" : "one candidate is named");
  }
  if (name.starts_with("webrtcICEServers"))
    return tell(v, Fate::look, "rtc_server { ice_server { url ...; username ...; password ...; } }");
  if (name == "authMethod") {
    return tell(v, v.text == "internal" ? Fate::needless : Fate::look,
                v.text == "internal" ? "see 'authInternalUsers'" : "see the lines of this method");
  }
  if (name.starts_with("authInternalUsers")) return users(v);
  if (name.starts_with("authHTTP") || name.starts_with("authJWT")) {
    const bool used = value("authMethod", "internal") == (name.starts_with("authHTTP") ? "http" : "jwt");
    const Row* row = row_of(top_rows, name);
    return tell(v, used && !v.text.empty() ? Fate::look : Fate::needless,
                used && row ? std::string(row->words)
                : used      ? "there is no such thing"
                            : "another method is chosen");
  }
  const Row* row = row_of(top_rows, name);
  // Settings of paths stood at the top in older versions.
  if (!row) return of_path(v, "");
  const bool of_vhost = row->path.starts_with("vhost/");
  const std::string path = of_vhost ? in_vhost(row->path.substr(6)) : std::string(row->path);
  switch (row->how) {
    case How::copy:
      if (v.text.empty()) return tell(v, Fate::needless, "empty");
      return set(v, path, as_word(v.text));
    case How::flag:
      return set(v, path, is_yes(v.text) ? "on" : "off");
    case How::duration:
      return set(v, path, duration_text(seconds_of(v.text)));
    case How::endpoint:
      return set(v, path, endpoint(v.text));
    case How::needless:
      return tell(v, Fate::needless, std::string(row->words));
    case How::look:
      return tell(v, v.text.empty() ? Fate::needless : Fate::look, v.text.empty() ? "empty" : std::string(row->words));
    case How::lost:
      return tell(v, v.text.empty() ? Fate::needless : Fate::lost, v.text.empty() ? "empty" : std::string(row->words));
  }
}

// "cam" is no stream here: it needs an application.
std::string PathTranslator::scope_of(const YamlValue& v, const std::string& path) {
  if (path.find('/') != std::string::npos) return path;
  if (told_path_ != path) {
    out_.tell(v.line, Fate::look, "path " + path, "a stream has an application here: it is live/" + path);
    told_path_ = path;
  }
  return "live/" + path;
}

void PathTranslator::source(const YamlValue& v, const std::string& path) {
  if (v.text == "publisher" || v.text.empty()) return tell(v, Fate::needless, "any stream may be published");
  const std::string scheme(base::split_first(v.text, ':').first);
  static constexpr std::array<std::string_view, 7> fetched{"rtmp", "rtmps", "http", "https", "srt", "udp", "rtp"};
  if (std::ranges::find(fetched, scheme) == fetched.end()) {
    return tell(v, Fate::lost, scheme + " is not fetched; let FFmpeg bring it: ingest { ... }");
  }
  if (path.empty() || path.starts_with('~') || path == "all" || path == "all_others") {
    return tell(v, Fate::look, "source APP { url ...[stream]; on_demand on; }");
  }
  const std::string block = "source " + scope_of(v, path);
  const bool on_demand = std::ranges::any_of(values_, [&](const YamlValue& other) {
    return other.path.size() == v.path.size() && other.path.back() == "sourceOnDemand" &&
           other.path[other.path.size() - 2] == path && is_yes(other.text);
  });
  out_.draft.set(in_vhost(block + "/url"), as_word(v.text));
  if (on_demand) out_.draft.set(in_vhost(block + "/on_demand"), "on");
  tell(v, Fate::carried, block + " { url ...; }");
}

// `path`: whose settings these are; empty: of all.
void PathTranslator::of_path(const YamlValue& v, const std::string& path) {
  const std::string& name = v.path.back();
  const bool of_all = path.empty() || path == "all" || path == "all_others";
  const std::string only = of_all ? "" : ", for every stream of the virtual host";
  if (name == "source") return source(v, path);
  if (name == "record") {
    if (!is_yes(v.text)) return tell(v, Fate::needless, "no is the default");
    const auto of_same = [&](std::string_view wanted, std::string_view fallback) {
      for (const YamlValue& other : values_) {
        if (other.path.back() == wanted && other.path.size() == v.path.size()) return other.text;
      }
      return std::string(fallback);
    };
    const std::string suffix = of_same("recordFormat", "fmp4") == "mpegts" ? ".ts" : ".mp4";
    out_.draft.set(in_vhost("dvr/enabled"), "on");
    out_.draft.set(in_vhost("dvr/dvr_path"),
                   as_word(record_path(of_same("recordPath", "./recordings/%path/%Y-%m-%d_%H-%M-%S-%f")) + suffix));
    out_.draft.set(in_vhost("dvr/dvr_plan"), "segment");
    out_.draft.set(in_vhost("dvr/dvr_duration"), duration_text(seconds_of(of_same("recordSegmentDuration", "1h"))));
    if (const double keep = seconds_of(of_same("recordDeleteAfter", "1d")); keep > 0) {
      out_.draft.set(in_vhost("dvr/dvr_retain_time"), duration_text(keep));
    }
    return tell(v, of_all ? Fate::carried : Fate::look,
                "dvr { enabled on; }" + (of_all ? "" : std::string("; dvr_apply names the streams that are recorded")));
  }
  if (name == "runOnReady") {
    if (v.text.empty()) return tell(v, Fate::needless, "empty");
    const std::string command =
        base::replace_all(base::replace_all(v.text, "$MTX_PATH", "[app]/[stream]"), "$RTSP_PORT", "[port]");
    out_.draft.set(in_vhost("exec/enabled"), "on");
    out_.draft.add(in_vhost("exec/publish"), words_of(command));
    return tell(
        v, Fate::look,
        "exec { publish ...; }" + only + "; there is no shell, and what is not a variable of ours means nothing");
  }
  const Row* row = row_of(path_rows, name);
  if (!row) {
    if (is_no(v.text)) return tell(v, Fate::needless, "off, or empty");
    const bool rpi = name.starts_with("rpiCamera") || name.starts_with("rtsp") || name == "sourceProtocol" ||
                     name == "sourceAnyPortEnable";
    return tell(v, Fate::lost, rpi ? "RTSP and cameras of this machine are not sources" : "this setting is not known");
  }
  const bool told = row->how == How::needless || is_no(v.text);
  tell(v,
       told                    ? Fate::needless
       : row->how == How::look ? Fate::look
                               : Fate::lost,
       told && row->how != How::needless ? "empty" : std::string(row->words));
}

void PathTranslator::run() {
  servers();
  for (const YamlValue& v : values_) {
    if (v.path.front() == "paths" && v.path.size() >= 3) {
      of_path(v, v.path[1]);
    } else if (v.path.front() == "paths") {
      // "paths: { cam: }": an empty path may be published, as any.
      tell(v, Fate::needless, "any stream may be published");
      if (v.path.size() == 2 && !v.path[1].starts_with("all")) (void)scope_of(v, v.path[1]);
    } else if (v.path.front() == "pathDefaults" && v.path.size() >= 2) {
      of_path(v, "");
    } else {
      top(v);
    }
  }
}

}  // namespace

bool is_mediamtx(std::string_view text) {
  const YamlDocument document = read_yaml(text);
  if (!document.mistake.empty()) return false;
  return std::ranges::any_of(document.values, [](const YamlValue& v) {
    const std::string_view name = v.path.empty() ? std::string_view() : std::string_view(v.path.front());
    return name == "paths" || name == "pathDefaults" || row_of(top_rows, name) || name == "rtsp" || name == "rtmp" ||
           name == "hls" || name == "webrtc";
  });
}

Migration from_mediamtx(std::string_view text) {
  Migration out;
  const YamlDocument document = read_yaml(text);
  out.mistake = document.mistake;
  if (out.mistake.empty()) PathTranslator(out, document.values).run();
  return out;
}

}  // namespace weir::migrate
