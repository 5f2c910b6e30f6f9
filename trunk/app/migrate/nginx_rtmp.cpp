#include "app/migrate/nginx_rtmp.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "app/migrate/nginx_file.h"
#include "app/migrate/times.h"
#include "base/text.h"

namespace weir::migrate {

namespace {

using Directive = NginxDirective;

// The directives of all applications go into the one virtual host. Names of files are made of several of them.
class DirectiveTranslator {
 public:
  explicit DirectiveTranslator(Migration& out) : out_(out) {}

  void server(const std::vector<Directive>& directives);
  void application(const Directive& block);
  void finish();

  void tell(const Directive& d, Fate fate, std::string words) { out_.tell(d.line, fate, d.text(), std::move(words)); }
  void set(const Directive& d, const std::string& path, const std::string& value) {
    if (out_.draft.set(path, value)) return tell(d, Fate::carried, as_setting(path, value));
    tell(d, Fate::look, "other applications have another value; here one virtual host has one, and the first is kept");
  }

  void listen(const Directive& d);
  void rule(const Directive& d);
  void hls_nested(const Directive& d);
  void dash_fragment(const Directive& d) {
    dash_fragment_ = seconds_of(d.first());
    set(d, in_vhost("dash/dash_fragment"), duration_text(dash_fragment_));
  }
  void dash_length(const Directive& d) {
    dash_length_ = seconds_of(d.first());
    tell(d, Fate::carried, "dash { dash_window_size } counts segments");
  }
  void record(const Directive& d);
  void record_path(const Directive& d) {
    record_path_ = d.first();
    tell(d, Fate::carried, "the folder of dvr { dvr_path }");
  }
  void record_suffix(const Directive& d);
  void record_interval(const Directive& d);
  void recorder(const Directive& d);
  void exec(const Directive& d);
  void exec_static(const Directive& d);
  void push(const Directive& d);
  void pull(const Directive& d);
  void hook(const Directive& d);

 private:
  void one(const Directive& d);

