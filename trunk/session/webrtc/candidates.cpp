#include "session/webrtc/candidates.h"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "net/udp_sockaddr.h"

namespace weir::session::webrtc {

namespace {

bool is_any(const net::UdpAddress& address) { return address.bytes == net::UdpAddress().bytes; }

bool is_link_local(const net::UdpAddress& address) {
  if (address.v6) return address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0U) == 0x80;
  return address.bytes[0] == 169 && address.bytes[1] == 254;
}

// Nobody outside of this machine reaches these.
bool is_bridge(std::string_view name) {
  for (const std::string_view kind : {"docker", "br-", "veth", "virbr", "cni", "flannel", "cali", "lxcbr", "podman"}) {
    if (name.starts_with(kind)) return true;
  }
  return false;
}

bool wanted(config::RtcServer::Family family, bool v6) {
  using Family = config::RtcServer::Family;
  return family == Family::all || (family == Family::ipv6) == v6;
}

enum class Kind : std::uint8_t { udp, tcp };

class List {
 public:
  List(Kind kind, const std::vector<net::UdpAddress>& ports, std::size_t most)
      : kind_(kind), ports_(ports), most_(most) {}

  // False if it was full.
  void add(const std::string& host, std::uint16_t port) {
    const std::string place = host + " " + std::to_string(port);
    if (lines_.size() == most_ || std::find(places_.begin(), places_.end(), place) != places_.end()) return;
    places_.push_back(place);
    const std::size_t n = lines_.size();
    // RFC 8445 5.1.2.1, RFC 6544 4.2: UDP before TCP. Foundations differ from those of the other list.
    lines_.push_back(kind_ == Kind::udp
                         ? fmt::format("{} 1 udp {} {} typ host generation 0", n + 1, 2'130'706'431 - n, place)
                         : fmt::format("{} 1 tcp {} {} typ host tcptype passive generation 0", most_candidates + n + 1,
                                       1'671'430'143 - n, place));
  }
  // A numeric address at each of our ports that it is bound to; a name, or an address of a NAT, at all of them.
  void add_at_ports(const std::string& host, bool own) {
    const auto address = net::udp_address(host, 0);
    for (const net::UdpAddress& port : ports_) {
      if (own && address && (address->v6 != port.v6 || (!is_any(port) && address->bytes != port.bytes))) continue;
      add(host, port.port);
    }
  }
  void add(const Reachable& where) {
    if (where.port != 0) return add(where.host, where.port);
    add_at_ports(where.host, false);
  }
  std::vector<std::string> take() { return std::move(lines_); }
  bool empty() const { return lines_.empty(); }

 private:
  const Kind kind_;
  const std::vector<net::UdpAddress>& ports_;
  const std::size_t most_;
  std::vector<std::string> lines_, places_;
};

void add_interfaces(List& list, const CandidateSources& sources) {
  std::vector<const Interface*> good, poor;
  for (const Interface& one : sources.interfaces) {
    if (one.loopback || !wanted(sources.settings.ip_family, one.address.v6)) continue;
    (is_bridge(one.name) || is_link_local(one.address) ? poor : good).push_back(&one);
  }
  // The one that the request reached comes first.
  const auto reached = std::find_if(good.begin(), good.end(), [&](const Interface* one) {
    return one->address.bytes == sources.request_local.bytes;
  });
  if (reached != good.end()) std::rotate(good.begin(), reached, reached + 1);
  for (const Interface* one : good) list.add_at_ports(net::ip_text(one->address), true);
  if (!list.empty()) return;
  for (const Interface* one : poor) {
    if (one->address.scope == 0) list.add_at_ports(net::ip_text(one->address), true);
  }
}

}  // namespace

std::optional<Reachable> parse_reachable(std::string_view text) {
  Reachable out;
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    out.host = text.substr(1, end - 1);
    if (!net::udp_address(out.host, 0)) return std::nullopt;
    if (end + 1 < text.size()) {
      if (text[end + 1] != ':') return std::nullopt;
      port = text.substr(end + 2);
    }
  } else if (net::udp_address(std::string(text), 0)) {
    out.host = text;
    return out;
  } else {
    const auto colon = text.find(':');
    out.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon + 1);
  }
  const auto is_name_char = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == ':';
  };
  if (out.host.empty() || out.host.size() > 253 || !std::all_of(out.host.begin(), out.host.end(), is_name_char)) {
    return std::nullopt;
  }
  if (!port.empty()) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc() || end != port.data() + port.size() || out.port == 0) return std::nullopt;
  }
  return out;
}

std::vector<Interface> interfaces() {
  std::vector<Interface> out;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return out;
  for (const ifaddrs* one = list; one; one = one->ifa_next) {
    if (!one->ifa_addr || (one->ifa_flags & IFF_UP) == 0) continue;
    const auto family = one->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    sockaddr_storage storage{};
    std::memcpy(&storage, one->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    out.push_back({one->ifa_name, net::from_sockaddr(storage), (one->ifa_flags & IFF_LOOPBACK) != 0});
  }
  ::freeifaddrs(list);
  return out;
}

namespace {

std::vector<std::string> candidates_of(Kind kind, const CandidateSources& sources,
                                       const std::vector<net::UdpAddress>& ports, std::size_t most) {
  if (ports.empty()) return {};
  List list(kind, ports, most);
  for (const Reachable& one : sources.asked) list.add(one);
  if (sources.by_loopback) {
    for (const Interface& one : sources.interfaces) {
      if (one.loopback && !is_link_local(one.address)) list.add_at_ports(net::ip_text(one.address), true);
    }
  }
  for (const Reachable& one : sources.api_host) list.add(one);
  const bool found_out = sources.settings.candidate.empty() || sources.settings.candidate == "*" ||
                         sources.settings.candidate == "0.0.0.0";
  if (found_out && sources.settings.use_auto_detect_network_ip) add_interfaces(list, sources);
  if (list.empty()) {  // a machine with nothing but its loopback
    for (const Interface& one : sources.interfaces) list.add_at_ports(net::ip_text(one.address), true);
  }
  return list.take();
}

}  // namespace

std::vector<std::string> make_candidates(const CandidateSources& sources) {
  const bool tcp = !sources.tcp_ports.empty();
  auto out = candidates_of(Kind::udp, sources, sources.ports, most_candidates - (tcp ? most_tcp_candidates : 0));
  for (std::string& one : candidates_of(Kind::tcp, sources, sources.tcp_ports, most_tcp_candidates)) {
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace weir::session::webrtc
