#include "config/udp_target.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/url.h"
#include "config/udp_url.h"

namespace weir::config {
namespace {

// "8000000", "8000k", "8M", as ffmpeg has it; 0: it is none.
std::uint64_t bits_a_second(std::string_view text) {
  constexpr int least = 100'000, most = 500'000'000;
  int scale = 1;
  if (text.ends_with('k')) scale = 1'000;
  if (text.ends_with('M')) scale = 1'000'000;
  if (scale != 1) text.remove_suffix(1);
  const auto number = udp_number(text, 1, most / scale);
  return number && *number * scale >= least ? static_cast<std::uint64_t>(*number) * static_cast<std::uint64_t>(scale)
                                            : 0;
}

std::string take(UdpTarget& target, std::string_view name, const std::string& value) {
  if (name == "ttl") {
    const auto ttl = udp_number(value, 1, 255);
    if (!ttl) return "ttl is a number from 1 to 255";
    target.ttl = static_cast<unsigned>(*ttl);
  } else if (name == "interface") {
    if (value.empty() || value.size() > 64) return "interface is a name, a number or an address of one";
    target.interface = value;
  } else if (name == "fec") {
    const auto matrix = parse_fec_matrix(value);
    if (!matrix) return std::string(fec_matrix_rule);
    if (!target.rtp && matrix->rows != 0) return "fec is of RTP: rtp://";
    target.fec_columns = matrix->columns;
    target.fec_rows = matrix->rows;
  } else if (name == "fec_level") {
    if (value != "a" && value != "b") return "fec_level is a, of columns alone, or b, of columns and rows";
    target.fec_by_rows = value == "b";
  } else if (name == "muxrate" || name == "bitrate") {
    const std::uint64_t rate = bits_a_second(value);
    if (rate == 0) return fmt::format("{} is a number of bits a second from 100k to 500M", name);
    if (target.muxrate != 0 && target.muxrate != rate)
      return "muxrate and bitrate are the same, and say different things";
    target.muxrate = rate;
  } else {
    return fmt::format("a target of UDP has no option '{}'", base::printable(name, 40));
  }
  return {};
}

}  // namespace

std::optional<UdpTarget> parse_udp_target(std::string_view text, std::string& fault) {
  constexpr std::size_t most_characters = 1024;
  fault.clear();
  if (!is_udp_url(text) || text.size() > most_characters) {
    fault = "it is no URL of UDP";
    return std::nullopt;
  }
  UdpTarget target;
  target.rtp = base::iequals(text.substr(0, 6), "rtp://");
  const auto [whole_place, query] = base::split_first(text.substr(6), '?');
  std::string_view place = base::trim(whole_place, "/");
  if (place.starts_with('@')) place.remove_prefix(1);
  auto host_port = base::parse_host_port(place);
  if (!host_port || host_port->second == 0 || host_port->first.empty()) {
    fault = "it names no host and port";
    return std::nullopt;
  }
  target.host = std::move(host_port->first);
  target.port = host_port->second;
  for (const std::string_view part : base::split(query, '&')) {
    if (part.empty()) continue;
    const auto [name, value] = base::split_first(part, '=');
    fault = take(target, name, base::percent_decode(value));
    if (!fault.empty()) return std::nullopt;
  }
  if (target.fec_rows != 0 && target.port > most_port_with_fec) {
    fault = "fec needs two ports more, 2 and 4 above";
    return std::nullopt;
  }
  return target;
}

std::string shown(const UdpTarget& target) {
  return (target.rtp ? "rtp://" : "udp://") + base::format_host_port(target.host, target.port);
}

}  // namespace weir::config