  Migration& out_;
  std::string application_;
  std::string record_path_ = "/tmp", record_suffix_ = ".flv";
  double dash_fragment_ = 5, dash_length_ = 30;  // seconds; nginx-rtmp's own defaults
  bool records_ = false, has_dash_ = false;
  bool rules_publish_ = false, rules_play_ = false, refuses_all_publish_ = false;
};

enum class How : std::uint8_t { copy, flag, duration, needless, lost, special };

struct Row {
  std::string_view name;
  How how;
  std::string_view path;   // ours, below the virtual host unless it begins with '/'
  std::string_view words;  // where there is none
  void (DirectiveTranslator::*special)(const Directive&) = nullptr;
};

constexpr std::string_view no_need = "nothing: streams begin at key frames, and times are repaired";
constexpr std::string_view by_hand = "there is no such thing; a hook (http_hooks) can start the program";

constexpr auto rows = std::to_array<Row>({
    {"listen", How::special, "", "", &DirectiveTranslator::listen},
    {"chunk_size", How::copy, "/chunk_size", ""},
    {"max_connections", How::copy, "/max_connections", ""},
    {"timeout", How::duration, "publish/normal_timeout", ""},
    {"drop_idle_publisher", How::duration, "publish/normal_timeout", ""},
    {"ping", How::needless, "", "nothing: dead connections are found by TCP and by time limits"},
    {"ping_timeout", How::needless, "", "nothing: dead connections are found by TCP and by time limits"},
    {"ack_window", How::copy, "out_ack_size", ""},
    {"max_streams", How::needless, "", "nothing: an RTMP connection has one stream at a time"},
    {"max_message", How::copy, "/rtmp/max_message_bytes", ""},
    {"out_queue", How::needless, "", "play { queue_length }, in seconds, bounds what waits for a player"},
    {"out_cork", How::needless, "", "nothing: what is sent together follows from the load"},
    {"buflen", How::needless, "", "nothing"},
    {"busy", How::needless, "", "nothing"},
    {"live", How::needless, "", "nothing: every application takes live streams"},
    {"interleave", How::flag, "play/mix_correct", ""},
    {"wait_key", How::needless, "", no_need},
    {"wait_video", How::needless, "", no_need},
    {"sync", How::needless, "", no_need},
    {"meta", How::needless, "", "nothing: metadata is passed on"},
    {"publish_notify", How::needless, "", "nothing: players are told"},
    {"publish_time_fix", How::needless, "", no_need},
    {"play_restart", How::needless, "", "nothing: players stay over a new publisher"},
    {"idle_streams", How::needless, "", "nothing: a player may wait for its stream"},
    {"session_relay", How::needless, "", "nothing"},
    {"buffer", How::needless, "", "nothing"},
    {"access_log", How::needless, "", "srs_log_file"},
    {"log_format", How::needless, "", "srs_log_json on writes JSON"},
    {"gop_cache", How::flag, "play/gop_cache", ""},
    {"allow", How::special, "", "", &DirectiveTranslator::rule},
    {"deny", How::special, "", "", &DirectiveTranslator::rule},
    {"hls", How::flag, "hls/enabled", ""},
    {"hls_path", How::copy, "hls/hls_path", ""},
    {"hls_fragment", How::duration, "hls/hls_fragment", ""},
    {"hls_playlist_length", How::duration, "hls/hls_window", ""},
    {"hls_nested", How::special, "", "", &DirectiveTranslator::hls_nested},
    {"hls_cleanup", How::flag, "hls/hls_cleanup", ""},
    {"hls_keys", How::flag, "hls/hls_keys", ""},
    {"hls_key_path", How::copy, "hls/hls_key_file_path", ""},
    {"hls_key_url", How::copy, "hls/hls_key_url", ""},
    {"hls_fragments_per_key", How::copy, "hls/hls_fragments_per_key", ""},
    {"hls_sync", How::needless, "", no_need},
    {"hls_continuous", How::needless, "", "hls { hls_recover on; }, which it is, goes on with the numbers of before"},
    {"hls_fragment_naming", How::needless, "", "segments are numbered; hls_ts_file says how they are named"},
    {"hls_fragment_naming_granularity", How::needless, "", "segments are numbered"},
    {"hls_fragment_slicing", How::needless, "", "segments begin at key frames"},
    {"hls_max_fragment", How::needless, "", "hls { hls_td_ratio } bounds a segment"},
    {"hls_base_url", How::copy, "hls/hls_entry_prefix", ""},
    {"hls_type", How::needless, "", "playlists are live"},
    {"hls_max_audio_delay", How::needless, "", no_need},
    {"hls_audio_buffer_size", How::needless, "", "nothing"},
    {"hls_variant", How::lost, "", "renditions in one playlist are not made; each is a stream of its own"},
    {"dash", How::flag, "dash/enabled", ""},
    {"dash_path", How::copy, "dash/dash_path", ""},
    {"dash_fragment", How::special, "", "", &DirectiveTranslator::dash_fragment},
    {"dash_playlist_length", How::special, "", "", &DirectiveTranslator::dash_length},
    {"dash_nested", How::needless, "", "dash { dash_mpd_file } says where the manifest lies"},
    {"dash_cleanup", How::flag, "dash/dash_cleanup", ""},
    {"record", How::special, "", "", &DirectiveTranslator::record},
    {"record_path", How::special, "", "", &DirectiveTranslator::record_path},
    {"record_suffix", How::special, "", "", &DirectiveTranslator::record_suffix},
    {"record_interval", How::special, "", "", &DirectiveTranslator::record_interval},
    {"record_unique", How::needless, "", "dvr { dvr_path } holds the time, so names differ"},
    {"record_append", How::needless, "", "dvr { dvr_continue on; } goes on in the same file"},
    {"record_lock", How::needless, "", "a file has its name once it is whole"},
    {"record_notify", How::needless, "", "nothing"},
    {"record_max_size", How::lost, "", "recordings are cut by time: dvr { dvr_plan segment; dvr_duration 1800; }"},
    {"record_max_frames", How::lost, "", "recordings are cut by time: dvr { dvr_plan segment; dvr_duration 1800; }"},
    {"recorder", How::special, "", "", &DirectiveTranslator::recorder},
    {"exec", How::special, "", "", &DirectiveTranslator::exec},
    {"exec_push", How::special, "", "", &DirectiveTranslator::exec},
    {"exec_publish", How::special, "", "", &DirectiveTranslator::exec},
    {"exec_static", How::special, "", "", &DirectiveTranslator::exec_static},
    {"exec_pull", How::lost, "",
     "a program on demand is a source: source APP/STREAM { url \"exec:PROGRAM ...\"; on_demand on; }"},
    {"exec_play", How::lost, "", by_hand},
    {"exec_play_done", How::lost, "", by_hand},
    {"exec_publish_done", How::lost, "", by_hand},
    {"exec_record_done", How::lost, "", "on_dvr of http_hooks is told of each file"},
    {"exec_options", How::needless, "", "nothing"},
    {"exec_kill_signal", How::needless, "", "nothing: SIGTERM, then SIGKILL"},
    {"respawn", How::needless, "", "nothing: a program that ends is started again"},
    {"respawn_timeout", How::needless, "", "nothing: pauses grow from 1 to 30 s"},
    {"push", How::special, "", "", &DirectiveTranslator::push},
    {"push_reconnect", How::needless, "", "nothing: pauses grow from 1 to 30 s"},
    {"pull", How::special, "", "", &DirectiveTranslator::pull},
    {"pull_reconnect", How::needless, "", "nothing: pauses grow from 1 to 30 s"},
    {"on_connect", How::special, "", "", &DirectiveTranslator::hook},
    {"on_disconnect", How::special, "", "", &DirectiveTranslator::hook},
    {"on_publish", How::special, "", "", &DirectiveTranslator::hook},
    {"on_publish_done", How::special, "", "", &DirectiveTranslator::hook},
    {"on_play", How::special, "", "", &DirectiveTranslator::hook},
    {"on_play_done", How::special, "", "", &DirectiveTranslator::hook},
    {"on_done", How::special, "", "", &DirectiveTranslator::hook},
    {"on_record_done", How::special, "", "", &DirectiveTranslator::hook},
    {"on_update", How::lost, "", "poll /api/v1/clients/ instead"},
    {"notify_method", How::needless, "", "hooks are POST with JSON"},
    {"notify_update_timeout", How::needless, "", "there is no on_update"},
    {"notify_update_strict", How::needless, "", "there is no on_update"},
    {"notify_relay_redirect", How::needless, "", "a redirect as an answer refuses"},
    {"play", How::lost, "", "files are not played by RTMP; http_static serves them by HTTP"},
});

std::string joined(const Directive& d) {
  std::string all;
  for (const std::string& word : d.words) all += (all.empty() ? "" : " ") + as_word(word);
  return all;
}

void DirectiveTranslator::one(const Directive& d) {
  const auto row = std::ranges::find(rows, d.name, &Row::name);
  if (row == rows.end()) return tell(d, Fate::lost, "this directive is not known");
  const std::string path = row->path.starts_with('/') ? std::string(row->path.substr(1)) : in_vhost(row->path);
  switch (row->how) {
    case How::copy:
      return set(d, path, joined(d));
    case How::flag:
      if (d.first() == "off" && row->path.ends_with("/enabled")) return tell(d, Fate::needless, "off is the default");
      if (row->name == "dash") has_dash_ = true;
      return set(d, path, d.first() == "off" ? "off" : "on");
    case How::duration:
      return set(d, path, duration_text(seconds_of(d.first())));
    case How::needless:
      return tell(d, Fate::needless, std::string(row->words));
    case How::lost:
      return tell(d, Fate::lost, std::string(row->words));
    case How::special:
      return (this->*row->special)(d);
  }
}

void DirectiveTranslator::listen(const Directive& d) {
  const std::string where = d.first();
  if (where.starts_with("unix:")) return tell(d, Fate::lost, "RTMP listens on TCP");
  out_.draft.append("listen", as_word(where.starts_with("*:") ? where.substr(2) : where));
  const bool proxied = std::ranges::find(d.words, "proxy_protocol") != d.words.end();
  if (proxied) return tell(d, Fate::look, "listen " + where + "; and rtmp { proxy_protocol on; } with trusted_proxies");
  tell(d, Fate::carried, "listen " + where + ";");
}

// nginx-rtmp takes the first rule that matches; ours lets nobody in whom no "allow" names, once there is one.
void DirectiveTranslator::rule(const Directive& d) {
  std::vector<std::string> words = d.words;
  const bool both = !words.empty() && words[0] != "publish" && words[0] != "play";
  if (both) words.insert(words.begin(), "");
  if (words.size() < 2) return tell(d, Fate::lost, "a rule names an address");
  for (const std::string_view kind : {"publish", "play"}) {
    if (!both && words[0] != kind) continue;
    bool& has_rules = kind == "publish" ? rules_publish_ : rules_play_;
    if (d.name == "deny" && words[1] == "all" && has_rules) {
      tell(d, Fate::needless, "whom no 'allow' names is refused");
      continue;
    }
    has_rules = has_rules || d.name == "allow";
    if (d.name == "deny" && words[1] == "all") refuses_all_publish_ = refuses_all_publish_ || kind == "publish";
    out_.draft.set(in_vhost("security/enabled"), "on");
    const std::string value = std::string(kind) + " " + as_word(words[1]);
    out_.draft.add(in_vhost("security/" + d.name), value);
    const bool of_one = !application_.empty();
    tell(d, of_one ? Fate::look : Fate::carried,
         fmt::format("security {{ {} {}; }}{}", d.name, value,
                     of_one ? ", for every application of the virtual host" : ""));
  }
}

void DirectiveTranslator::hls_nested(const Directive& d) {
  if (d.first() != "on") return tell(d, Fate::needless, "off is the default");
  out_.draft.set(in_vhost("hls/hls_m3u8_file"), "[app]/[stream]/index.m3u8");
  out_.draft.set(in_vhost("hls/hls_ts_file"), "[app]/[stream]/[seq].ts");
  tell(d, Fate::carried, "hls { hls_m3u8_file [app]/[stream]/index.m3u8; hls_ts_file [app]/[stream]/[seq].ts; }");
}

void DirectiveTranslator::record(const Directive& d) {
  const auto is = [&](std::string_view word) { return std::ranges::find(d.words, word) != d.words.end(); };
  if (is("off")) return tell(d, Fate::needless, "off is the default");
  records_ = true;
  const bool by_request = is("manual");
  out_.draft.set(in_vhost("dvr/enabled"), by_request ? "off" : "on");
  if (by_request)
    return tell(d, Fate::look, "dvr { enabled off; }; POST /api/v1/dvrs/start?app=APP&stream=STREAM records");
  if (!is("all")) return tell(d, Fate::look, "dvr { enabled on; } records sound and picture");
  tell(d, application_.empty() ? Fate::carried : Fate::look,
       application_.empty() ? "dvr { enabled on; }"
                            : "dvr { enabled on; } records every application; dvr_apply names those that it shall");
}

void DirectiveTranslator::record_suffix(const Directive& d) {
  // "-%d-%b-%y-%T.flv" is strftime; ours have the time as [timestamp] and [2006]-[01]-[02].
  const std::size_t dot = d.first().rfind('.');
  record_suffix_ = dot == std::string::npos ? ".flv" : d.first().substr(dot);
  tell(d, d.first().find('%') == std::string::npos ? Fate::carried : Fate::look, "the end of dvr { dvr_path }");
}

void DirectiveTranslator::record_interval(const Directive& d) {
  out_.draft.set(in_vhost("dvr/dvr_plan"), "segment");
  set(d, in_vhost("dvr/dvr_duration"), duration_text(seconds_of(d.first())));
}

void DirectiveTranslator::recorder(const Directive& d) {
  tell(d, Fate::look, "one recording of each stream is made, with the directives of this block");
  for (const Directive& child : d.children) one(child);
}

void DirectiveTranslator::exec(const Directive& d) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> variables{
      {{"$name", "[stream]"}, {"$app", "[app]"}, {"$addr", "[ip]"}, {"$tcurl", "[tcUrl]"}}};
  std::vector<std::string> words = d.words;
  bool whole = true;
  for (std::string& word : words) {
    word = base::replace_all(base::replace_all(word, "${name}", "$name"), "${app}", "$app");
    for (const auto& [theirs, ours] : variables) word = base::replace_all(word, theirs, ours);
    whole = whole && word.find('$') == std::string::npos && word.find('>') == std::string::npos;
  }
  out_.draft.set(in_vhost("exec/enabled"), "on");
  out_.draft.add(in_vhost("exec/publish"), as_words(words));
  tell(d, whole ? Fate::carried : Fate::look,
       whole ? "exec { publish ...; }"
             : "exec { publish ...; }, in which '$...' or '>' mean nothing: there is no shell");
}

void DirectiveTranslator::exec_static(const Directive& d) {
  tell(d, Fate::look,
       fmt::format(
           "a program that brings a stream is a source: source {}/NAME {{ url \"exec:{}\"; }}, writing FLV or TS to "
           "its standard output",
           application_.empty() ? "live" : application_, joined(d)));
}

void DirectiveTranslator::push(const Directive& d) {
  std::string target = d.first();
  if (target.empty()) return tell(d, Fate::lost, "it names no server");
  if (target.find("://") == std::string::npos) target = "rtmp://" + target;
  const bool has_app = std::ranges::count(target, '/') > 2;
  // Without an application the same one is meant, which is what a bare host says in ours.
  if (!has_app && target.starts_with("rtmp://")) target.erase(0, 7);
  out_.draft.set(in_vhost("forward/enabled"), "on");
  out_.draft.append(in_vhost("forward/destination"), as_word(target));
  const bool of_one = !application_.empty() || d.words.size() > 1;
  tell(d, of_one ? Fate::look : Fate::carried,
       "forward { destination " + target + "; }" +
           (of_one ? ", for every application of the virtual host; what follows the URL is not carried" : ""));
}

void DirectiveTranslator::pull(const Directive& d) {
  std::string origin = d.first();
  if (origin.empty()) return tell(d, Fate::lost, "it names no server");
  if (origin.find("://") == std::string::npos) origin = "rtmp://" + origin;
  std::string name;
  bool always = false;
  for (const std::string& word : d.words) {
    if (word.starts_with("name=")) name = word.substr(5);
    always = always || word == "static";
  }
  if (std::ranges::count(origin, '/') == 2) origin += "/[app]";
  if (std::ranges::count(origin, '/') == 3) origin += "/[stream]";
  if (always && name.empty()) return tell(d, Fate::lost, "a source that is fetched always has a name");
  const std::string scope = (application_.empty() ? "live" : application_) + (name.empty() ? "" : "/" + name);
  out_.draft.set(in_vhost("source " + scope + "/url"), as_word(origin));
  if (!always) out_.draft.set(in_vhost("source " + scope + "/on_demand"), "on");
  tell(d, Fate::carried, fmt::format("source {} {{ url {}; on_demand {}; }}", scope, origin, always ? "off" : "on"));
}

void DirectiveTranslator::hook(const Directive& d) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> names{
      {{"on_connect", "on_connect"},
       {"on_disconnect", "on_close"},
       {"on_publish", "on_publish"},
       {"on_publish_done", "on_unpublish"},
       {"on_play", "on_play"},
       {"on_play_done", "on_stop"},
       {"on_done", "on_close"},
       {"on_record_done", "on_dvr"}}};
  const auto found = std::ranges::find(names, d.name, &std::pair<std::string_view, std::string_view>::first);
  out_.draft.set(in_vhost("http_hooks/enabled"), "on");
  out_.draft.append(in_vhost("http_hooks/" + std::string(found->second)), as_word(d.first()));
  tell(d, Fate::look,
       fmt::format(
           "http_hooks {{ {} {}; }}, which sends JSON and wants status 200 with the body 0: see wiki/en/hooks.md",
           found->second, d.first()));
}

