#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "scenario/support/cluster_node.h"
#include "scenario/support/redis_server.h"
#include "support/catch.h"

namespace weir::test::sentinel_test {

// A registry in Redis whose place Redis Sentinel knows.

using namespace std::chrono_literals;
using rtmp::Role;
using test::Camera;
using test::LiveServer;
using test::plays;
using test::RedisServer;
using test::RtmpPeer;
using test::soon;

namespace {

constexpr const char* plain = "min_latency on;";

// One that judges alone, and soon.
class Sentinel {
 public:
  explicit Sentinel(const RedisServer& master) : port_(test::free_port()) {
    file_ = std::filesystem::temp_directory_path() / ("weir-sentinel-" + std::to_string(port_) + ".conf");
    std::ofstream(file_) << "port " << port_ << "\nbind 127.0.0.1\nlogfile /dev/null\nsentinel monitor weir 127.0.0.1 "
                         << master.port()
                         << " 1\nsentinel down-after-milliseconds weir 500\nsentinel failover-timeout weir 2000\n";
    std::string name = "redis-server", file = file_.string(), mode = "--sentinel";
    std::array<char*, 4> arguments{name.data(), file.data(), mode.data(), nullptr};
    REQUIRE(::posix_spawnp(&process_, "redis-server", nullptr, nullptr, arguments.data(), environ) == 0);
  }
  ~Sentinel() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
  }
  Sentinel(const Sentinel&) = delete;
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // What it says to a command without spaces in its words; empty while it does not answer.
  std::string ask(const std::string& line) const {
    try {
      test::Socket socket(port_);
      socket.send(line + "\r\n");
      base::Buffer room(16 * 1024);
      const int count = socket.receive({room.data(), room.size()}, 5s);
      return count <= 0 ? std::string()
                        : std::string(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
    } catch (const std::exception&) {
      return {};
    }
  }

 private:
  std::uint16_t port_;
  std::filesystem::path file_;
  pid_t process_ = 0;
};

// Greets as a sentinel, and says the same to each question.
class Liar {
 public:
  explicit Liar(std::string answer) : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    ::listen(listener_, 16);
    thread_ = std::thread([this] { serve(); });
  }
  ~Liar() {
    over_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Liar(const Liar&) = delete;
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void serve() {
    while (!over_) {
      const int peer = ::accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      const timeval limit{.tv_sec = 1, .tv_usec = 0};
      ::setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
      std::array<char, 4096> room;
      const std::string hello = "%1\r\n+role\r\n+sentinel\r\n";
      for (const std::string* said : {&hello, &std::as_const(answer_)}) {
        if (::recv(peer, room.data(), room.size(), 0) <= 0) break;
        (void)::send(peer, said->data(), said->size(), MSG_NOSIGNAL);
      }
      (void)::recv(peer, room.data(), room.size(), 0);
      ::close(peer);
    }
  }

  std::string answer_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

std::string node(const std::string& sentinels, const std::string& more = "sentinel_master weir;") {
  return test::node_of("engine redis; sentinels " + sentinels + ";", more);
}

bool says(const LiveServer& server, const std::string& text) {
  return soon([&] { return cluster_of(server).value("fault", "").find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("when Redis dies the one that its sentinels promote takes its place", "[scenario][registry][sentinel]") {
  auto master = std::make_unique<RedisServer>();
  const RedisServer copy(*master, RedisServer::Copy());
  REQUIRE(soon([&] { return copy.ask("INFO replication").find("master_link_status:up") != std::string::npos; }));
  const Sentinel sentinel(*master);
  REQUIRE(soon(
      [&] { return sentinel.ask("SENTINEL replicas weir").find(std::to_string(copy.port())) != std::string::npos; }));
  // The first of them is none.
  LiveServer a(plain, node("127.0.0.1:1 " + sentinel.address())), b(plain, node(sentinel.address()));
  REQUIRE(sees(a, 2));
  REQUIRE(sees(b, 2));
  Camera camera(a);
  RtmpPeer player(b.rtmp_port(), Role::play, "cam");
  CHECK(plays(player, camera, 5));
  master.reset();
  CHECK(soon([&] { return copy.ask("ROLE").find("master") != std::string::npos; }));
  REQUIRE(sees(a, 2));
  REQUIRE(sees(b, 2));
  CHECK(plays(player, camera, test::pictures(player) + 5));
  Camera late(b, "late");
  RtmpPeer viewer(a.rtmp_port(), Role::play, "late");
  CHECK(plays(viewer, late, 5));
}

TEST_CASE("what sentinels do not know, and what is no sentinel or no master, is told of",
          "[scenario][registry][sentinel]") {
  const RedisServer master;
  const RedisServer copy(master, RedisServer::Copy());
  const Sentinel sentinel(master);
  REQUIRE(soon([&] { return !sentinel.ask("PING").empty(); }));
  const LiveServer unknown(plain, node(sentinel.address(), "sentinel_master nobody;"));
  CHECK(says(unknown, "a sentinel knows no nobody"));
  const LiveServer plain_redis(plain, node("127.0.0.1:" + std::to_string(master.port())));
  CHECK(says(plain_redis, "a sentinel says: ERR unknown command"));
  const LiveServer nothing(plain, node("127.0.0.1:1 127.0.0.1:2"));
  CHECK(says(nothing, "no sentinel answers"));
  const Liar liar("*2\r\n$9\r\n127.0.0.1\r\n+" + std::to_string(copy.port()) + "\r\n");
  const LiveServer careful(plain, node(liar.address()));
  CHECK(says(careful, "what the sentinels name is no master"));
  for (const char* nonsense :
       {"*2\r\n+127.0.0.1\r\n+99999\r\n", "*1\r\n+127.0.0.1\r\n", "+OK\r\n", "*2\r\n+\r\n:7\r\n"}) {
    INFO(nonsense);
    const Liar other(nonsense);
    const LiveServer here(plain, node(other.address()));
    CHECK(says(here, "a sentinel knows no weir"));
  }
  const Liar garbage("?!\r\n");
  const LiveServer unmoved(plain, node(garbage.address()));
  CHECK(says(unmoved, "no sentinel answers"));
}

}  // namespace weir::test::sentinel_test
