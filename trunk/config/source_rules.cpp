#include "config/source_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/digest.h"
#include "base/text.h"
#include "base/url.h"
#include "config/tcp_url.h"

namespace weir::config {
namespace {

// Of those that main/schemes.cpp knows; SRT, RIST and UDP have rules of their own.
constexpr std::array<std::string_view, 4> server_schemes{"rtmp", "rtmps", "http", "https"};

}  // namespace

std::string fault_of_file_name(std::string_view name) {
  if (base::trim(name, "/").empty()) return "it names no file";
  const auto elements = base::split(name, '/');
  const bool leaves = std::find(elements.begin(), elements.end(), "..") != elements.end();
  return leaves ? "the file would lie outside the directory of http_server" : "";
}

std::string fault_of_source_url(const std::string& url) {
  if (url == standard_input) return {};
  const auto [scheme_part, rest] = base::split_first(url, ':');
  const std::string scheme = base::lower(scheme_part);
  if (scheme == "file") return fault_of_file_name(rest);
  if (scheme == "tcp") {
    return tcp_port_of(url) ? "" : "a port is tcp://:PORT or tcp://ADDRESS:PORT, the address numeric";
  }
  if (scheme == "exec") {
    const auto words = words_of_command(rest);
    if (!words) return "a quotation mark is not closed";
    return words->empty() || words->front().empty() ? "it names no program" : "";
  }
  if (std::find(server_schemes.begin(), server_schemes.end(), scheme) == server_schemes.end()) {
    return "streams are fetched by rtmp, rtmps, srt, rist, udp, rtp, tcp, http, https, file and exec alone";
  }
  const auto parsed = base::parse_url(url);
  if (!parsed || parsed->host.empty()) return fmt::format("it is no URL of a stream, {}://HOST[:PORT]/PATH", scheme);
  return "";
}

std::string source_url_of(const Ingest& ingest) {
  const bool bare = ingest.input_type == Ingest::Input::file && ingest.input_url.find(':') == std::string::npos;
  return bare && !ingest.input_url.empty() ? "file:" + ingest.input_url : ingest.input_url;
}

std::optional<std::vector<std::string>> words_of_command(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool begun = false;
  char quote = 0;
  for (const char c : line) {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      begun = true;
    } else if (c == ' ' || c == '\t') {
      if (begun) words.push_back(std::exchange(word, {}));
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (quote != 0) return std::nullopt;
  if (begun) words.push_back(std::move(word));
  return words;
}

namespace {

std::string short_digest(const std::string& text) {
  constexpr std::size_t length = 8;
  return base::to_hex(base::sha256({base::as_bytes(text)})).substr(0, length);
}

bool names(std::string_view scope, std::string_view app, std::string_view stream) {
  return scope.size() == app.size() + 1 + stream.size() && scope.starts_with(app) && scope[app.size()] == '/' &&
         scope.ends_with(stream);
}

}  // namespace

std::string name_of(const Source& source) {
  constexpr std::string_view standbys[] = {"", " cold", " warm"};
  std::string text =
      fmt::format("source {} {}{}", source.scope, source.priority, standbys[static_cast<std::size_t>(source.standby)]);
  for (const std::string& url : source.written.urls.empty() ? source.urls : source.written.urls) text += " " + url;
  return short_digest(text);
}

std::string name_of(const Push& push) {
  std::string text = fmt::format("push {} {}", push.scope, written_url(urls_of(push), push.written, 0));
  if (!push.audio.empty()) text += " audio " + push.audio;
  return short_digest(text);
}

bool applies(const Push& push, std::string_view app, std::string_view stream) {
  return push.scope.empty() || push.scope == app || names(push.scope, app, stream);
}

bool names_one_stream(const Source& source) {
  const std::size_t slash = source.scope.rfind('/');
  return slash != std::string::npos && slash > 0 && slash + 1 < source.scope.size();
}

bool applies(const Source& source, std::string_view app, std::string_view stream) {
  if (source.scope.empty() || source.scope == app) return source.on_demand;
  return names(source.scope, app, stream);
}

bool has_sources(const Vhost& vhost, std::string_view app, std::string_view stream) {
  return std::any_of(vhost.sources.begin(), vhost.sources.end(),
                     [&](const Source& source) { return source.enabled && applies(source, app, stream); });
}

bool is_source_url(std::string_view text) {
  const std::string scheme = base::lower(text.substr(0, text.find(':')));
  if (scheme == "file" || scheme == "exec") return text.size() > scheme.size();
  return (scheme == "http" || scheme == "https") && text.substr(scheme.size()).starts_with("://");
}

}  // namespace weir::config
