#include "app/api/exposition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace weir::api {

namespace {

// Bytes of the UTF-8 character that `text` begins with (RFC 3629 4), overlong forms and surrogates left out; 0 if it
// begins with none.
std::size_t character_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = size > 1 ? static_cast<unsigned char>(text[1]) : 0;
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool beyond = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
  return overlong || beyond ? 0 : size;
}

// Stream names come from outside: what would end the value or the line is escaped, other control characters and what is
// no UTF-8 is replaced.
void append_escaped(std::string& out, std::string_view value) {
  while (!value.empty()) {
    const std::size_t size = character_size(value);
    const char c = value[0];
    if (size == 0) {
      out += "\xef\xbf\xbd";
    } else if (c == '\\' || c == '"') {
      out.append(1, '\\').append(1, c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (size == 1 && static_cast<unsigned char>(c) < 0x20) {
      out += ' ';
    } else {
      out += value.substr(0, size);
    }
    value.remove_prefix(std::max<std::size_t>(size, 1));
  }
}

// Seconds as OpenMetrics has canonical numbers: 0.0001, 0.25, 1.0, 30.0.
std::array<std::string, base::Durations::bounds_us.size()> texts_of_bounds() {
  std::array<std::string, base::Durations::bounds_us.size()> texts;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    texts[i] = fmt::format("{}", static_cast<double>(base::Durations::bounds_us[i]) / 1e6);
    if (texts[i].find('.') == std::string::npos) texts[i] += ".0";
  }
  return texts;
}

std::string_view unit_of(std::string_view family) {
  for (const std::string_view unit : {"seconds", "bytes", "ratio"}) {
    if (family.ends_with(unit) && family.size() > unit.size() && family[family.size() - unit.size() - 1] == '_') {
      return unit;
    }
  }
  return {};
}

std::string_view without(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

std::string_view next_of(std::string_view& list, char border) {
  const std::size_t end = std::min(list.find(border), list.size());
  const std::string_view one = base::trim(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return one;
}

// A media range of Accept: its type, and what of its parameters matters here.
struct Range {
  std::string_view type, version;
  double weight = 1;
};

Range range_of(std::string_view text) {
  Range range;
  range.type = next_of(text, ';');
  while (!text.empty()) {
    std::string_view value = next_of(text, ';');
    const std::string_view name = next_of(value, '=');
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    if (base::iequals(name, "version")) range.version = value;
    if (!base::iequals(name, "q")) continue;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), range.weight);
    if (error != std::errc() || end != value.data() + value.size()) range.weight = 0;
  }
  return range;
}

}  // namespace

void Exposition::metric(std::string_view name, std::string_view type, std::string_view help, Since since) {
  name_ = family_ = name;
  tells_created_ = is_open() && since == Since::process && (type == "counter" || type == "histogram");
  if (is_open()) {
    if (type == "counter") family_ = without(name, "_total");
    if (name.ends_with("_info")) {
      family_ = without(name, "_info");
      type = "info";
    }
    if (!families_.insert(family_).second) {  // a gauge has that name
      family_ = name;
      type = "unknown";
      tells_created_ = false;
    }
  }
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", family_, help, family_, type);
  const std::string_view unit =
      is_open() && type != "info" && type != "unknown" ? unit_of(family_) : std::string_view();
  if (!unit.empty()) fmt::format_to(std::back_inserter(text_), "# UNIT {} {}\n", family_, unit);
}

void Exposition::begin_sample(std::string_view suffix, Labels labels, std::string_view bound) {
  text_.append(name_).append(suffix);
  char before = '{';
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    text_.append(1, before).append(name).append("=\"");
    append_escaped(text_, value);
    text_ += '"';
    before = ',';
  };
  for (const auto& [name, value] : labels) add(name, value);
  add("le", bound);
  text_ += before == ',' ? "} " : " ";
}

void Exposition::write_created(Labels labels) {
  if (!tells_created_) return;
  std::string whole = std::exchange(name_, family_);
  begin_sample("_created", labels);
  fmt::format_to(std::back_inserter(text_), "{:.3f}\n", started_);
  name_ = std::move(whole);
}

void Exposition::sample(double value, Labels labels) {
  begin_sample({}, labels);
  fmt::format_to(std::back_inserter(text_), "{:.13g}\n", value);
  write_created(labels);
}

void Exposition::sample(std::uint64_t value, Labels labels) {
  begin_sample({}, labels);
  fmt::format_to(std::back_inserter(text_), "{}\n", value);
  write_created(labels);
}

void Exposition::sample(const base::Durations& durations, Labels labels) {
  const auto bounds = texts_of_bounds();
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < durations.counts.size(); ++i) {
    count += durations.counts[i];
    begin_sample("_bucket", labels, i < bounds.size() ? std::string_view(bounds[i]) : "+Inf");
    fmt::format_to(std::back_inserter(text_), "{}\n", count);
  }
  begin_sample("_sum", labels);
  fmt::format_to(std::back_inserter(text_), "{:.13g}\n", static_cast<double>(durations.sum_us) / 1e6);
  begin_sample("_count", labels);
  fmt::format_to(std::back_inserter(text_), "{}\n", count);
  write_created(labels);
}

std::string Exposition::take() {
  if (is_open()) text_ += "# EOF\n";
  return std::move(text_);
}

std::string_view Exposition::content_type() const {
  return is_open() ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                   : "text/plain; version=0.0.4; charset=utf-8";
}

Exposition::Format format_wanted(std::string_view accept) {
  double open = 0, text = 0;
  while (!accept.empty()) {
    const Range range = range_of(next_of(accept, ','));
    if (base::iequals(range.type, "application/openmetrics-text")) {
      const bool ours = range.version.empty() || range.version == "1.0.0" || range.version == "0.0.1";
      if (ours) open = std::max(open, range.weight);
    } else if (base::iequals(range.type, "text/plain")) {
      text = std::max(text, range.weight);
    }
  }
  return open > 0 && open >= text ? Exposition::Format::open_metrics : Exposition::Format::text;
}

}  // namespace weir::api
