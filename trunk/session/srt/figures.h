#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "config/endpoint.h"

namespace weir::session::srt {

// Of one port that is, or was, listened on. Any thread.
struct PortFigures {
  explicit PortFigures(config::Endpoint where) : at(std::move(where)) {}
  const config::Endpoint at;
  std::atomic<bool> open{false};
  std::atomic<std::uint64_t> accepted{0};     // connections that came by it
  std::atomic<std::uint64_t> connections{0};  // that there are now
  std::atomic<std::uint64_t> rejected{0};     // callers that were turned away with a code
  std::atomic<std::uint64_t> failed_keys{0};  // those whose secret was wrong, or missing
};

// Of the whole process, for the API and metrics. Any thread.
class Figures {
 public:
  std::atomic<std::uint64_t> rejected{0};     // callers that were turned away during their handshake
  std::atomic<std::uint64_t> connections{0};  // that there are now
  std::atomic<std::uint64_t> keys{0};         // passphrases that on_srt_passphrase said, and are kept
  std::atomic<std::uint64_t> without_key{0};  // callers that were told to come again, as theirs was not known

  void add_port(std::shared_ptr<const PortFigures> port) {
    const std::lock_guard lock(mutex_);
    ports_.push_back(std::move(port));
  }
  // In the order in which they were opened.
  std::vector<std::shared_ptr<const PortFigures>> ports() const {
    const std::lock_guard lock(mutex_);
    return ports_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const PortFigures>> ports_;
};

}  // namespace weir::session::srt
