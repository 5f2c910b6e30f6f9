#include "session/gb28181/talks.h"

#include "base/text.h"
#include "session/gb28181/talk.h"

namespace weir::session::gb28181 {

using base::ErrorCode;
using base::Result;

Talks::Talks(Outside& outside, Line& line, Devices& devices, Settings settings)
    : outside_(outside), line_(line), devices_(devices), settings_(std::move(settings)), ssrcs_(line.domain()) {}

Talks::~Talks() = default;

Result<void> Talks::begin(TalkPlan plan) {
  const Device* device = devices_.find(plan.device);
  if (!device) return SignalErrc::no_such_device;
  std::string key = plan.device + "/" + plan.target;
  if (const auto known = talks_.find(key); known != talks_.end()) {
    if (known->second->plan().request.key() == plan.request.key()) return {};
    return SignalErrc::talking;
  }
  if (talks_.size() >= most_talks) return SignalErrc::too_many;
  ++begun_;
  auto talk = std::make_unique<Talk>(*this, std::move(plan), key);
  const bool good = talks_.emplace(std::move(key), std::move(talk)).first->second->begin(*device);
  line_.run();
  if (!good) return last_error_;
  return {};
}

void Talks::finish(Talk& talk, ErrorCode why) {
  TalkRow row = talk.row();
  talk.hang_up(why);
  row.state = TalkState::over;
  row.state_seconds = 0;
  row.why = why.message();
  last_error_ = why;
  if (!talk.ever_talked() && why != SignalErrc::not_wanted) ++failures_;
  const std::string device = talk.plan().device, target = talk.plan().target;
  recent_.push_front(std::move(row));
  if (recent_.size() > most_recent) recent_.pop_back();
  std::erase_if(by_call_id_, [&](const auto& one) { return one.second == &talk; });
  talks_.erase(std::string(talk.key()));
  if (const Device* known = devices_.find(device)) {
    outside_.tell({.kind = DeviceEvent::Kind::talk_over, .device = *known, .reason = why.message(), .channel = target});
  }
}

void Talks::tell_begun(const Talk& talk) {
  const Device* const device = devices_.find(talk.plan().device);
  if (device) outside_.tell({.kind = DeviceEvent::Kind::talk, .device = *device, .channel = talk.plan().target});
}

Result<void> Talks::end(const std::string& device, const std::string& target) {
  const auto found = talks_.find(device + "/" + target);
  if (found == talks_.end()) return SignalErrc::no_such_call;
  finish(*found->second, SignalErrc::not_wanted);
  line_.run();
  return {};
}

void Talks::device_lost(const std::string& device, ErrorCode why) {
  const std::string prefix = device + "/";
  for (auto it = talks_.lower_bound(prefix); it != talks_.end() && it->first.starts_with(prefix);) {
    Talk& talk = *it++->second;
    finish(talk, why);
  }
}

Talks::Talk* Talks::find(const std::string& call_id) {
  const auto found = by_call_id_.find(call_id);
  return found == by_call_id_.end() ? nullptr : found->second;
}

// The one that the INVITE may be meant for. Devices write their own id, that of the loudspeaker or that of the channel
// into From; what none of them wrote is told by where it comes from, if that is one alone.
Talks::Talk* Talks::find_announced(const sip::Message& message, const sip::Way& way) {
  const std::string& user = message.from.uri.user;
  Talk* found = nullptr;
  int best = 0;
  bool alone = true;
  for (const auto& [key, talk] : talks_) {
    if (!talk->announced()) continue;
    const Device* device = devices_.find(talk->plan().device);
    if (!device || device->source.address != way.address) continue;
    if (device->source.reliable() != way.reliable()) continue;
    if (way.reliable() && device->source.connection != way.connection) continue;
    const int score = user == talk->plan().target ? 3 : user == device->id ? 2 : 1;
    if (score == best) alone = false;
    if (score <= best) continue;
    best = score;
    found = talk.get();
    alone = true;
  }
  return best == 1 && !alone ? nullptr : found;
}

bool Talks::on_invite(const sip::Message& message, const sip::Way& way) {
  if (by_call_id_.contains(message.call_id)) return false;
  Talk* const talk = find_announced(message, way);
  if (!talk) return false;
  (void)talk->invited(message, way);
  return true;
}

bool Talks::on_ack(const sip::Message& message) {
  Talk* const talk = find(message.call_id);
  if (!talk || !talk->owns(message)) return false;
  talk->acknowledged();
  return true;
}

bool Talks::on_bye(const sip::Message& message, const sip::Way& way) {
  Talk* const talk = find(message.call_id);
  if (!talk || !talk->answered() || !talk->owns(message)) return false;
  talk->forget_dialog();  // it is over: no BYE of ours
  line_.answer(message, way, 200, outside_.now());
  finish(*talk, SignalErrc::ended_by_device);
  return true;
}

// RFC 3261 9.2: what has its final answer already goes on, and is ended by BYE.
bool Talks::on_cancel(const sip::Message& message, const sip::Way& way) {
  Talk* const talk = find(message.call_id);
  if (!talk || !talk->asked_for()) return false;
  line_.answer(message, way, 200, outside_.now());
  if (!talk->answered()) finish(*talk, SignalErrc::ended_by_device);
  return true;
}

void Talks::on_response(const std::string& device, const manscdp::Message& said) {
  if (base::iequals(said.root.text_of("Result"), "OK")) return;  // its INVITE will come
  const std::string prefix = device + "/";
  for (auto it = talks_.lower_bound(prefix); it != talks_.end() && it->first.starts_with(prefix); ++it) {
    if (!it->second->announced() || it->second->sn() != said.sn) continue;
    return finish(*it->second, SignalErrc::refused);
  }
}

void Talks::tick(base::Instant now) {
  for (auto it = talks_.begin(); it != talks_.end();) (void)it++->second->look(now);
  line_.run();
}

void Talks::end_all(ErrorCode why) {
  while (!talks_.empty()) finish(*talks_.begin()->second, why);
  line_.run();
}

std::vector<TalkRow> Talks::rows(const std::string& device) const {
  std::vector<TalkRow> rows;
  for (const auto& [key, talk] : talks_) {
    if (device.empty() || talk->plan().device == device) rows.push_back(talk->row());
  }
  for (const TalkRow& row : recent_) {
    if (device.empty() || row.device == device) rows.push_back(row);
  }
  return rows;
}

void Talks::add_to(Totals& totals) const {
  totals.talks = talks_.size();
  for (const auto& [key, talk] : talks_) totals.talking += talk->ever_talked() ? 1 : 0;
  totals.talks_begun = begun_;
  totals.talks_failed = failures_;
}

}  // namespace weir::session::gb28181
