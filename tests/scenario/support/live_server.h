#pragma once

#include <memory>
#include <string>

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
  void stop() { server_->stop(std::chrono::seconds(3)); }
  server::Server& server() { return *server_; }

 private:
  std::shared_ptr<const config::Config> parse(const std::string& vhost, const std::string& root) const;

  std::uint16_t rtmp_port_, http_port_;
  std::unique_ptr<log::Logger> logger_;
  std::unique_ptr<server::Server> server_;
};

std::uint16_t free_port();

}  // namespace weir::test
