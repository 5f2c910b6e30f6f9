#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include "scenario/support/camera.h"

namespace weir::test {

// A camera that goes on sending while the test does something else.
class RunningCamera {
 public:
  explicit RunningCamera(const LiveServer& server) : camera_(server) {
    const auto go_on = [this] {
      camera_.send(1);
      return over_.load();
    };
    thread_ = std::thread([go_on] { (void)soon(go_on, std::chrono::minutes(10)); });
  }
  ~RunningCamera() {
    over_ = true;
    thread_.join();
  }
  RunningCamera(const RunningCamera&) = delete;

 private:
  Camera camera_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

// The first answer with that status; what came last if none has it.
inline Answer ask_until(const LiveServer& server, const std::string& target, int status) {
  Answer last;
  (void)soon([&] {
    last = get(server.http_port(), target, std::chrono::seconds(30));
    return last.status == status;
  });
  return last;
}

}  // namespace weir::test
