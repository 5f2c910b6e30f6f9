#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::test {

// A hook server of our own: HTTP on a free port of 127.0.0.1, a thread for each connection. It says what the test wants
// and remembers what it heard.
class HookServer {
 public:
  struct Call {
    std::string method, target, body;
    std::string head;  // of the request, as it came
    int connection = 0;
  };
  // Gives the whole answer, head and body; an empty one closes the connection, `hang` keeps it and says nothing.
  using Answer = std::function<std::string(const Call&)>;
  static constexpr const char* hang = "hang";
  static std::string ok(const std::string& body = "0", const std::string& status = "200 OK");

  explicit HookServer(Answer answer = [](const Call&) { return ok(); });
  ~HookServer();

  std::string url(const std::string& path = "/hook") const;
  std::vector<Call> calls() const;
  // Waits until there are so many calls.
  bool wait_calls(std::size_t count, std::chrono::milliseconds limit = std::chrono::seconds(5)) const;
  std::size_t count(const std::string& action) const;

 private:
  void accept_all();
  void serve(int descriptor, int connection);

  Answer answer_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<Call> calls_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace weir::test
