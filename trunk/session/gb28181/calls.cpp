#include "session/gb28181/calls.h"

#include <algorithm>

namespace weir::session::gb28181 {

using base::ErrorCode;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr auto longest_pause = 60s;
constexpr unsigned first_attempts = 2;  // of who waits for a stream: a device behind mobile radio may need the second

// What another attempt may mend.
bool may_pass(ErrorCode why) { return why == SignalErrc::no_answer || why == MediaErrc::no_packet; }

}  // namespace

class Calls::Call final : public MediaListener {
 public:
  Call(Calls& calls, CallPlan plan, std::uint64_t number)
      : owner(calls), plan(std::move(plan)), key(this->plan.request.key()), serial(number) {}

  void on_media() override {
    ever_played = media = true;
    failures_in_row = 0;
    why = {};
    reason.clear();
    enter(CallState::playing);
  }
  // May be the end of this object.
  void on_end(ErrorCode ended, const std::string& said) override {
    Calls& calls = owner;
    calls.failed(base::StreamKey(key), ended, said);
    calls.line_.run();
  }
  void enter(CallState next) {
    state = next;
    since = owner.outside_.now();
  }

  // given
  Calls& owner;
  CallPlan plan;
  base::StreamKey key;
  std::uint64_t serial;  // of the attempt: answers to earlier ones are known by it

  // owned
  std::optional<SsrcPool::Ssrc> ssrc;
  std::unique_ptr<MediaPlace> place;

  // state
  CallState state = CallState::waiting;
  base::Instant since{};
  sip::RequestId invite = 0;
  std::optional<sip::Dialog> dialog;
  sip::Way way;
  std::string expected, format;
  std::uint64_t attempts = 0, failures = 0, file_bytes = 0;
  unsigned failures_in_row = 0;
  std::uint32_t rtsp_cseq = 0;
  bool media = false;  // of this attempt
  bool ever_played = false;
  ErrorCode why;
  std::string reason;
};

Calls::Calls(Outside& outside, Line& line, Devices& devices, Settings settings)
    : outside_(outside), line_(line), devices_(devices), settings_(std::move(settings)), ssrcs_(line.domain()) {}

Calls::~Calls() = default;

Calls::Call* Calls::find(const base::StreamKey& key) {
  const auto found = calls_.find(key);
  return found == calls_.end() ? nullptr : found->second.get();
}

Result<void> Calls::begin(CallPlan plan) {
  const base::StreamKey key = plan.request.key();
  if (Call* known = find(key)) {
    known->plan.reason = std::max(known->plan.reason, plan.reason);
    if (known->state == CallState::waiting) {
      known->plan.channel = std::move(plan.channel);  // its catalogue may have come since
      agenda_.set(key, outside_.now());
    }
    return {};
  }
  if (calls_.size() >= most_calls) return SignalErrc::too_many;
  const Device* device = devices_.find(plan.device);
  if (!device) return SignalErrc::no_such_device;
  if (plan.reason != CallPlan::Reason::always) {
    if (!device->online) return SignalErrc::device_offline;
    if (!device->reachable) return SignalErrc::device_unreachable;
  }
  by_device_[plan.device].insert(key);
  invite(*calls_.emplace(key, std::make_unique<Call>(*this, std::move(plan), ++serial_)).first->second);
  line_.run();
  if (!calls_.contains(key)) return last_error_;
  return {};
}

