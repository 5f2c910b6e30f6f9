#pragma once

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <filesystem>
#include <string>
#include <vector>

#include "scenario/support/hls_client.h"

namespace weir::test {

// An etcd of the system's on free ports of 127.0.0.1. What it keeps on the disk goes with it.
class EtcdServer {
 public:
  EtcdServer() : port_(free_port()), peer_port_(free_port()) {
    folder_ = std::filesystem::temp_directory_path() / ("weir-etcd-" + std::to_string(port_));
    start();
  }
  ~EtcdServer() {
    stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  EtcdServer(const EtcdServer&) = delete;

  std::uint16_t port() const { return port_; }
  void start() {
    const std::string client = "http://127.0.0.1:" + std::to_string(port_);
    const std::string peer = "http://127.0.0.1:" + std::to_string(peer_port_);
    std::vector<std::string> words{"etcd",
                                   "--data-dir",
                                   folder_.string(),
                                   "--listen-client-urls",
                                   client,
                                   "--advertise-client-urls",
                                   client,
                                   "--listen-peer-urls",
                                   peer,
                                   "--initial-advertise-peer-urls",
                                   peer,
                                   "--initial-cluster",
                                   "default=" + peer,
                                   "--log-level",
                                   "error"};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    INFO("etcd of Debian (etcd-server) is missing: scripts/setup --test");
    REQUIRE(::posix_spawnp(&process_, "etcd", nullptr, nullptr, arguments.data(), environ) == 0);
    REQUIRE(soon([this] { return answers(); }));
  }
  void stop() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  // It forgets everything.
  void wipe() {
    stop();
    std::filesystem::remove_all(folder_);
    start();
  }
  // It keeps its connections and says nothing.
  void freeze() const { ::kill(process_, SIGSTOP); }
  void thaw() const { ::kill(process_, SIGCONT); }

 private:
  bool answers() const {
    try {
      const Answer answer = get(port_, "/health");
      return answer.status == 200 && answer.body.find("true") != std::string::npos;
    } catch (const std::exception&) {
      return false;
    }
  }

  std::uint16_t port_, peer_port_;
  std::filesystem::path folder_;
  pid_t process_ = 0;
};

}  // namespace weir::test