void DirectiveTranslator::application(const Directive& block) {
  application_ = block.first();
  tell(block, Fate::needless, "nothing: any rtmp://HOST/APP/STREAM may be published");
  for (const Directive& child : block.children) one(child);
  application_.clear();
}

void DirectiveTranslator::server(const std::vector<Directive>& directives) {
  for (const Directive& d : directives) {
    if (d.name == "server") {
      server(d.children);
    } else if (d.name == "application") {
      application(d);
    } else {
      one(d);
    }
  }
}

void DirectiveTranslator::finish() {
  Draft& draft = out_.draft;
  if (!draft.has("listen")) draft.set("listen", "1935");
  if (records_) {
    const std::string path = record_path_ + "/[app]/[stream].[timestamp]" + record_suffix_;
    draft.set(in_vhost("dvr/dvr_path"), as_word(path));
  }
  if (has_dash_ && dash_fragment_ > 0) {
    draft.set(in_vhost("dash/dash_window_size"), fmt::format("{:.0f}", std::max(1.0, dash_length_ / dash_fragment_)));
  }
  if (rules_publish_ && !rules_play_) draft.add(in_vhost("security/allow"), "play all");
  if (rules_play_ && !rules_publish_ && !refuses_all_publish_) draft.add(in_vhost("security/allow"), "publish all");
}

