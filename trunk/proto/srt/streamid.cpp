#include "proto/srt/streamid.h"

#include <algorithm>

#include "base/text.h"
#include "base/url.h"

namespace weir::srt {

using base::Result;

namespace {

constexpr std::string_view access_control = "#!::";
constexpr std::string_view known_to_obs = "#feedbackplay";  // written behind by some tools, and meant for nobody

// The parts of a stream id, in whichever dialect they were written.
struct Parts {
  StreamId::Mode mode = StreamId::Mode::request;
  std::string_view host;
  std::string_view path;  // "app/stream", "stream"
  std::string query;      // "a=1&b=2", without "?"
};

void add_parameter(std::string& query, std::string_view text) {
  if (text.empty()) return;
  if (!query.empty()) query += '&';
  query += text;
}

Result<StreamId::Mode> mode_of(std::string_view word) {
  if (word == "publish") return StreamId::Mode::publish;
  if (word == "request") return StreamId::Mode::request;
  return Errc::bad_mode;
}

// "h=live/cam" and "h=host/live/cam" come from a time when there was no "r".
void take_host(Parts& parts, std::string_view value) {
  const std::size_t first = value.find('/');
  if (first == std::string_view::npos) {
    parts.host = value;
  } else if (value.find('/', first + 1) == std::string_view::npos) {
    parts.path = value;
  } else {
    parts.host = value.substr(0, first);
    parts.path = value.substr(first + 1);
  }
}

// "r=...,m=...": of keys that come twice, the last counts. `text` is changed to have one kind of separator.
Result<Parts> parse_pairs(std::string& text) {
  Parts parts;
  std::replace(text.begin(), text.end(), '?', ',');
  std::string_view resource;
  std::size_t keys = 0;
  for (const std::string_view part : base::split(text, ',')) {
    if (part.empty()) continue;
    if (++keys > most_stream_id_keys) return Errc::too_many_keys;
    const auto [key, value] = base::split_first(part, '=');
    if (key.empty() || key.size() == part.size()) return Errc::bad_pair;
    if (key == "r") {
      resource = value;
    } else if (key == "h") {
      take_host(parts, value);
    } else if (key == "m") {
      TRY(parts.mode, mode_of(value));
    } else {
      add_parameter(parts.query, part);
    }
  }
  if (!resource.empty()) parts.path = resource;
  return parts;
}

// "publish:path[:user:password[:query]]", or with the query as the only part behind the path.
Parts parse_colons(std::string_view text) {
  if (text.ends_with(known_to_obs)) text.remove_suffix(known_to_obs.size());
  const auto fields = base::split(text, ':');
  Parts parts;
  parts.mode = fields[0] == "publish" ? StreamId::Mode::publish : StreamId::Mode::request;
  parts.path = fields[1];
  if (fields.size() >= 4) {
    add_parameter(parts.query, "user=" + base::percent_encode(fields[2]));
    add_parameter(parts.query, "pass=" + base::percent_encode(fields[3]));
  }
  if (fields.size() == 3 || fields.size() == 5) add_parameter(parts.query, fields.back());
  return parts;
}

Parts parse_name(std::string_view text, StreamId::Mode mode) {
  Parts parts;
  parts.mode = mode;
  const auto [path, query] = base::split_first(text, '?');
  parts.path = path;
  parts.query = query;
  return parts;
}

bool has_step(std::string_view path) {
  const auto elements = base::split(path, '/');
  return std::any_of(elements.begin(), elements.end(),
                     [](std::string_view one) { return one == ".." || one == "." || one.empty(); });
}

Result<StreamId> finish(const Parts& parts, const StreamIdDefaults& defaults) {
  const std::string_view path = parts.path.starts_with('/') ? parts.path.substr(1) : parts.path;
  if (path.empty()) return Errc::no_stream;
  if (has_step(path) || path.find_first_of("?#") != std::string_view::npos) return Errc::bad_name;
  const std::size_t slash = path.rfind('/');
  const std::string_view app = slash == std::string_view::npos ? std::string_view(defaults.app) : path.substr(0, slash);
  const std::string_view stream = slash == std::string_view::npos ? path : path.substr(slash + 1);
  const std::string_view host = parts.host.empty() ? proto::default_vhost : parts.host;
  const std::string tc_url = "srt://" + base::format_host_port(host, 0) + "/" + std::string(app);
  std::string name(stream);
  if (!parts.query.empty()) name += "?" + parts.query;
  auto url = proto::parse_stream_url(tc_url, name);
  if (!url || url->stream.empty()) return Errc::bad_name;
  return StreamId{parts.mode, std::move(*url)};
}

Result<StreamId> parse(std::string_view text, const StreamIdDefaults& defaults) {
  if (text.starts_with(access_control)) {
    std::string pairs(text.substr(access_control.size()));
    TRY(const Parts parts, parse_pairs(pairs));
    return finish(parts, defaults);
  }
  if (text.starts_with("#!:{")) return Errc::nested;
  if (text.starts_with("#!")) return Errc::bad_syntax;
  if (text.starts_with("publish:") || text.starts_with("read:")) {
    if (std::count(text.begin(), text.end(), ':') > 4) return Errc::bad_syntax;
    return finish(parse_colons(text), defaults);
  }
  return finish(parse_name(text, defaults.mode), defaults);
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

Result<StreamId> parse_stream_id(std::string_view text, const StreamIdDefaults& defaults) {
  if (text.empty()) text = defaults.stream_id;
  if (text.size() > most_stream_id_bytes) return Errc::too_long;
  // Encoders that do not decode what their user had to encode: a "#" ends the query of a URL.
  std::string decoded;
  if (text.starts_with("%23!")) text = decoded = base::percent_decode(text);
  if (std::any_of(text.begin(), text.end(), is_control)) return Errc::control_character;
  return parse(text, defaults);
}

}  // namespace weir::srt
