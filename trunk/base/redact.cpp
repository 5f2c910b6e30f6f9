#include "base/redact.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "base/url.h"

namespace weir::base {

namespace {

constexpr std::string_view hidden = "***";

bool is_public(std::string_view name) { return name == "vhost" || name == "domain"; }

// "name=value", or a flag: what it is called, and its value if that is no secret.
std::string parameter_shown(std::string_view parameter, bool value_is_public) {
  const auto [name, value] = split_first(parameter, '=');
  std::string out(name);
  if (parameter.size() > name.size()) out.append("=").append(value_is_public || value.empty() ? value : hidden);
  return out;
}

bool is_variable(std::string_view text) {
  return text.size() > 2 && text.front() == '[' && text.find(']') == text.size() - 1;
}

// "rtmp://host/app/KEY": the key of a service that is pushed to.
std::string without_stream_key(std::string url) {
  const std::size_t scheme_end = url.find("://");
  if (!lower(std::string_view(url).substr(0, scheme_end)).starts_with("rtmp")) return url;
  const std::size_t end = std::min(url.find('?'), url.size());
  const std::size_t app = url.find('/', scheme_end + 3);
  const std::size_t slash = url.rfind('/', end);
  if (app >= end || slash <= app || slash + 1 == end) return url;
  const std::string_view key = std::string_view(url).substr(slash + 1, end - slash - 1);
  if (!is_variable(key)) url.replace(slash + 1, key.size(), hidden);
  return url;
}

// "--output=rtmp://...", "[f=flv]rtmp://...": what stands before the scheme stays.
std::string shown_urls(std::string_view word) {
  std::string out;
  bool first = true;
  for (const std::string_view part : split(word, '|')) {  // ffmpeg's tee: several targets in one word
    if (!std::exchange(first, false)) out += '|';
    const std::size_t mark = part.find("://");
    std::size_t from = mark == std::string_view::npos ? part.size() : mark;
    const auto of_scheme = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
    while (mark != std::string_view::npos && from > 0 && of_scheme(part[from - 1])) --from;
    out += part.substr(0, from);
    if (from < part.size()) out += without_stream_key(without_secrets(part.substr(from)));
  }
  return out;
}

std::string_view without_dashes(std::string_view word) {
  return word.substr(std::min(word.find_first_not_of('-'), word.size()));
}

// "-u", "--proxy-user": a user and his password follow, with a colon between.
bool is_account_option(std::string_view word) {
  if (!word.starts_with('-')) return false;
  const std::string plain = lower(without_dashes(word));
  return plain == "u" || plain == "user" || plain.ends_with("-user");
}

// Word by word, as the next one may be what an option asked for.
class Words {
 public:
  std::string next(std::string_view word) {
    if (hides_next_) {
      const bool scheme_of_header = word == "Bearer" || word == "Basic" || word == "Digest";
      hides_next_ = of_header_ && scheme_of_header;
      return std::string(hides_next_ ? word : hidden);
    }
    if (const std::size_t equals = word.find('='); equals != std::string_view::npos &&
                                                   word.substr(0, equals).find("://") == std::string_view::npos &&
                                                   hides_value(word.substr(0, equals))) {
      return std::string(word.substr(0, equals + 1)).append(hidden);
    }
    if (word.find("://") != std::string_view::npos) return shown_urls(word);
    of_header_ = word.ends_with(':');
    if (word.starts_with('-')) hides_next_ = hides_value(word);
    if (of_header_) hides_next_ = is_secret_name(word.substr(0, word.size() - 1));
    return std::string(word);
  }

 private:
  static bool hides_value(std::string_view name) { return is_secret_name(name) || is_account_option(name); }

