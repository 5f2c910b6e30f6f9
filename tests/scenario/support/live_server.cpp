#include "scenario/support/live_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <stdexcept>

#include "base/text.h"
#include "config/load.h"

namespace weir::test {

namespace {

constexpr unsigned first_port = 10'000, ports = 22'000;

bool is_free(std::uint16_t port, int type) {
  const int descriptor = ::socket(AF_INET, type, 0);
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return free;
}

}  // namespace

// None of those that the system gives to outgoing connections (from 32768 on): between here and the server's own bind
// one of them may have it. Each process goes through them from a place of its own.
std::uint16_t free_ports(unsigned count) {
  static std::atomic<unsigned> next = static_cast<unsigned>(::getpid()) * 97;
  for (unsigned tries = 0; tries < ports; ++tries) {
    unsigned first = next.fetch_add(count + 1) % (ports - count);
    first += first_port + first % 2;
    bool free = true;
    for (unsigned port = first; free && port < first + count; ++port) {
      free = is_free(static_cast<std::uint16_t>(port), SOCK_STREAM) &&
             is_free(static_cast<std::uint16_t>(port), SOCK_DGRAM);
    }
    if (free) return static_cast<std::uint16_t>(first);
  }
  throw std::runtime_error("no ports of 127.0.0.1 are free");
}

LiveServer::LiveServer(const std::string& vhost, const std::string& root)
    : rtmp_port_(free_port()), http_port_(free_port()), logger_(log::Logger::make_silent()) {
  std::signal(SIGPIPE, SIG_IGN);  // as main does
  server::Server::About about;
  about.on_main = [this](std::function<void()> work) {
    const std::scoped_lock lock(posted_);
    on_main_.emplace_back([this, work = std::move(work)] {
      const std::scoped_lock alone(main_);
      work();
    });
  };
  server_ = std::make_unique<server::Server>(parse(vhost, root), *logger_, std::move(about));
  if (!server_->start()) throw std::runtime_error("the server did not start");
}

LiveServer::~LiveServer() = default;

std::shared_ptr<const config::Config> LiveServer::parse(const std::string& vhost, const std::string& root) const {
  const bool has_own = root.find("http_server {") != std::string::npos;
  const std::string http_server = "http_server { enabled on; listen 127.0.0.1:{HTTP}; dir /nonexistent; }";
  const std::string text = "listen 127.0.0.1:" + std::to_string(rtmp_port_) + ";\nmax_connections 500;\n" + root +
                           "\n" + (has_own ? "" : http_server) +
                           "\nvhost __defaultVhost__ { http_remux { enabled on; mount "
                           "[vhost]/[app]/[stream].flv; }\n" +
                           vhost + "\n}\n";
  const std::string filled = base::replace_all(base::replace_all(text, "{HTTP}", std::to_string(http_port_)), "{RTMP}",
                                               std::to_string(rtmp_port_));
  const auto report = config::load_text("test.conf", filled, {});
  if (!report.config) throw std::runtime_error(report.errors.front().text());
  return report.config;
}

bool LiveServer::reload(const std::string& vhost, const std::string& root) {
  const std::scoped_lock lock(main_);
  server_->reload(parse(vhost, root));
  return true;
}

}  // namespace weir::test