void Calls::invite(Call& call) {
  const base::StreamKey key = call.key;
  agenda_.cancel(key);
  call.serial = ++serial_;
  call.media = false;
  ++call.attempts;
  ++invites_;
  const Device* device = devices_.find(call.plan.device);
  if (!device) return finish(key, SignalErrc::no_such_device, {});
  if (!device->online) return failed(key, SignalErrc::device_offline, device->offline_reason);
  if (!device->reachable) return failed(key, SignalErrc::device_unreachable, {});
  call.ssrc = ssrcs_.take(call.plan.purpose != Purpose::live);
  if (!call.ssrc) return failed(key, SignalErrc::no_ssrc, {});
  hub::Request request = call.plan.request;
  request.peer = {device->source.address, device->source.port};
  auto place = outside_.desk().open({.request = std::move(request),
                                     .ssrc = call.ssrc->value(),
                                     .transport = settings_.transport,
                                     .recording = call.plan.purpose != Purpose::live},
                                    call);
  if (!place) return failed(key, place.error(), {});
  call.place = *std::move(place);
  if (call.plan.purpose == Purpose::live) {
    call.place->when_key_wanted([this, key] { ask_key_frame(key); });
  }
  call.way = device->way;
  const std::string address = settings_.candidate == "*" ? call.way.local_address : settings_.candidate;
  call.expected = sip::host_port(address, call.place->port());
  auto message = std::make_shared<sip::Message>(line_.make("INVITE", call.plan.channel, call.way));
  message->add("Subject", call.plan.channel + ":" + call.ssrc->text() + "," + line_.id() + ":0");
  message->add("Content-Type", "APPLICATION/SDP");
  message->body = make_offer({.purpose = call.plan.purpose,
                              .owner = line_.id(),
                              .channel = call.plan.channel,
                              .address = address,
                              .port = call.place->port(),
                              .transport = settings_.transport,
                              .ssrc = call.ssrc->text(),
                              .span = call.plan.span,
                              .speed = call.plan.speed});
  call.enter(CallState::inviting);
  call.invite = line_.send(
      *message, call.way, outside_.now(),
      [this, key, serial = call.serial, message](const sip::Event& event) { on_answer(key, serial, message, event); });
  if (call.invite == 0) return failed(key, SignalErrc::too_many, {});
  agenda_.set(key, outside_.now() + invite_limit);
}

void Calls::on_answer(const base::StreamKey& key, std::uint64_t serial,
                      const std::shared_ptr<const sip::Message>& invite, const sip::Event& event) {
  Call* call = find(key);
  const bool current = call && call->serial == serial;
  if (event.kind == sip::Event::Kind::timed_out) {
    if (current) failed(key, SignalErrc::no_answer, {});
    return;
  }
  if (event.message.status < 200) return;
  if (event.message.status >= 300) {
    if (current) {
      call->invite = 0;
      failed(key, signalling::error_of_status(event.message.status),
             std::to_string(event.message.status) + " " + event.message.reason);
    }
    return;
  }
  if (current) return accepted(*call, *invite, event);
  line_.end_late(*invite, event, outside_.now());
}

void Calls::accepted(Call& call, const sip::Message& invite, const sip::Event& event) {
  const base::StreamKey key = call.key;
  agenda_.cancel(key);
  call.invite = 0;
  call.dialog = sip::Dialog::of(invite, event.message);
  by_call_id_[call.dialog->call_id()] = key;
  line_.transactions().acknowledge(event.request, call.dialog->ack(), outside_.now());
  const auto answer = parse_offer_answer(event.message.body);
  if (!answer) return failed(key, answer.error(), {});
  call.file_bytes = answer->file_bytes;
  call.format = answer->format;
  // Some devices send before they answer.
  call.enter(call.media ? CallState::playing : CallState::accepted);
  call.place->answered(answer->media);
}

void Calls::forget_dialog(Call& call) {
  if (call.dialog) by_call_id_.erase(call.dialog->call_id());
  call.dialog.reset();
}

// A recording does not come back: its players are not kept for another attempt.
void Calls::finish_media(Call& call) {
  if (call.place && call.plan.purpose != Purpose::live) call.place->finish();
}

void Calls::hang_up(Call& call) {
  agenda_.cancel(call.key);
  if (call.dialog) {
    // The device may have moved since.
    const Device* device = devices_.find(call.plan.device);
    const sip::Way& way = device && device->reachable ? device->way : call.way;
    (void)line_.send(call.dialog->request("BYE"), way, outside_.now());
    forget_dialog(call);
  } else if (call.invite != 0) {
    line_.transactions().cancel(call.invite, outside_.now());
  }
  call.invite = 0;
  call.serial = ++serial_;
  call.place.reset();
  call.ssrc.reset();
}