  bool hides_next_ = false, of_header_ = false;
};

}  // namespace

bool is_secret_name(std::string_view name) {
  static constexpr std::array<std::string_view, 9> parts{
      "password", "passwd", "passphrase", "secret", "token", "credential", "authorization", "streamid", "playpath"};
  const std::string plain = lower(without_dashes(name));
  if (plain.ends_with("file") || plain.ends_with("path") || plain.ends_with("_name")) {
    return plain.ends_with("playpath");
  }
  // Whom it is asked of, and for how long it is good.
  if (plain.ends_with("on_srt_passphrase") || plain.ends_with("_ttl")) return false;
  const auto is_in = [&](std::string_view part) { return plain.find(part) != std::string::npos; };
  return std::any_of(parts.begin(), parts.end(), is_in) || plain == "key" || plain == "username" ||
         plain.ends_with("_key") || plain.ends_with("-key") || plain.ends_with("apikey");
}

std::string shown(std::string_view text) {
  std::string out;
  Words words;
  while (!text.empty()) {
    const std::size_t blanks = std::min(text.find_first_not_of(white_space), text.size());
    out += text.substr(0, blanks);
    text.remove_prefix(blanks);
    const std::size_t end = std::min(text.find_first_of(white_space), text.size());
    if (end > 0) out += words.next(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

std::string shown(std::span<const std::string> words) {
  std::string all;
  for (const std::string& word : words) all.append(all.empty() ? "" : " ").append(word);
  return shown(all);
}

std::string quotations_shown(std::string_view sentence, bool of_secret) {
  std::string out;
  while (!sentence.empty()) {
    const std::size_t open = std::min(sentence.find('\''), sentence.size());
    const std::size_t close = open < sentence.size() ? sentence.find('\'', open + 1) : std::string_view::npos;
    if (close == std::string_view::npos) break;
    const std::string_view quoted = sentence.substr(open + 1, close - open - 1);
    out.append(sentence.substr(0, open + 1)).append(of_secret ? std::string(hidden) : shown(quoted));
    out += '\'';
    sentence.remove_prefix(close + 1);
  }
  return out.append(sentence);
}

std::string without_credentials(std::string text) {
  for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
    const std::size_t from = at + 3;
    const std::size_t end = text.find_first_of("/?#", from);
    const std::size_t sign = text.substr(0, end).rfind('@');
    // Before an "@" at once stands nobody: "udp://@GROUP:PORT", "rist://@:PORT".
    if (sign != std::string::npos && sign > from) text.replace(from, sign - from, hidden);
  }
  return text;
}

std::string without_secrets(std::string_view url) {
  // First, as the value of a parameter may be another URL, with a '?' of its own.
  const std::string text = without_credentials(std::string(url));
  const std::size_t mark = text.find_first_of("?#&");
  std::string out = text.substr(0, mark);
  if (mark == std::string::npos) return out;
  char before = text[mark];
  for (const std::string_view parameter : split(std::string_view(text).substr(mark + 1), '&')) {
    out += before;
    out += parameter_shown(parameter, is_public(split_first(parameter, '=').first));
    before = '&';
  }
  return out;
}

namespace {

// The head of a stream id without keys: "live/cam", "publish:live/cam:user:password".
std::string positions_shown(std::string_view head) {
  std::string out;
  std::size_t position = 0;
  for (const std::string_view field : split(head, ':')) {
    out += position == 0 ? "" : ":";
    out += position < 2 ? parameter_shown(field, false) : std::string(hidden);
    ++position;
  }
  return out;
}

}  // namespace

std::string stream_id_shown(std::string_view stream_id) {
  constexpr std::string_view access_control = "#!::", special = "#!", separators = ",?&";
  const std::string text =
      without_credentials(stream_id.starts_with("%23!") ? percent_decode(stream_id) : std::string(stream_id));
  std::string_view rest = text;
  std::string out;
  if (rest.starts_with(access_control)) {
    out = access_control;
  } else if (rest.starts_with(special)) {
    return std::string(special).append(hidden);  // a dialect that nobody knows
  }
  const bool keyed = !out.empty();
  rest.remove_prefix(out.size());
  for (bool first = true;; first = false) {
    const std::size_t end = std::min(rest.find_first_of(separators), rest.size());
    const std::string_view part = rest.substr(0, end);
    const std::string_view key = part.substr(0, part.find('='));
    const bool by_position = first && !keyed && key.find(':') != std::string_view::npos;
    if (by_position) {
      out += positions_shown(part);
    } else if (key.size() < part.size()) {
      out += parameter_shown(part, is_public(key) || key == "r" || key == "h" || key == "m");
    } else if (!part.empty()) {
      out += first && !keyed ? part : hidden;
    }
    if (end == rest.size()) return out;
    out += rest[end];
    rest.remove_prefix(end + 1);
  }
}

}  // namespace weir::base
