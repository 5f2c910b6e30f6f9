#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proto/sip/dialog.h"
#include "session/gb28181/agenda.h"
#include "session/gb28181/line.h"
#include "session/gb28181/outside.h"

namespace weir::session::gb28181 {

// SUBSCRIBE of the server (RFC 6665; GB/T 28181 9.11): what devices are to tell by themselves. Begun when a device
// registers, renewed before its time is over, begun anew when the device forgot. What it tells comes as NOTIFY, which
// the platform takes as it takes MESSAGE. One that does not know a topic is not asked again until it registers anew.
class Subscriptions {
 public:
  enum class Topic : std::uint8_t { catalog, alarm, position };
  // "catalog", ...; none for another word.
  static std::optional<Topic> topic_of(std::string_view word);

  Subscriptions(Outside& outside, Line& line, const Devices& devices, std::vector<Topic> topics)
      : outside_(outside), line_(line), devices_(devices), topics_(std::move(topics)) {}

  void begin(const std::string& device);
  // It is gone, and what it was asked for with it.
  void forget(const std::string& device);
  // Of a NOTIFY: it says whether more will come.
  void on_notify(const std::string& device, const sip::Message& message);
  void tick(base::Instant now);
  // "catalog position": what the device agreed to.
  std::string agreed(const std::string& device) const;

  static constexpr std::chrono::seconds expiry{3600};
  static constexpr std::chrono::seconds shortest{30};     // however short a device grants
  static constexpr std::chrono::seconds retry_pause{60};  // after no answer
  static constexpr unsigned position_interval = 5;        // seconds

 private:
  using Key = std::pair<std::string, Topic>;
  struct Subscription {
    std::optional<sip::Dialog> dialog;  // none: not agreed to yet
    std::uint64_t serial = 0;           // answers to earlier requests are known by it
  };
  void ask(const Key& key);
  void answered(const Key& key, std::uint64_t serial, const sip::Message& asked, const sip::Event& event);

  // given
  Outside& outside_;
  Line& line_;
  const Devices& devices_;
  std::vector<Topic> topics_;

  // state
  std::map<Key, Subscription> all_;
  Agenda<Key> agenda_;
  std::uint64_t serial_ = 0;
};

}  // namespace weir::session::gb28181
