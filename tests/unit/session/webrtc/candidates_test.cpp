#include "session/webrtc/candidates.h"

#include <algorithm>

#include "support/catch.h"

namespace weir::test::candidates_test {

using session::webrtc::CandidateSources;
using session::webrtc::Interface;
using session::webrtc::make_candidates;
using session::webrtc::parse_reachable;

namespace {

net::UdpAddress at(const std::string& ip, std::uint16_t port = 0) { return net::udp_address(ip, port).value(); }

const std::vector<Interface> machine{
    {"lo", at("127.0.0.1"), true}, {"docker0", at("172.17.0.1")}, {"eth0", at("192.0.2.1")},
    {"eth1", at("198.51.100.1")},  {"eth0", at("2001:db8::1")},   {"br-1234", at("172.18.0.1")},
    {"eth2", at("169.254.3.4")},
};

// What stands behind the priority: "192.0.2.1 8000".
std::vector<std::string> places(const CandidateSources& sources) {
  std::vector<std::string> out;
  for (const std::string& line : make_candidates(sources)) {
    const auto from = line.find(" udp ") + 5, end = line.find(" typ host");
    out.push_back(line.substr(line.find(' ', from) + 1, end - line.find(' ', from) - 1));
  }
  return out;
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("a machine's own addresses, the one that was asked first, without bridges of containers", "[webrtc]") {
  const config::RtcServer settings;
  CandidateSources sources{.settings = settings, .ports = {at("0.0.0.0", 8000)}, .interfaces = machine};
  CHECK(places(sources) == List{"192.0.2.1 8000", "198.51.100.1 8000"});
  sources.request_local = at("198.51.100.1", 1985);
  CHECK(places(sources) == List{"198.51.100.1 8000", "192.0.2.1 8000"});
  CHECK(make_candidates(sources)[0] == "1 1 udp 2130706431 198.51.100.1 8000 typ host generation 0");
  CHECK(make_candidates(sources)[1] == "2 1 udp 2130706430 192.0.2.1 8000 typ host generation 0");

  sources.interfaces = {machine[0], machine[1]};
  CHECK(places(sources) == List{"172.17.0.1 8000"});  // better than nothing
  sources.interfaces = {machine[0]};
  CHECK(places(sources) == List{"127.0.0.1 8000"});
}

TEST_CASE("what was asked for and configured comes first, and nothing twice", "[webrtc]") {
  config::RtcServer settings;
  CandidateSources sources{.settings = settings,
                           .ports = {at("0.0.0.0", 8000)},
                           .asked = {{"203.0.113.7", 9000}},
                           .api_host = {{"192.0.2.1", 0}, {"media.example.org", 0}},
                           .interfaces = machine};
  CHECK(places(sources) == List{"203.0.113.7 9000", "192.0.2.1 8000", "media.example.org 8000", "198.51.100.1 8000"});
  settings.candidate = "203.0.113.7";
  CHECK(places(sources) == List{"203.0.113.7 9000", "192.0.2.1 8000", "media.example.org 8000"});
}

TEST_CASE("loopback for a browser on this machine, both families, and each port that fits", "[webrtc]") {
  config::RtcServer settings;
  settings.ip_family = config::RtcServer::Family::all;
  CandidateSources sources{.settings = settings,
                           .ports = {at("0.0.0.0", 8000), at("::", 8000), at("198.51.100.1", 8001)},
                           .by_loopback = true,
                           .interfaces = machine};
  CHECK(places(sources) ==
        List{"127.0.0.1 8000", "192.0.2.1 8000", "198.51.100.1 8000", "198.51.100.1 8001", "2001:db8::1 8000"});
  sources.ports.assign(20, at("0.0.0.0", 1));
  for (std::uint16_t i = 0; i < 20; ++i) sources.ports[i].port = static_cast<std::uint16_t>(100 + i);
  CHECK(make_candidates(sources).size() == session::webrtc::most_candidates);
}

TEST_CASE("by TCP behind all of UDP, passive, and alone where that is wanted", "[webrtc]") {
  const config::RtcServer settings;
  CandidateSources sources{.settings = settings,
                           .ports = {at("0.0.0.0", 8000)},
                           .tcp_ports = {at("0.0.0.0", 8080)},
                           .asked = {{"203.0.113.7", 9000}},
                           .interfaces = machine};
  const List both = make_candidates(sources);
  REQUIRE(both.size() == 6);
  CHECK(both[0] == "1 1 udp 2130706431 203.0.113.7 9000 typ host generation 0");
  CHECK(both[2] == "3 1 udp 2130706429 198.51.100.1 8000 typ host generation 0");
  CHECK(both[3] == "9 1 tcp 1671430143 203.0.113.7 9000 typ host tcptype passive generation 0");
  CHECK(both[4] == "10 1 tcp 1671430142 192.0.2.1 8080 typ host tcptype passive generation 0");
  sources.ports.clear();
  CHECK(make_candidates(sources).size() == 3);
  // Both kinds have room among the eight.
  for (std::uint16_t i = 0; i < 20; ++i) sources.asked.push_back({"203.0.113.8", static_cast<std::uint16_t>(100 + i)});
  sources.ports = {at("0.0.0.0", 8000)};
  const List full = make_candidates(sources);
  CHECK(full.size() == session::webrtc::most_candidates);
  CHECK(std::count_if(full.begin(), full.end(), [](const auto& one) { return one.find(" tcp ") != one.npos; }) == 3);
}

TEST_CASE("an address or a name with a port, as users write it", "[webrtc]") {
  CHECK(parse_reachable("192.0.2.1")->port == 0);
  CHECK(parse_reachable("192.0.2.1:8001")->port == 8001);
  CHECK(parse_reachable("2001:db8::1")->host == "2001:db8::1");
  CHECK(parse_reachable("[2001:db8::1]:8001")->port == 8001);
  CHECK(parse_reachable("media.example.org:8000")->host == "media.example.org");
  for (const char* bad :
       {"", ":8000", "192.0.2.1:0", "192.0.2.1:x", "192.0.2.1:99999", "[::1", "[x]:1", "a b", "a\r\na=candidate:1"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_reachable(bad).has_value());
  }
}

}  // namespace weir::test::candidates_test
