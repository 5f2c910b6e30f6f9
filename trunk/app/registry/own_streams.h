#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "app/registry/registry.h"
#include "hub/hub.h"

namespace weir::registry {

// The streams of one worker that no client publishes: what this server fetches itself, reads from a file, or is sent by
// UDP. They are claimed so that other servers find them; a claim that another server has is asked for again now and
// then, and the stream goes on here meanwhile. On its worker.
class OwnStreams {
 public:
  static constexpr std::chrono::milliseconds ask_again{5'000};

  OwnStreams(hub::Hub& hub, Registry& registry);
  OwnStreams(const OwnStreams&) = delete;

  bool has(const base::StreamKey& key) const { return claims_.contains(key); }
  // Another server has it now.
  void lost(const base::StreamKey& key);
  // Once a second.
  void tick();

 private:
  using Clock = std::chrono::steady_clock;
  struct Claim;
  void on_event(const hub::StreamEvent& event);
  void ask(const std::shared_ptr<Claim>& claim);

  // given
  hub::Hub& hub_;
  Registry& registry_;

  // state
  std::unordered_map<base::StreamKey, std::shared_ptr<Claim>> claims_;
};

}  // namespace weir::registry