const Directive* block_of(const std::vector<Directive>& directives, std::string_view name) {
  const auto found = std::ranges::find(directives, name, &Directive::name);
  return found == directives.end() ? nullptr : &*found;
}

}  // namespace

bool is_nginx_rtmp(std::string_view text) {
  const NginxFile file = read_nginx(text);
  const Directive* rtmp = block_of(file.directives, "rtmp");
  return rtmp && block_of(rtmp->children, "server");
}

Migration from_nginx_rtmp(std::string_view text) {
  Migration out;
  const NginxFile file = read_nginx(text);
  if (!file.mistake.empty()) {
    out.mistake = file.mistake;
    return out;
  }
  const Directive* rtmp = block_of(file.directives, "rtmp");
  if (!rtmp) {
    out.mistake = "there is no block 'rtmp' in it";
    return out;
  }
  DirectiveTranslator translator(out);
  translator.server(rtmp->children);
  for (const Directive& d : file.directives) {
    if (&d == rtmp) continue;
    out.tell(d.line, Fate::needless, d.name == "http" ? "http" : d.text(),
             d.name == "http" ? "nginx's own; the page, players and statistics are on http_server and http_api"
                              : "nginx's own");
  }
  translator.finish();
  out.draft.set("daemon", "off");
  out.draft.set("srs_log_tank", "console");
  out.draft.set("http_server/enabled", "on");
  out.draft.set("http_server/listen", "8080");
  out.draft.set("http_server/dir", "./research/players");
  out.draft.set("http_api/enabled", "on");
  out.draft.set("http_api/listen", "1985");
  out.draft.set(in_vhost("http_remux/enabled"), "on");
  return out;
}

}  // namespace weir::migrate
