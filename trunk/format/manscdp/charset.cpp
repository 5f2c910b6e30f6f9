#include "format/manscdp/charset.h"

#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "base/text.h"

namespace weir::manscdp {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

// The length of the well-formed character at the front (Unicode 15, table 3-7); 0: none is there.
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(i < text.size() ? text[i] : 0); };
  const auto follows = [&](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
  const std::uint8_t first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if ((first == 0xe0 && at(1) < 0xa0) || (first == 0xed && at(1) > 0x9f)) return 0;
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if ((first == 0xf0 && at(1) < 0x90) || (first == 0xf4 && at(1) > 0x8f)) return 0;
    return follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

// The shortest of its characters that are no ASCII; 0: it is not UTF-8, 9: it is ASCII.
std::size_t shortest_character(std::string_view text) {
  std::size_t shortest = 9;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return 0;
    if (length > 1) shortest = std::min(shortest, length);
    text.remove_prefix(length);
  }
  return shortest;
}

class Converter {
 public:
  Converter(const char* to, const char* from) : descriptor_(::iconv_open(to, from)) {}
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (usable()) ::iconv_close(descriptor_);
  }
  bool usable() const { return descriptor_ != reinterpret_cast<iconv_t>(-1); }

  std::string run(std::string_view text, std::string_view instead) {
    std::string out;
    char* in = const_cast<char*>(text.data());  // iconv does not write there
    std::size_t left = text.size();
    char room[4096];
    while (left > 0) {
      char* to = room;
      std::size_t room_left = sizeof(room);
      const std::size_t done = ::iconv(descriptor_, &in, &left, &to, &room_left);
      const int error = done == static_cast<std::size_t>(-1) ? errno : 0;
      out.append(room, static_cast<std::size_t>(to - room));
      if (error == 0 || error == E2BIG) continue;
      out += instead;
      if (error == EINVAL) break;  // a character that is cut off
      ++in;
      --left;
      (void)::iconv(descriptor_, nullptr, nullptr, nullptr, nullptr);
    }
    return out;
  }

 private:
  iconv_t descriptor_;
};

std::string without_controls(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if ((byte < 0x20 && c != '\t' && c != '\r' && c != '\n') || byte == 0x7f) c = ' ';
  }
  return text;
}

}  // namespace

bool is_utf8(std::string_view bytes) { return shortest_character(bytes) != 0; }

std::string to_utf8(std::string_view bytes, std::string_view declared) {
  const std::size_t shortest = shortest_character(bytes);
  const bool says_utf8 = base::iequals(declared, "UTF-8") || base::iequals(declared, "UTF8");
  if (shortest >= 3 || (shortest == 2 && says_utf8)) return without_controls(std::string(bytes));
  Converter converter("UTF-8", "GB18030");
  if (converter.usable()) return without_controls(converter.run(bytes, replacement));
  // A system without the table: what is ASCII stays.
  std::string out;
  for (const char c : bytes) {
    if (static_cast<std::uint8_t>(c) < 0x80) {
      out += c;
    } else {
      out += replacement;
    }
  }
  return without_controls(std::move(out));
}

std::string to_gb18030(std::string_view utf8) {
  if (std::all_of(utf8.begin(), utf8.end(), [](char c) { return static_cast<std::uint8_t>(c) < 0x80; })) {
    return std::string(utf8);
  }
  Converter converter("GB18030", "UTF-8");
  return converter.usable() ? converter.run(utf8, "?") : std::string(utf8);
}

}  // namespace weir::manscdp
