#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "format/manscdp/mansrtsp.h"
#include "session/gb28181/agenda.h"
#include "session/gb28181/line.h"
#include "session/gb28181/outside.h"
#include "session/gb28181/rows.h"
#include "session/gb28181/ssrc_pool.h"

namespace weir::session::gb28181 {

struct CallPlan {
  hub::Request request;  // which stream it becomes
  std::string device, channel;
  Purpose purpose = Purpose::live;
  Span span{};
  unsigned speed = 0;
  // Why there is a call: as long as the device is there; because a stream is wanted, and who waits hears of a failure;
  // or else because somebody asked for it by the API.
  enum class Reason : std::uint8_t { asked, wanted, always } reason = Reason::asked;
};

// The INVITEs of the server: from the offer to the BYE, again after media was lost. One for each stream.
class Calls {
 public:
  struct Settings {
    MediaTransport transport = MediaTransport::tcp_passive;
    base::Millis reinvite{5'000};
    std::string candidate = "*";  // "*": the address that the device reached
  };
  static constexpr std::size_t most_calls = 10'000;
  static constexpr std::size_t most_recent = 64;  // that are over
  static constexpr std::chrono::seconds invite_limit{15};

  Calls(Outside& outside, Line& line, Devices& devices, Settings settings);
  ~Calls();

  // A call for a stream that has one already goes on as it is; a reason that is stronger is kept.
  base::Result<void> begin(CallPlan plan);
  // BYE, or CANCEL.
  void end(const base::StreamKey& key, base::ErrorCode why);
  // Who wanted the stream has left.
  void unwanted(const base::StreamKey& key);
  void device_lost(const std::string& device, base::ErrorCode why, const std::string& reason);
  // It is there again: what waits for its next attempt is tried now.
  void device_back(const std::string& device);
  // A BYE of a device; false if it is of no call.
  bool on_bye(const sip::Message& message, const sip::Way& way);
  // Playback of the channel has come to its end.
  void on_media_status(const sip::Message& message, const std::string& device, const std::string& channel);
  // SignalErrc::no_such_call, not_playback.
  base::Result<void> control(const base::StreamKey& key, const manscdp::Playback& what);
  void tick(base::Instant now);
  // Ends all of them: the server stops.
  void end_all(base::ErrorCode why);

  bool has(const base::StreamKey& key) const { return calls_.contains(key); }
  // Those of a device, or of all; with those that ended lately.
  // Of a download, as the device said; 0: it did not.
  std::uint64_t file_bytes(const base::StreamKey& key) const;
  std::vector<CallRow> rows(const std::string& device = {}) const;
  void add_to(Totals& totals) const;

 private:
  class Call;
  friend class Call;
  void invite(Call& call);
  void on_answer(const base::StreamKey& key, std::uint64_t serial, const std::shared_ptr<const sip::Message>& invite,
                 const sip::Event& event);
  void accepted(Call& call, const sip::Message& invite, const sip::Event& event);
  void finish_media(Call& call);
  void hang_up(Call& call);
  void forget_dialog(Call& call);
  void failed(const base::StreamKey& key, base::ErrorCode why, std::string reason);
  void finish(const base::StreamKey& key, base::ErrorCode why, std::string reason);
  void ask_key_frame(const base::StreamKey& key);
  Call* find(const base::StreamKey& key);
  CallRow row_of(const Call& call) const;

  // given
  Outside& outside_;
  Line& line_;
  Devices& devices_;
  Settings settings_;

  // owned
  SsrcPool ssrcs_;
  std::map<base::StreamKey, std::unique_ptr<Call>> calls_;
  std::unordered_map<std::string, std::set<base::StreamKey>> by_device_;
  std::unordered_map<std::string, base::StreamKey> by_call_id_;  // those that have a dialogue
  Agenda<base::StreamKey> agenda_;

  // state
  std::deque<CallRow> recent_;
  base::ErrorCode last_error_;  // of the last one that is over
  std::uint64_t serial_ = 0;
  std::uint64_t invites_ = 0, failures_ = 0, key_frames_ = 0;
};

}  // namespace weir::session::gb28181
