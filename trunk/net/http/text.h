#pragma once

#include <algorithm>
#include <string_view>

// Character classes of RFC 9110 5.6, for the files of this folder.
namespace weir::http {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
inline bool has_control(std::string_view text) { return std::any_of(text.begin(), text.end(), is_control); }

inline bool is_token_char(char c) {
  return is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
inline bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

// RFC 3986 3.2.2 reg-name without percent codes and sub-delims; the underscore stands in names of virtual hosts.
inline bool is_host_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alnum(c) || std::string_view("-._~").find(c) != std::string_view::npos; });
}

// Cuts the part before `separator` off the front of `text`; the whole if there is none.
inline std::string_view cut_front(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return part;
}

}  // namespace weir::http
