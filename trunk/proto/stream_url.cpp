#include "proto/stream_url.h"

#include <algorithm>

#include "base/text.h"
#include "base/url.h"

namespace weir::proto {
namespace {

constexpr std::string_view line_characters = "\t\r\n";  // of names that were pasted; in none is one meant
constexpr std::string_view vhost_mark = "...vhost...", instance_mark = "/_definst_";  // of Flash and its like
constexpr std::string_view own_extensions[] = {".flv", ".ts", ".mp4", ".aac", ".mp3", ".m3u8", ".mpd"};

// Where "?" or "#" begins what is not the path.
std::size_t path_end(std::string_view text) { return std::min(text.find_first_of("?#"), text.size()); }

std::string clean(std::string_view text) {
  const std::string dense = base::without(text, line_characters);
  return std::string(base::trim(dense, "/ "));
}

// Without empty elements: as a folder they make no difference, and so they make none between two streams.
std::string clean_app(std::string_view text) {
  std::string out;
  const std::string dense = base::without(text, line_characters);  // outlives its pieces
  for (const std::string_view element : base::split(dense, '/')) {
    if (!element.empty()) out.append(out.empty() ? "" : "/").append(element);
  }
  return out;
}

// "?a=1", "?a=1#f", "#f": several such run together become one, with "&" between the queries.
std::string join_params(std::string_view first, std::string_view second) {
  if (first.empty() || second.empty()) return std::string(first) + std::string(second);
  if (second.starts_with('#')) return std::string(first) + std::string(second);
  std::string out(first);
  out += first.find('?') == std::string_view::npos ? '?' : '&';
  out += second.substr(1);
  return out;
}

// A player of rtmp://host/live/livestream may give no stream name, and some write it behind the parameters.
void guess_stream(StreamUrl& url) {
  for (std::string* place : {&url.app, &url.param}) {
    const std::size_t slash = place->rfind('/');
    if (slash == std::string::npos) continue;
    url.stream = clean(std::string_view(*place).substr(slash + 1));
    place->resize(slash);
    return;
  }
}

void choose_vhost(StreamUrl& url) {
  const std::string_view query = std::string_view(url.param).substr(0, url.param.find('#'));
  const auto parameters = query.starts_with('?') ? base::parse_query(query.substr(1)) : base::QueryParameters();
  const std::string_view by_vhost = base::find_parameter(parameters, "vhost");
  const std::string_view by_domain = base::find_parameter(parameters, "domain");
  if (!by_vhost.empty() && by_vhost != default_vhost) {
    url.vhost = by_vhost;
  } else if (!by_domain.empty() && by_domain != default_vhost) {
    url.vhost = by_domain;
  } else {
    url.vhost = url.host;
  }
  url.vhost = base::without(clean(url.vhost), " ");  // unlike a stream, a host has none
  if (parameters.size() == 1 && by_vhost == default_vhost) url.param.clear();
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Letters, digits and the bytes of names that are not ASCII; ":" is in IPv6 addresses.
bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

base::Result<void> check(const StreamUrl& url) {
  if (!std::all_of(url.vhost.begin(), url.vhost.end(), is_host_character)) return UrlErrc::bad_vhost;
  return check_names(url.app, url.stream);
}

// Splits "/app/instance/stream" and the parameters that were found on the way.
base::Result<void> take_path(StreamUrl& url, std::string_view path) {
  const std::string instance_free = base::replace_all(path, instance_mark, "");
  const std::string_view all = base::trim(instance_free);
  const std::size_t slash = all.rfind('/');
  url.stream = clean(slash == std::string_view::npos ? all : all.substr(slash + 1));
  url.app = slash == std::string_view::npos ? std::string() : clean(all.substr(0, slash));
  if (url.stream.empty()) guess_stream(url);
  url.app = clean_app(url.app);
  choose_vhost(url);
  if (url.app.empty()) url.app = default_app;
  return check(url);
}

}  // namespace

base::Result<StreamUrl> parse_stream_url(std::string_view tc_url, std::string_view stream) {
  const auto clean_text = [](std::string_view text) {
    const std::string dense = base::without(text, line_characters);
    return base::replace_all(base::trim(dense), vhost_mark, "?vhost=");
  };
  const std::string clean_tc = clean_text(tc_url);
  const std::string clean_stream = clean_text(stream);
  const std::string_view tc = clean_tc;
  const std::string_view name = clean_stream;
  const std::size_t tc_end = path_end(tc);
  const std::size_t name_end = path_end(name);

  TRY(const base::Url parsed, base::parse_url(tc.substr(0, tc_end)));
  StreamUrl url;
  url.scheme = parsed.scheme;
  url.host = parsed.host;
  url.port = parsed.port;
  url.param = join_params(name.substr(name_end), tc.substr(tc_end));
  const std::string_view bare_name = base::trim(name.substr(0, name_end), "/");
  TRY_VOID(take_path(url, parsed.path + "/" + std::string(bare_name)));
  return url;
}

base::Result<StreamUrl> parse_http_stream_url(std::string_view scheme, std::string_view host, std::string_view target) {
  StreamUrl url;
  url.scheme = scheme;
  if (!host.empty()) {
    TRY(auto host_port, base::parse_host_port(host));
    url.host = std::move(host_port.first);
    url.port = host_port.second;
  }
  const std::size_t end = path_end(target);
  url.param = target.substr(end);
  TRY_VOID(take_path(url, base::percent_decode(target.substr(0, end))));
  return url;
}

std::string tc_url_of(const StreamUrl& url) {
  return (url.scheme.empty() ? "rtmp" : url.scheme) + "://" + base::format_host_port(url.host, url.port) + "/" +
         url.app;
}

std::string stream_name_of(const StreamUrl& url) { return url.stream + url.param; }

base::Result<void> check_names(std::string_view app, std::string_view stream) {
  for (const std::string_view name : {app, stream}) {
    const auto odd = [](char c) { return is_control(c) || c == '?' || c == '#'; };
    if (std::any_of(name.begin(), name.end(), odd)) return UrlErrc::bad_name;
  }
  // As everybody writes it who has the name: what was cut from it may have made one of these.
  const std::string path = "/" + std::string(app) + "/" + std::string(without_extension(stream));
  if (path.find(vhost_mark) != std::string::npos || path.find(instance_mark) != std::string::npos) {
    return UrlErrc::reads_otherwise;
  }
  const auto elements = base::split(path, '/');
  const auto is_step = [](std::string_view one) { return one == "." || one == ".."; };
  if (std::any_of(elements.begin(), elements.end(), is_step)) return UrlErrc::leaves_folder;
  return {};
}

bool means(std::string_view url, std::string_view vhost, std::string_view app, std::string_view stream) {
  const std::size_t slash = std::min(url.rfind('/'), url.size());  // where a client cuts it
  const auto read = parse_stream_url(url.substr(0, slash), url.substr(std::min(slash + 1, url.size())));
  if (!read) return false;
  const std::string_view asked = vhost == default_vhost ? std::string_view(read->host) : vhost;
  return read->vhost == asked && read->app == app && without_extension(read->stream) == stream;
}

std::string_view without_extension(std::string_view stream) {
  for (bool cut = true; cut;) {
    cut = false;
    for (const std::string_view extension : own_extensions) {
      if (stream.size() <= extension.size() || !stream.ends_with(extension)) continue;
      stream.remove_suffix(extension.size());
      while (stream.size() > 1 && stream.ends_with(' ')) stream.remove_suffix(1);
      cut = true;
    }
  }
  return stream;
}

const char* describe(UrlErrc code) {
  switch (code) {
    case UrlErrc::bad_vhost:
      return "the virtual host that is asked for has characters that no host has";
    case UrlErrc::bad_name:
      return "the name of the application or stream has a '?', a '#' or a control character";
    case UrlErrc::leaves_folder:
      return "the name of the application or stream has '.' or '..' as an element";
    case UrlErrc::reads_otherwise:
      return "the name of the application or stream has '...vhost...' or '/_definst_', which RTMP reads otherwise";
  }
  return "unknown stream URL error";
}

}  // namespace weir::proto
