#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace weir::net {

// By whom contexts of librist are taken down: that waits for the library's threads, and no worker may. One for the
// process, made in main; its thread begins with the first that is taken down. Outlives every RistReceiver and
// RistSender; its end waits until all are down.
class RistLibrary {
 public:
  RistLibrary() = default;
  ~RistLibrary();
  RistLibrary(const RistLibrary&) = delete;
  RistLibrary& operator=(const RistLibrary&) = delete;

  // Whether this program was built with librist.
  static bool is_there();
  // An address to listen at, "ADDRESS:PORT": false if somebody has it. Any thread.
  bool take(const std::string& place);
  void give_back(const std::string& place);
  // Any thread. `down` is called on the library's own.
  void retire(std::function<void()> down);
  // Held by who makes a context, and while one is taken down: evsocket_create() of librist 0.2.7 makes the mutex of its
  // one list anew each time, whoever holds it.
  std::unique_lock<std::mutex> try_alone() { return std::unique_lock(alone_, std::try_to_lock); }

 private:
  void run();

  std::mutex alone_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::function<void()>> waiting_;
  std::set<std::string> taken_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace weir::net