void Calls::failed(const base::StreamKey& key, ErrorCode why, std::string reason) {
  Call* call = find(key);
  if (!call) return;
  ++call->failures;
  ++failures_;
  ++call->failures_in_row;
  const bool over = why == SignalErrc::at_end || call->plan.reason == CallPlan::Reason::asked;
  if (over) finish_media(*call);
  hang_up(*call);
  call->why = why;
  call->reason = reason;
  const bool told = call->plan.reason == CallPlan::Reason::wanted && !call->ever_played &&
                    (call->attempts >= first_attempts || !may_pass(why));
  if (over || told) return finish(key, why, std::move(reason));
  call->enter(CallState::waiting);
  auto pause = std::chrono::duration_cast<base::Instant::duration>(settings_.reinvite);
  // Who waits for a first picture does not wait for the pause, too.
  if (call->plan.reason == CallPlan::Reason::wanted && !call->ever_played) pause = {};
  for (unsigned i = 1; i < std::min(call->failures_in_row, 6U); ++i) pause *= 2;
  agenda_.set(key, outside_.now() + std::min<base::Instant::duration>(pause, longest_pause));
}

void Calls::finish(const base::StreamKey& key, ErrorCode why, std::string reason) {
  const auto found = calls_.find(key);
  if (found == calls_.end()) return;
  Call& call = *found->second;
  finish_media(call);
  hang_up(call);
  call.why = why;
  call.reason = std::move(reason);
  call.enter(CallState::over);
  recent_.push_front(row_of(call));
  if (recent_.size() > most_recent) recent_.pop_back();
  const bool wanted = call.plan.reason == CallPlan::Reason::wanted && why != SignalErrc::not_wanted;
  last_error_ = why;
  if (const auto of_device = by_device_.find(call.plan.device); of_device != by_device_.end()) {
    of_device->second.erase(key);
    if (of_device->second.empty()) by_device_.erase(of_device);
  }
  calls_.erase(found);
  if (wanted) outside_.cannot_start(key, why);
}

void Calls::end(const base::StreamKey& key, ErrorCode why) {
  finish(base::StreamKey(key), why, {});
  line_.run();
}

void Calls::unwanted(const base::StreamKey& key) {
  Call* call = find(key);
  if (call && call->plan.reason == CallPlan::Reason::wanted) end(key, SignalErrc::not_wanted);
}

void Calls::device_lost(const std::string& device, ErrorCode why, const std::string& reason) {
  const auto found = by_device_.find(device);
  if (found == by_device_.end()) return;
  for (const base::StreamKey& key : std::set<base::StreamKey>(found->second)) failed(key, why, reason);
  line_.run();
}

void Calls::device_back(const std::string& device) {
  const auto found = by_device_.find(device);
  if (found == by_device_.end()) return;
  for (const base::StreamKey& key : found->second) {
    if (find(key)->state == CallState::waiting) agenda_.set(key, outside_.now());
  }
}

bool Calls::on_bye(const sip::Message& message, const sip::Way& way) {
  const auto found = by_call_id_.find(message.call_id);
  if (found == by_call_id_.end()) return false;
  const base::StreamKey key = found->second;
  Call* call = find(key);
  if (!call || !call->dialog || !call->dialog->owns(message)) return false;
  forget_dialog(*call);  // it is over: no BYE of ours
  line_.answer(message, way, 200, outside_.now());
  failed(key, call->plan.purpose == Purpose::live ? SignalErrc::ended_by_device : SignalErrc::at_end, {});
  return true;
}

void Calls::on_media_status(const sip::Message& message, const std::string& device, const std::string& channel) {
  if (const auto found = by_call_id_.find(message.call_id); found != by_call_id_.end()) {
    return finish(base::StreamKey(found->second), SignalErrc::at_end, {});
  }
  const auto of_device = by_device_.find(device);
  if (of_device == by_device_.end()) return;
  for (const base::StreamKey& key : std::set<base::StreamKey>(of_device->second)) {
    const Call* call = find(key);
    if (call->plan.purpose == Purpose::live || (call->plan.channel != channel && device != channel)) continue;
    return finish(key, SignalErrc::at_end, {});
  }
}

