#include "config/udp_url.h"

#include <fmt/format.h>

#include <charconv>

#include "base/address.h"
#include "base/text.h"
#include "base/url.h"

namespace weir::config {
namespace {

constexpr int most_reorder_ms = 10'000, most_rejoin_seconds = 86'400;
constexpr std::chrono::milliseconds reorder_with_fec{1000};  // of a matrix of 100 packets at 2 Mb/s, and one more

}  // namespace

std::optional<int> udp_number(std::string_view text, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
  return value;
}

std::optional<FecMatrix> parse_fec_matrix(std::string_view text) {
  constexpr int most_side = 20, most_packets = 100;
  if (text == "0") return FecMatrix{};
  const auto [columns, rows] = base::split_first(text, 'x');
  const auto across = udp_number(columns, 1, most_side), down = udp_number(rows, 4, most_side);
  if (!across || !down || *across * *down > most_packets) return std::nullopt;
  return FecMatrix{static_cast<unsigned>(*across), static_cast<unsigned>(*down)};
}

bool is_udp_url(std::string_view text) {
  return base::iequals(text.substr(0, 6), "udp://") || base::iequals(text.substr(0, 6), "rtp://");
}

std::optional<UdpUrl> parse_udp_url(std::string_view text, std::string& fault) {
  fault.clear();
  if (!is_udp_url(text)) {
    fault = "it is no URL of UDP";
    return std::nullopt;
  }
  const auto [whole_place, query] = base::split_first(text.substr(6), '?');
  std::string_view place = base::trim(whole_place, "/");
  if (place.starts_with('@')) place.remove_prefix(1);
  UdpUrl url;
  url.rtp = base::iequals(text.substr(0, 6), "rtp://");
  bool says_reorder = false;
  const bool bare = place.starts_with(':') && place.find(':', 1) == std::string_view::npos;
  const auto host_port = base::parse_host_port(bare ? "0.0.0.0" + std::string(place) : std::string(place));
  if (!host_port || host_port->second == 0) {
    fault = "it names no port";
    return std::nullopt;
  }
  url.port = host_port->second;
  if (!bare) {
    const auto address = base::numeric_address(host_port->first);
    if (!address) fault = "the address is not numeric";
    url.address = address.value_or("");
  }
  for (const std::string_view part : base::split(query, '&')) {
    if (part.empty()) continue;
    const auto [name, value] = base::split_first(part, '=');
    const std::string decoded = base::percent_decode(value);
    if (name == "interface") {
      url.interface = decoded;
      if (decoded.empty() || decoded.size() > 64) fault = "interface is a name, a number or an address of one";
    } else if (name == "source") {
      const auto address = base::numeric_address(decoded);
      if (!address) fault = "source is a numeric address";
      url.source = address.value_or("");
    } else if (name == "program") {
      const auto program = udp_number(decoded, 1, 65'535);
      if (!program) fault = "program is a number from 1 to 65535";
      url.program = static_cast<std::uint16_t>(program.value_or(0));
    } else if (name == "fec") {
      const auto matrix = parse_fec_matrix(decoded);
      if (!matrix) fault = fec_matrix_rule;
      if (matrix && matrix->rows != 0 && !url.rtp) fault = "fec is of RTP: rtp://";
      url.fec_columns = matrix.value_or(FecMatrix()).columns;
      url.fec_rows = matrix.value_or(FecMatrix()).rows;
    } else if (name == "rejoin") {
      const auto seconds = udp_number(decoded, 0, most_rejoin_seconds);
      if (!seconds) fault = fmt::format("rejoin is a number of seconds up to {}; 0: never", most_rejoin_seconds);
      url.rejoin = std::chrono::seconds(seconds.value_or(0));
    } else if (name == "reorder") {
      says_reorder = true;
      const auto wait = udp_number(decoded, 0, most_reorder_ms);
      if (!wait) fault = fmt::format("reorder is a number of milliseconds up to {}", most_reorder_ms);
      url.reorder = std::chrono::milliseconds(wait.value_or(0));
    } else {
      fault = fmt::format("UDP has no option '{}'", base::printable(name, 40));
    }
  }
  if (!fault.empty()) return std::nullopt;
  if (url.fec_rows != 0 && !says_reorder) url.reorder = reorder_with_fec;
  if (url.fec_rows != 0 && url.port > most_port_with_fec) {
    fault = "fec needs two ports more, 2 and 4 above";
    return std::nullopt;
  }
  return url;
}

}  // namespace weir::config
