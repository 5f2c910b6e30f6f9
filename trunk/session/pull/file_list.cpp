#include "session/pull/file_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace weir::session::pull {

namespace {

// Why no file can be called so; empty: one may be.
std::string fault_of(std::string_view line) {
  if (line.find("://") != std::string_view::npos) return "a list holds files, no URLs";
  if (std::ranges::any_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
    return "a name has a control character";
  }
  const auto elements = base::split(line, '/');
  if (std::ranges::find(elements, "..") != elements.end()) return "'..' leads out of the folder";
  if (base::trim(line, "/").empty()) return "it names no file";
  return is_file_list(line) ? "a list holds no lists" : "";
}

}  // namespace

bool is_file_list(std::string_view name) {
  constexpr std::array<std::string_view, 4> endings{".m3u", ".m3u8", ".list", ".txt"};
  const std::string lower = base::lower(name);
  return std::ranges::any_of(endings, [&](std::string_view ending) { return lower.ends_with(ending); });
}

FileList parse_file_list(const std::string& name, std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  const std::string folder = name.find('/') == std::string::npos ? "" : name.substr(0, name.rfind('/') + 1);
  FileList out;
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::size_t number = 0;
  while (!text.empty() && out.fault.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = base::trim(text.substr(0, end), " \t\r");
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    std::string fault = fault_of(line);
    if (fault.empty() && out.names.size() == most_in_list) fault = fmt::format("more than {} files", most_in_list);
    if (!fault.empty()) {
      out.fault = fmt::format("{} line {}: {}", name, number, fault);
    } else if (line.starts_with('/')) {
      out.names.emplace_back(base::trim(line, "/"));
    } else {
      out.names.push_back(folder + std::string(line));
    }
  }
  if (out.fault.empty() && out.names.empty()) out.fault = name + " names no file";
  return out;
}

}  // namespace weir::session::pull
