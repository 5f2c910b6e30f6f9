#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "session/gb28181/line.h"
#include "session/gb28181/outside.h"

namespace weir::session::gb28181 {

// Who above asked to be told of something by itself: SUBSCRIBE (RFC 6665; GB/T 28181 9.11) of one platform, which is
// answered, renewed, ended, and told by NOTIFY. No socket and no clock.
class Watchers {
 public:
  enum class Topic : std::uint8_t { catalogue, alarm, position };
  static constexpr std::size_t most = 16;
  static constexpr std::uint32_t usual_expiry = 3'600, longest_expiry = 86'400;  // seconds

  Watchers(Outside& outside, Line& line) : outside_(outside), line_(line) {}

  // `id`: ours, for Contact. Answers 200, 400, 481, 489 or 503.
  void on_subscribe(const sip::Message& message, const sip::Way& way, const std::string& id);
  bool any(Topic topic) const;
  // With the way to the platform as it is now.
  void tell(Topic topic, const std::string& xml, const sip::Way& way);
  void tick(base::Instant now);
  // The platform knows of none any longer.
  void clear() { all_.clear(); }
  std::size_t size() const { return all_.size(); }
  std::uint64_t told() const { return told_; }

 private:
  struct Watcher {
    Topic topic{};
    std::string event;  // as it is to be repeated
    sip::Dialog dialog;
    base::Instant until{};
  };

  // given
  Outside& outside_;
  Line& line_;

  // state
  std::map<std::string, Watcher> all_;  // by Call-ID
  std::uint64_t told_ = 0;
};

}  // namespace weir::session::gb28181
