#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/log_limit.h"
#include "net/rist/link.h"
#include "net/rist/peers.h"

#ifdef WEIR_HAS_RIST

#include <librist/librist.h>

namespace weir::net {

// A context of librist, and what its threads leave for the worker. Shared with what is on its way to the worker, and
// with whoever takes it down; none of its callbacks waits for more than a mutex that is held for a few instructions.
class RistCore : public std::enable_shared_from_this<RistCore> {
 public:
  static constexpr std::size_t most_waiting_bytes = 4 << 20;

  // `seat` is held until it is down.
  RistCore(Worker& worker, const log::Context& log, std::function<void()> changed, std::shared_ptr<void> seat);
  ~RistCore();
  RistCore(const RistCore&) = delete;

  enum class Role { receiver, sender };
  base::Result<void> open(Role role, const RistSettings& settings);
  // On the worker: nothing is posted to it from now on.
  void leave();
  // Not on the worker: waits for the library's threads.
  void down();

  // On the worker. Null: there is none; else good until the next call.
  const rist_data_block* take();
  int write(base::Bytes packet);
  void look_again();

  struct Seen {
    std::uint32_t peers = 0;
    bool lost = false;
    std::string peer;
    std::uint64_t dropped = 0;
    std::chrono::steady_clock::time_point heard_at{};  // of a sender: when the other side said anything, about
    TransportFigures figures;
  };
  Seen seen() const;
  std::uint32_t peers() const;

 private:
  base::Result<void> add_peer(Role role, const RistSettings& settings, bool one_of_several);
  void wake();  // under the mutex
  void count(const rist_stats_receiver_flow& flow);
  void count(const rist_stats_sender_peer& peer);

  static int on_log(void* self, rist_log_level level, const char* message);
  static int on_data(void* self, rist_data_block* block);
  static void on_status(void* self, rist_peer* peer, rist_connection_status status);
  static int on_stats(void* self, const rist_stats* stats);
  static int on_connect(void* self, const char* address, std::uint16_t port, const char* local,
                        std::uint16_t local_port, rist_peer* peer);
  static int on_disconnect(void* self, rist_peer* peer);

  // given
  Worker& worker_;
  log::Context log_;
  std::function<void()> changed_;  // on the worker alone
  std::shared_ptr<void> seat_;

  // owned
  rist_ctx* context_ = nullptr;
  rist_logging_settings logging_{};  // of this context: librist's own is one for the process

  // state
  mutable std::mutex mutex_;
  bool open_ = true;
  bool posted_ = false;
  std::deque<rist_data_block*> blocks_;
  rist_data_block* taken_ = nullptr;  // the worker's
  std::size_t waiting_bytes_ = 0;
  Seen seen_;
  std::unique_ptr<RistPeers> each_;
  log::Limit lines_{base::Millis{10'000}};
};

}  // namespace weir::net

#endif
