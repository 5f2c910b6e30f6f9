#include <arpa/inet.h>
#include <dirent.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "net/udp_port.h"
#include "scenario/support/camera.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::udp_groups_test {

// Whose datagrams a UDP source takes, and groups that are joined again.

using namespace std::chrono_literals;
using rtmp::Role;
using test::LiveServer;
using test::pictures;
using test::rows;
using test::RtmpPeer;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; } ";
constexpr const char* group = "239.255.77.7";
constexpr const char* group_in_kernel = "074DFFEF";  // in /proc/net/igmp: a number in its own order of bytes

std::string ingest_of(const std::string& url) {
  return "min_latency on; ingest cam { enabled on; input { type stream; url \"" + url + "\"; } }";
}

sockaddr_in address_of(const char* text, std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  ::inet_pton(AF_INET, text, &out.sin_addr);
  return out;
}

// Sends in datagrams of seven packets, from an address of this machine.
class Sender {
 public:
  Sender(const char* from, const char* to, std::uint16_t port) : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    const sockaddr_in local = address_of(from, 0), remote = address_of(to, port);
    ip_mreqn by{};
    by.imr_ifindex = static_cast<int>(::if_nametoindex("lo"));
    (void)::setsockopt(socket_, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof by);
    (void)::bind(socket_, reinterpret_cast<const sockaddr*>(&local), sizeof local);
    (void)::connect(socket_, reinterpret_cast<const sockaddr*>(&remote), sizeof remote);
  }
  ~Sender() { ::close(socket_); }
  Sender(const Sender&) = delete;

  void datagram(base::Bytes bytes) { (void)::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT); }
  void clip() {
    static const test::ByteVector file = test::test_file("ts/h264_aac.ts");
    for (std::size_t at = 0; at < file.size(); at += 1316) {
      datagram(base::Bytes(file).subspan(at, std::min<std::size_t>(1316, file.size() - at)));
    }
  }

 private:
  int socket_;
};

bool is_member() {
  std::ifstream groups("/proc/net/igmp");
  const std::string text{std::istreambuf_iterator<char>(groups), {}};
  return text.find(group_in_kernel) != std::string::npos;
}

// What a router does that forgets us: the server's own socket, which is in this process, leaves the group.
bool forget_group(std::uint16_t port) {
  for (int descriptor = 3; descriptor < 4096; ++descriptor) {
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) != 0) continue;
    const sockaddr_in wanted = address_of(group, port);
    if (bound.sin_family != AF_INET || bound.sin_port != wanted.sin_port ||
        bound.sin_addr.s_addr != wanted.sin_addr.s_addr) {
      continue;
    }
    ip_mreqn request{};
    request.imr_multiaddr = wanted.sin_addr;
    request.imr_ifindex = static_cast<int>(::if_nametoindex("lo"));
    return ::setsockopt(descriptor, IPPROTO_IP, IP_DROP_MEMBERSHIP, &request, sizeof request) == 0;
  }
  return false;
}

bool arrives(RtmpPeer& player, std::size_t most, Sender& sender) {
  return test::soon([&] {
    sender.clip();
    player.run_until([&] { return pictures(player) >= most; }, 300ms);
    return pictures(player) >= most;
  });
}

std::uint64_t strangers(const LiveServer& server) {
  const auto all = rows(server, "sources");
  return all.size() == 1 ? all[0]["strangers"].get<std::uint64_t>() : 0;
}

}  // namespace

TEST_CASE("a source that names its sender takes nobody else's datagrams, even before that one sends",
          "[scenario][udp]") {
  const bool by_group = GENERATE(false, true);
  INFO(by_group);
  const std::uint16_t port = test::free_port();
  const char* const to = by_group ? group : "127.0.0.1";
  const std::string url =
      "udp://" + std::string(to) + ":" + std::to_string(port) + "?source=127.0.0.1" + (by_group ? "&interface=lo" : "");
  LiveServer server(ingest_of(url), with_api);
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  // Somebody else on this machine listens to everybody of the group, so all of them come to it.
  auto other = net::UdpSocket::open({"0.0.0.0", 0}, 1);
  ip_mreqn request{};
  request.imr_multiaddr = address_of(group, 0).sin_addr;
  request.imr_ifindex = static_cast<int>(::if_nametoindex("lo"));
  REQUIRE(::setsockopt(other->front().descriptor(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) == 0);

  Sender forger("127.0.0.9", to, port), sender("127.0.0.1", to, port);
  CHECK(test::soon([&] {
    forger.clip();
    return by_group || strangers(server) > 50;
  }));
  player.run_until([] { return false; }, 500ms);
  CHECK(pictures(player) == 0);
  REQUIRE(arrives(player, 10, sender));
  const auto before = strangers(server);
  for (int i = 0; i < 5; ++i) forger.clip();
  REQUIRE(arrives(player, 20, sender));
  if (!by_group) {
    CHECK(strangers(server) > before);
    CHECK(test::get(server.http_port(), "/metrics").body.find("weir_source_strangers_total 0\n") == std::string::npos);
  }
  CHECK(rows(server, "sources")[0]["state"] == "receiving");
}

TEST_CASE("a group that was forgotten on the way is joined again", "[scenario][udp]") {
  const std::uint16_t port = test::free_port();
  LiveServer server(ingest_of("udp://@" + std::string(group) + ":" + std::to_string(port) + "?interface=lo&rejoin=1"),
                    with_api);
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  Sender sender("127.0.0.1", group, port);
  REQUIRE(arrives(player, 10, sender));
  REQUIRE(is_member());
  REQUIRE(forget_group(port));
  REQUIRE(test::soon([] { return is_member(); }));
  CHECK(arrives(player, pictures(player) + 10, sender));
}

TEST_CASE("a group from which nothing comes is joined again unasked, and never where that was asked for",
          "[scenario][udp]") {
  const bool never = GENERATE(false, true);
  const std::uint16_t port = test::free_port();
  LiveServer server(ingest_of("udp://@" + std::string(group) + ":" + std::to_string(port) + "?interface=lo" +
                              (never ? "&rejoin=0" : "")),
                    with_api);
  REQUIRE(test::soon([] { return is_member(); }));
  REQUIRE(forget_group(port));
  CHECK(test::soon([] { return is_member(); }, 12s) == !never);
}

}  // namespace weir::test::udp_groups_test
