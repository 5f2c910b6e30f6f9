#include <set>

#include "scenario/support/live_server.h"
#include "scenario/support/rtmp_peer.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::proxy_test {

// Behind load balancers, with the whole server: whose address counts.
using namespace std::chrono_literals;
using rtmp::Role;
using test::LiveServer;
using test::RtmpPeer;

namespace {

std::string line(const std::string& client) { return "PROXY TCP4 " + client + " 198.51.100.1 40000 1935\r\n"; }

std::string ask(std::uint16_t port, const std::string& before, const std::string& path, const std::string& more = "") {
  test::Socket socket(port);
  socket.send(before + "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + more + "\r\n");
  std::string answer;
  base::Buffer room(64 * 1024);
  for (int count = 0; (count = socket.receive({room.data(), room.size()}, 2s)) > 0;)
    answer.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
  return answer;
}

struct Behind {
  explicit Behind(const std::string& root, const std::string& of_api = "", const std::string& vhost = "")
      : api(test::free_port()),
        server(vhost, "workers 2; " + root + " http_api { enabled on; listen 127.0.0.1:" + std::to_string(api) + "; " +
                          of_api + " }") {}

  // Addresses of all clients, as the API tells them.
  std::set<std::string> clients(const std::string& header = "") const {
    const std::string answer = ask(api, header, "/api/v1/clients/");
    std::set<std::string> found;
    constexpr std::string_view name = "\"ip\":\"";
    for (std::size_t at = 0; (at = answer.find(name, at)) != std::string::npos;) {
      at += name.size();
      found.insert(answer.substr(at, answer.find('"', at) - at));
    }
    return found;
  }

  std::uint16_t api;
  LiveServer server;
};

constexpr const char* trusting = "trusted_proxies 127.0.0.1; rtmp { proxy_protocol on; }";

}  // namespace

TEST_CASE("a PROXY header of a trusted address gives an RTMP client its own", "[scenario][proxy]") {
  const Behind behind(trusting);
  RtmpPeer four(behind.server.rtmp_port(), Role::publish, "a", "live", line("203.0.113.7"));
  REQUIRE(four.wait_publishing());
  const auto binary = test::bytes(
      "0d0a0d0a000d0a515549540a 21 21 0024"
      "20010db8000000000000000000000007 20010db8000000000000000000000001 cafe 078f");
  RtmpPeer six(behind.server.rtmp_port(), Role::play, "a", "live", base::as_text(binary));
  REQUIRE(six.wait_playing());
  const auto local = test::bytes("0d0a0d0a000d0a515549540a 20 00 0000");
  RtmpPeer check(behind.server.rtmp_port(), Role::play, "a", "live", base::as_text(local));
  REQUIRE(check.wait_playing());
  CHECK(behind.clients() == std::set<std::string>{"203.0.113.7", "2001:db8::7", "127.0.0.1"});
  CHECK(ask(behind.api, "", "/metrics").find("weir_proxy_headers_total{result=\"relayed\"} 2") != std::string::npos);
}

TEST_CASE("go-oryx's prefix is believed from a trusted address", "[scenario][proxy]") {
  // Before C0: 0xF3, a length of 2 bytes, the client's IPv4 address.
  const auto prefix = test::bytes("f3 0004 cb007107");
  const Behind behind("trusted_proxies 127.0.0.0/8;");
  RtmpPeer relayed(behind.server.rtmp_port(), Role::publish, "a", "live", base::as_text(prefix));
  REQUIRE(relayed.wait_publishing());
  CHECK(behind.clients() == std::set<std::string>{"203.0.113.7"});
  const Behind without("");
  RtmpPeer forged(without.server.rtmp_port(), Role::publish, "a", "live", base::as_text(prefix));
  CHECK(forged.wait_closed());
}

TEST_CASE("where a PROXY header must stand, nothing else is taken", "[scenario][proxy]") {
  const Behind behind(trusting);
  RtmpPeer without(behind.server.rtmp_port(), Role::publish, "a");
  CHECK(without.wait_closed());
  RtmpPeer broken(behind.server.rtmp_port(), Role::publish, "a", "live", "PROXY TCP4 203.0.113.7\r\n");
  CHECK(broken.wait_closed());
  {
    test::Socket probe(behind.server.rtmp_port());  // a health check that says nothing
    test::Socket half(behind.server.rtmp_port());
    half.send(std::string_view("PROXY TCP4 2"));
  }
  const auto refused = [&] {
    return ask(behind.api, "", "/metrics").find("weir_proxy_headers_total{result=\"refused\"} 3") != std::string::npos;
  };
  test::soon(refused);
  CHECK(refused());
}

TEST_CASE("a PROXY header of an address that is not trusted is believed by nobody", "[scenario][proxy]") {
  const Behind behind("trusted_proxies 10.0.0.0/8 ::1; rtmp { proxy_protocol on; }", "proxy_protocol on;");
  RtmpPeer forged(behind.server.rtmp_port(), Role::publish, "a", "live", line("203.0.113.7"));
  CHECK(forged.wait_closed());
  RtmpPeer direct(behind.server.rtmp_port(), Role::publish, "a");
  CHECK(direct.wait_publishing());
  CHECK(ask(behind.api, line("203.0.113.7"), "/api/v1/versions").find(" 200 ") == std::string::npos);
  CHECK(behind.clients() == std::set<std::string>{"127.0.0.1"});
}

TEST_CASE("rules and limits act on the address in the PROXY header", "[scenario][proxy]") {
  const Behind behind(std::string(trusting) + " max_connections_per_address 1;", "",
                      "security { enabled on; deny publish 203.0.113.0/24; allow publish all; allow play all; }");
  const auto comes = [&](const std::string& address, const std::string& stream) {
    return std::make_unique<RtmpPeer>(behind.server.rtmp_port(), Role::publish, stream, "live", line(address));
  };
  CHECK_FALSE(comes("203.0.113.7", "a")->wait_publishing());
  const auto first = comes("198.51.100.7", "b");
  CHECK(first->wait_publishing());
  CHECK(comes("198.51.100.7", "c")->wait_closed());
  CHECK(comes("198.51.100.8", "d")->wait_publishing());
}

TEST_CASE("HTTP and the API take PROXY headers, and X-Forwarded-For of those whom they trust", "[scenario][proxy]") {
  const Behind behind("trusted_proxies 127.0.0.1 10.0.0.0/8;", "proxy_protocol on; allow 203.0.113.0/24;");
  const auto status = [&](const std::string& client, const std::string& more = "") {
    return ask(behind.api, line(client), "/api/v1/summaries", more).substr(9, 3);
  };
  CHECK(status("203.0.113.7") == "200");
  CHECK(status("198.51.100.7") == "403");
  // Who is named by the header is not trusted to name another, unless it is a proxy itself.
  CHECK(status("198.51.100.7", "X-Forwarded-For: 203.0.113.7\r\n") == "403");
  CHECK(status("10.1.2.3", "X-Forwarded-For: 198.51.100.7, 203.0.113.7, 10.4.4.4\r\n") == "200");
  CHECK(status("10.1.2.3", "X-Forwarded-For: 203.0.113.7, 198.51.100.7\r\n") == "403");
}

TEST_CASE("a reload begins and ends the reading of PROXY headers", "[scenario][proxy]") {
  LiveServer server("", "workers 2;");
  CHECK(RtmpPeer(server.rtmp_port(), Role::publish, "a").wait_publishing());
  server.reload("", std::string("workers 2; ") + trusting);
  CHECK(RtmpPeer(server.rtmp_port(), Role::publish, "a").wait_closed());
  CHECK(RtmpPeer(server.rtmp_port(), Role::publish, "a", "live", line("203.0.113.7")).wait_publishing());
  server.reload("", "workers 2;");
  CHECK(RtmpPeer(server.rtmp_port(), Role::publish, "b").wait_publishing());
}

}  // namespace weir::test::proxy_test
