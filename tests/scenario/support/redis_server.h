#pragma once

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <string>
#include <vector>

#include "scenario/support/live_server.h"
#include "scenario/support/rtmp_peer.h"
#include "support/catch.h"
#include "support/certificate.h"
#include "support/soon.h"

namespace weir::test {

// A redis-server of the system's on a free port of 127.0.0.1, which keeps nothing on the disk.
class RedisServer {
 public:
  RedisServer() : port_(free_port()) { start(); }
  // A copy of that one.
  struct Copy {};
  RedisServer(const RedisServer& master, Copy)
      : port_(free_port()), more_{"--replicaof", "127.0.0.1", std::to_string(master.port())} {
    start();
  }
  // Over TLS alone.
  explicit RedisServer(const Certificate& certificate)
      : port_(free_port()), certificate_(certificate.certificate()), key_(certificate.key()) {
    start();
  }
  ~RedisServer() { stop(); }
  RedisServer(const RedisServer&) = delete;

  std::uint16_t port() const { return port_; }
  void start() {
    const std::string port = std::to_string(port_);
    std::vector<std::string> words{"redis-server",           "--bind", "127.0.0.1", "--save",    "",
                                   "--appendonly",           "no",     "--logfile", "/dev/null", "--port",
                                   key_.empty() ? port : "0"};
    if (!key_.empty()) {
      words.insert(words.end(), {"--tls-port", port, "--tls-cert-file", certificate_, "--tls-key-file", key_,
                                 "--tls-ca-cert-file", certificate_, "--tls-auth-clients", "no"});
    }
    words.insert(words.end(), more_.begin(), more_.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    INFO("redis-server of Debian is missing: scripts/setup --test");
    REQUIRE(::posix_spawnp(&process_, "redis-server", nullptr, nullptr, arguments.data(), environ) == 0);
    REQUIRE(soon([this] { return answers(); }));
  }
  void stop() { end(SIGKILL); }
  // It keeps its connections and says nothing.
  void freeze() const { ::kill(process_, SIGSTOP); }
  void thaw() const { ::kill(process_, SIGCONT); }
  // What it says to a command without spaces in its words.
  std::string ask(const std::string& line) const {
    Socket socket(port_);
    socket.send(line + "\r\n");
    base::Buffer room(4096);
    const int count = socket.receive({room.data(), room.size()}, std::chrono::seconds(5));
    return count <= 0 ? std::string()
                      : std::string(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
  }

 private:
  bool answers() const {
    try {
      if (key_.empty()) return ask("PING").starts_with("+PONG");
      const Socket reached(port_);
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }
  void end(int signal) {
    if (process_ <= 0) return;
    ::kill(process_, signal);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }

  std::uint16_t port_;
  std::string certificate_, key_;
  std::vector<std::string> more_;
  pid_t process_ = 0;
};

}  // namespace weir::test
