#include "net/http/conditions.h"

#include <fmt/format.h>

#include <fmt/chrono.h>

#include <array>
#include <limits>

#include "base/text.h"
#include "net/http/text.h"

namespace weir::http {

bool lists_tag(std::string_view list, std::string_view etag, bool weakly) {
  if (base::trim(list) == "*") return true;
  while (!list.empty()) {
    std::string_view tag = base::trim(cut_front(list, ','));
    if (tag.starts_with("W/")) {
      if (!weakly) continue;
      tag.remove_prefix(2);
    }
    if (tag == etag) return true;
  }
  return false;
}

std::string http_date(std::time_t time) { return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(time)); }

std::optional<std::time_t> parse_http_date(std::string_view text) {
  std::tm parts{};
  const std::string whole(text);
  const char* end = ::strptime(whole.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (!end || *end != 0) return std::nullopt;
  return ::timegm(&parts);
}

int evaluate_conditions(const Headers& headers, const Validators& validators) {
  if (headers.has("If-Match")) {
    if (!lists_tag(headers.find("If-Match"), validators.etag, false)) return 412;
  } else if (const auto date = parse_http_date(headers.find("If-Unmodified-Since"))) {
    if (validators.modified > *date) return 412;
  }
  if (headers.has("If-None-Match")) {
    return lists_tag(headers.find("If-None-Match"), validators.etag, true) ? 304 : 200;
  }
  if (const auto date = parse_http_date(headers.find("If-Modified-Since"))) {
    return validators.modified <= *date ? 304 : 200;
  }
  return 200;
}

bool range_applies(const Headers& headers, const Validators& validators) {
  const std::string_view condition = base::trim(headers.find("If-Range"));
  if (condition.empty()) return true;
  if (condition.front() == '"' || condition.starts_with("W/")) return condition == validators.etag;
  return parse_http_date(condition) == validators.modified;
}

RangeRequest parse_range(std::string_view value, std::uint64_t file_size) {
  const std::string_view unit = base::trim(cut_front(value, '='));
  value = base::trim(value);
  const std::size_t dash = value.find('-');
  if (!base::iequals(unit, "bytes") || dash == std::string_view::npos) return {};
  const std::string_view from = value.substr(0, dash);
  const std::string_view to = value.substr(dash + 1);
  if (!std::all_of(from.begin(), from.end(), is_digit) || !std::all_of(to.begin(), to.end(), is_digit)) return {};
  if (from.empty() && to.empty()) return {};
  // A number that does not fit is larger than any file.
  constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t last = base::parse_number(to).value_or(huge);  // also when absent
  if (from.empty()) {
    const std::uint64_t size = std::min(last, file_size);
    if (size == 0) return {RangeKind::unsatisfiable, {}};
    return {RangeKind::part, {file_size - size, size}};
  }
  const std::uint64_t first = base::parse_number(from).value_or(huge);
  if (!to.empty() && last < first) return {};
  if (first >= file_size) return {RangeKind::unsatisfiable, {}};
  return {RangeKind::part, {first, std::min(last, file_size - 1) - first + 1}};
}

}  // namespace weir::http
