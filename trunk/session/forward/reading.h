#pragma once

#include <memory>
#include <optional>

#include "session/forward/other_sound.h"

namespace weir::session::forward {

// What a sender reads: the stream's feed, or that of the stream with another sound. Outlives the sender.
class Reading {
 public:
  explicit Reading(hub::Subscription subscription) : subscription_(std::move(subscription)) {}
  Reading(hub::Registry::Ticket ticket, std::unique_ptr<OtherSound> other)
      : ticket_(std::move(ticket)), other_(std::move(other)) {}

  hub::Seat seat() const {
    if (other_) return {other_->feed(), ticket_.record()};
    return *subscription_;
  }
  OtherSound* other() const { return other_.get(); }

 private:
  std::optional<hub::Subscription> subscription_;
  hub::Registry::Ticket ticket_;
  std::unique_ptr<OtherSound> other_;
};

}  // namespace weir::session::forward
