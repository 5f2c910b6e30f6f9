#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "main/server.h"

namespace weir::test {

// A whole server in this process, on free ports of 127.0.0.1: what main builds, without signals.
class LiveServer {
 public:
  // `vhost` is what stands inside the default virtual host, `root` at the root of the file.
  explicit LiveServer(const std::string& vhost = "", const std::string& root = "workers 2;");
  ~LiveServer();

  std::uint16_t rtmp_port() const { return rtmp_port_; }
  std::uint16_t http_port() const { return http_port_; }
  bool reload(const std::string& vhost, const std::string& root = "workers 2;");
  // What main does twice a second.
  void look_at_variables() {
    const std::scoped_lock lock(main_);
    server_->look_at_variables();
  }
  void stop() {
    const std::scoped_lock lock(main_);
    server_->stop(std::chrono::seconds(3));
  }
  server::Server& server() { return *server_; }

 private:
  std::shared_ptr<const config::Config> parse(const std::string& vhost, const std::string& root) const;

  std::uint16_t rtmp_port_, http_port_;
  std::mutex posted_;
  std::mutex main_;  // held by whoever is the main thread just now
  std::unique_ptr<log::Logger> logger_;
  std::unique_ptr<server::Server> server_;
  std::vector<std::jthread> on_main_;  // what the API wanted there
};

// Ports of 127.0.0.1 that nothing has, by TCP or UDP: so many in a row, of which the first is even and is returned.
std::uint16_t free_ports(unsigned count);
inline std::uint16_t free_port() { return free_ports(1); }

}  // namespace weir::test
