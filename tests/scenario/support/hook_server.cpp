#include "scenario/support/hook_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "support/catch.h"
#include "support/soon.h"

namespace weir::test {

using namespace std::chrono_literals;

std::string HookServer::ok(const std::string& body, const std::string& status) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

HookServer::HookServer(Answer answer) : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(listener_, 256) == 0);
  REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

HookServer::~HookServer() {
  stopping_ = true;
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
}

std::string HookServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<HookServer::Call> HookServer::calls() const {
  const std::scoped_lock lock(mutex_);
  return calls_;
}

bool HookServer::wait_calls(std::size_t count, std::chrono::milliseconds limit) const {
  return soon([&] { return calls().size() >= count; }, limit);
}

std::size_t HookServer::count(const std::string& action) const {
  const auto all = calls();
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Call& call) {
    return call.body.find("\"action\":\"" + action + "\"") != std::string::npos;
  }));
}

void HookServer::accept_all() {
  for (int number = 0; !stopping_;) {
    pollfd wait{listener_, POLLIN, 0};
    if (::poll(&wait, 1, 20) <= 0) continue;
    const int descriptor = ::accept(listener_, nullptr, nullptr);
    if (descriptor >= 0) threads_.emplace_back([this, descriptor, number = number++] { serve(descriptor, number); });
  }
}

void HookServer::serve(int descriptor, int connection) {
  std::string held;
  const auto more = [&] {
    char room[4096];
    while (!stopping_) {
      pollfd wait{descriptor, POLLIN, 0};
      if (::poll(&wait, 1, 20) <= 0) continue;
      const ssize_t count = ::recv(descriptor, room, sizeof room, 0);
      if (count <= 0) return false;
      held.append(room, static_cast<std::size_t>(count));
      return true;
    }
    return false;
  };
  for (bool open = true; open;) {
    std::size_t end = 0;
    while (open && (end = held.find("\r\n\r\n")) == std::string::npos) open = more();
    if (!open) break;
    Call call{.head = held.substr(0, end), .connection = connection};
    call.method = call.head.substr(0, call.head.find(' '));
    call.target = call.head.substr(call.method.size() + 1);
    call.target.resize(call.target.find(' '));
    const auto length = call.head.find("Content-Length: ");
    const std::size_t size = length == std::string::npos ? 0 : std::stoul(call.head.substr(length + 16));
    while (open && held.size() < end + 4 + size) open = more();
    call.body = held.substr(end + 4, size);
    held.erase(0, end + 4 + size);
    {
      const std::scoped_lock lock(mutex_);
      calls_.push_back(call);
    }
    const std::string answer = answer_(call);
    if (answer.empty()) break;
    if (answer == hang) {
      while (more()) {
      }
      break;
    }
    if (::send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
  }
  ::close(descriptor);
}

}  // namespace weir::test
