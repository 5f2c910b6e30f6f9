#include "net/http/headers.h"

#include "base/text.h"
#include "net/http/text.h"

namespace weir::http {

Headers::Headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  for (const auto& [name, value] : fields) add(name, value);
}

bool Headers::add(std::string_view name, std::string_view value) {
  constexpr std::size_t largest = 1U << 30U;
  const auto refused = [](char c) { return is_control(c) && c != '\t'; };
  if (!is_token(name) || std::any_of(value.begin(), value.end(), refused)) return false;
  if (text_.size() + name.size() + value.size() > largest) return false;
  fields_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                     static_cast<std::uint32_t>(value.size())});
  text_.append(name).append(value);
  return true;
}

std::string_view Headers::find(std::string_view wanted) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (base::iequals(name(i), wanted)) return value(i);
  }
  return {};
}

bool Headers::has(std::string_view wanted) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (base::iequals(name(i), wanted)) return true;
  }
  return false;
}

bool Headers::has_token(std::string_view wanted, std::string_view token) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (!base::iequals(name(i), wanted)) continue;
    std::string_view list = value(i);
    while (!list.empty()) {
      if (base::iequals(base::trim(cut_front(list, ',')), token)) return true;
    }
  }
  return false;
}

bool Headers::accepts_coding(std::string_view coding) const {
  bool named = false, taken = false, rest = false;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (!base::iequals(name(i), "Accept-Encoding")) continue;
    std::string_view list = value(i);
    while (!list.empty()) {
      std::string_view weight = cut_front(list, ',');
      const std::string_view one = base::trim(cut_front(weight, ';'));
      weight = base::trim(weight);
      // "q=0", "q=0.", "q=0.000": RFC 9110 12.4.2.
      const bool refused = weight.size() >= 3 && (weight[0] == 'q' || weight[0] == 'Q') && weight[1] == '=' &&
                           weight.find_first_not_of("0.", 2) == std::string_view::npos;
      if (base::iequals(one, coding)) {
        named = true;
        taken = taken || !refused;
      } else if (one == "*") {
        rest = !refused;
      }
    }
  }
  return named ? taken : rest;
}

}  // namespace weir::http
