#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "session/gb28181/line.h"
#include "session/gb28181/outside.h"
#include "session/gb28181/rows.h"
#include "session/gb28181/ssrc_pool.h"

namespace weir::session::gb28181 {

struct TalkPlan {
  std::string device, target;  // target: the loudspeaker, or the channel that has one
  hub::Request request;        // whose sound it hears
  TalkWay way = TalkWay::broadcast;
};

// Sound of streams to loudspeakers of devices: from the announcement or the INVITE to the BYE. One for each
// loudspeaker. No socket and no clock.
class Talks {
 public:
  struct Settings {
    MediaTransport transport = MediaTransport::tcp_passive;  // of talk; in a broadcast the device chooses
    std::string candidate = "*";                             // "*": the address that the device reached
    std::chrono::milliseconds packet{100};
  };
  static constexpr std::size_t most_talks = 200;
  static constexpr std::size_t most_recent = 64;  // that are over
  // From the announcement to the device's INVITE; from ours to its answer. What comes between has MediaSender's limits.
  static constexpr std::chrono::seconds invite_limit{15};

  Talks(Outside& outside, Line& line, Devices& devices, Settings settings);
  ~Talks();

  // The same stream to the same loudspeaker goes on as it is; another one is SignalErrc::talking.
  base::Result<void> begin(TalkPlan plan);
  // SignalErrc::no_such_call.
  base::Result<void> end(const std::string& device, const std::string& target);
  void device_lost(const std::string& device, base::ErrorCode why);
  // Requests of devices; false if they are of no talk.
  bool on_invite(const sip::Message& message, const sip::Way& way);
  bool on_ack(const sip::Message& message);
  bool on_bye(const sip::Message& message, const sip::Way& way);
  bool on_cancel(const sip::Message& message, const sip::Way& way);
  // What a device says of an announcement.
  void on_response(const std::string& device, const manscdp::Message& said);
  void tick(base::Instant now);
  void end_all(base::ErrorCode why);

  // Those of a device, or of all; with those that ended lately.
  std::vector<TalkRow> rows(const std::string& device = {}) const;
  void add_to(Totals& totals) const;

 private:
  class Talk;
  friend class Talk;
  void finish(Talk& talk, base::ErrorCode why);
  void tell_begun(const Talk& talk);
  Talk* find(const std::string& call_id);
  Talk* find_announced(const sip::Message& message, const sip::Way& way);
  std::uint32_t next_sn() { return sn_ = sn_ % 0x3fffffff + 1; }

  // given
  Outside& outside_;
  Line& line_;
  Devices& devices_;
  Settings settings_;

  // owned
  SsrcPool ssrcs_;
  std::map<std::string, std::unique_ptr<Talk>> talks_;  // by device and target
  std::unordered_map<std::string, Talk*> by_call_id_;   // those that have an INVITE

  // state
  std::deque<TalkRow> recent_;
  base::ErrorCode last_error_;  // of the last one that is over
  std::uint32_t sn_ = 0;
  std::uint64_t begun_ = 0, failures_ = 0;
};

}  // namespace weir::session::gb28181
