#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::base {

inline constexpr std::string_view white_space = " \t\r\n";

// ASCII only, whatever the locale.
bool iequals(std::string_view a, std::string_view b);
std::string lower(std::string_view text);

std::string_view trim(std::string_view text, std::string_view characters = white_space);
// The parts between the separators, empty ones included: "a,,b" gives "a", "", "b"; "" gives one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);
// What stands before and after the first separator; the second is empty if there is none.
std::pair<std::string_view, std::string_view> split_first(std::string_view text, char separator);
std::string without(std::string_view text, std::string_view characters);
std::string replace_all(std::string_view text, std::string_view what, std::string_view with);
// The whole text as a decimal number; none if anything else is in it or it does not fit.
std::optional<std::uint64_t> parse_number(std::string_view text);
// For a log line or an error text: control characters and non-ASCII bytes as \xNN, cut at `limit` characters.
std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace weir::base