Result<void> Calls::control(const base::StreamKey& key, const manscdp::Playback& what) {
  Call* call = find(key);
  if (!call || !call->dialog) return SignalErrc::no_such_call;
  if (call->plan.purpose == Purpose::live) return SignalErrc::not_playback;
  const Device* device = devices_.find(call->plan.device);
  if (!device || !device->online) return SignalErrc::device_offline;
  sip::Message info = call->dialog->request("INFO");
  info.add("Content-Type", "Application/MANSRTSP");
  info.body = manscdp::playback_request(what, ++call->rtsp_cseq, device->speaks_2022());
  if (line_.send(std::move(info), device->way, outside_.now()) == 0) return SignalErrc::too_many;
  if (what.action == manscdp::Playback::Action::seek) call->place->sought();
  call->place->pause(what.action == manscdp::Playback::Action::pause);
  line_.run();
  return {};
}

void Calls::ask_key_frame(const base::StreamKey& key) {
  Call* call = find(key);
  if (!call) return;
  const Device* device = devices_.find(call->plan.device);
  if (!device || !device->online || !device->reachable) return;
  ++key_frames_;
  // 2016 has a spelling of its own, which 2022 mends.
  const std::string_view name = device->speaks_2022() ? "IFrameCmd" : "IFameCmd";
  (void)line_.send_body(
      call->plan.channel, device->way,
      manscdp::control(static_cast<std::uint32_t>(++serial_ & 0x7fffffffU), call->plan.channel, name, "Send"),
      outside_.now());
  line_.run();
}

void Calls::tick(base::Instant now) {
  while (const auto key = agenda_.take_due(now)) {
    Call* call = find(*key);
    if (!call) continue;
    if (call->state == CallState::inviting) {
      failed(*key, SignalErrc::no_answer, {});
    } else if (call->state == CallState::waiting) {
      invite(*call);
    }
  }
  line_.run();
}

void Calls::end_all(ErrorCode why) {
  while (!calls_.empty()) finish(base::StreamKey(calls_.begin()->first), why, {});
  line_.run();
}

CallRow Calls::row_of(const Call& call) const {
  CallRow row{.vhost = call.key.vhost,
              .app = call.key.app,
              .stream = call.key.stream,
              .device = call.plan.device,
              .channel = call.plan.channel,
              .purpose = call.plan.purpose,
              .state = call.state,
              .state_seconds = std::chrono::duration<double>(outside_.now() - call.since).count(),
              .ssrc = call.ssrc ? call.ssrc->text() : std::string(),
              .expected = call.expected,
              .transport = settings_.transport,
              .attempts = call.attempts,
              .failures = call.failures,
              .file_bytes = call.file_bytes,
              .format = call.format};
  if (call.place) row.media = call.place->figures();
  if (call.why) {
    row.why = call.why.message();
    if (!call.reason.empty()) row.why += ": " + call.reason;
  } else if (call.state == CallState::inviting) {
    row.why = "the device has not answered the INVITE yet";
  } else if (call.state == CallState::accepted) {
    row.why = row.media.why.empty() ? "no picture has come to " + call.expected + " yet" : row.media.why;
  }
  return row;
}

std::uint64_t Calls::file_bytes(const base::StreamKey& key) const {
  const auto found = calls_.find(key);
  return found == calls_.end() ? 0 : found->second->file_bytes;
}

std::vector<CallRow> Calls::rows(const std::string& device) const {
  std::vector<CallRow> rows;
  for (const auto& [key, call] : calls_) {
    if (device.empty() || call->plan.device == device) rows.push_back(row_of(*call));
  }
  for (const CallRow& row : recent_) {
    if (device.empty() || row.device == device) rows.push_back(row);
  }
  return rows;
}

void Calls::add_to(Totals& totals) const {
  totals.calls = calls_.size();
  for (const auto& [key, call] : calls_) totals.playing += call->state == CallState::playing ? 1 : 0;
  totals.invites = invites_;
  totals.failed_calls = failures_;
  totals.key_frames_asked = key_frames_;
}

}  // namespace weir::session::gb28181
