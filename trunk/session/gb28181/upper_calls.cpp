#include <algorithm>

#include "session/gb28181/upper_call.h"

// What a platform above is sent: INVITE, ACK, CANCEL, BYE.
namespace weir::session::gb28181 {

using base::Instant;

Upper::Call::Call(Upper& upper, sip::Message invite, const sip::Way& way, const Channel& channel,
                  const hub::Request& request, ForeignOffer offer)
    : upper_(upper),
      invite_(std::move(invite)),
      way_(way),
      channel_(channel.id),
      key_(request.key()),
      offer_(std::move(offer)) {
  invite_.body.clear();
  if (!offer_.ssrc) own_ssrc_ = upper_.ssrcs_.take(false);
  ssrc_ = offer_.ssrc ? *offer_.ssrc : own_ssrc_ ? own_ssrc_->value() : 0;
  // Who listens there is connected to from here, and the other way round.
  const auto ours = offer_.transport == MediaTransport::tcp_passive  ? MediaTransport::tcp_active
                    : offer_.transport == MediaTransport::tcp_active ? MediaTransport::tcp_passive
                                                                     : MediaTransport::udp;
  place_ = upper_.outside_.sending().open({.request = request,
                                           .transport = ours,
                                           .address = offer_.address,
                                           .port = offer_.port,
                                           .local_address = way_.local_address,
                                           .ssrc = ssrc_},
                                          *this);
}

Upper::Call::~Call() {
  if (of_recording()) upper_.below_.end_recording(key_);
}

void Upper::Call::on_ready(std::uint16_t port) {
  const Instant now = upper_.outside_.now();
  const auto& id = upper_.settings_.upper.id;
  upper_.line_.answer(invite_, way_, 200, now, [&](sip::Message& out) {
    out.add("Contact", Line::contact_of(id, way_)).add("Content-Type", "APPLICATION/SDP");
    out.body = make_answer_sdp(offer_, id, way_.local_address, port, ssrc_, upper_.below_.file_bytes(key_));
    answer_ = out;
  });
  dialog_ = sip::Dialog::accepted(invite_, answer_);
  again_.begin(now, way_.reliable());
  upper_.line_.run();
}

void Upper::Call::on_end(base::ErrorCode) {
  Upper& upper = upper_;
  if (answered()) {
    // It is told why before it is told that it is over (9.8.2.1).
    if (of_recording()) (void)upper.send_body(manscdp::media_status(upper.next_sn(), channel_));
    hang_up();
  } else {
    refuse(480);
  }
  upper.end_call(std::string(invite_.call_id));
  upper.line_.run();
}

void Upper::Call::refuse(unsigned status) {
  ++upper_.counts_.refused;
  upper_.line_.answer(invite_, way_, status, upper_.outside_.now());
}

void Upper::Call::hang_up() {
  if (!dialog_) return;
  // It may have another way to us by now.
  const sip::Way& way = way_.reliable() && upper_.way_.connection != way_.connection ? upper_.way_ : way_;
  (void)upper_.line_.send(dialog_->request("BYE"), way, upper_.outside_.now());
  dialog_.reset();
}

void Upper::Call::acknowledged() {
  if (!again_.acknowledge()) return;
  acknowledged_ = true;
  place_->begin();
}

bool Upper::Call::look(Instant now) {
  const auto due = again_.look(now);
  if (due == AnswerAgain::Due::again) upper_.line_.transactions().respond(invite_, way_, answer_, now);
  return due != AnswerAgain::Due::given_up;
}

SendRow Upper::Call::row() const {
  SendRow row{.channel = channel_,
              .vhost = key_.vhost,
              .app = key_.app,
              .stream = key_.stream,
              .to = sip::host_port(offer_.address, offer_.port),
              .transport = offer_.transport,
              .ssrc = ssrc_,
              .figures = place_->figures()};
  row.state = row.figures.sending ? "sending" : answered() ? "answered" : "asked";
  return row;
}

void Upper::on_invite(const sip::Message& message, const sip::Way& way) {
  const Instant now = outside_.now();
  ++counts_.invites;
  const auto refuse = [&](unsigned status) {
    ++counts_.refused;
    line_.answer(message, way, status, now);
  };
  if (calls_.contains(message.call_id)) return refuse(488);  // nothing of a call can be changed
  const auto uri = sip::parse_uri(message.uri);
  const Channel* channel = uri ? find_channel(uri->user) : nullptr;
  // Some write their own idea of a URI, and the channel in the subject.
  if (!channel) channel = find_channel(std::string(message.header("Subject").substr(0, 20)));
  if (!channel) return refuse(404);
  const auto offer = parse_offer(message.body);
  if (!offer) return refuse(488);
  if (calls_.size() >= most_calls) return refuse(503);
  hub::Request request = channel->request;
  if (offer->purpose != Purpose::live) {
    const auto place = device_of(channel->id);
    if (!place) return refuse(488);  // streams of nobody's device are not recorded here
    auto recording = below_.begin_recording(*place, offer->purpose, offer->span, offer->speed);
    if (!recording) return refuse(480);
    request = *std::move(recording);
  }
  line_.answer(message, way, 100, now);
  calls_.emplace(message.call_id, std::make_unique<Call>(*this, message, way, *channel, request, *offer));
}

// Of a recording: MANSRTSP, which the device does.
void Upper::on_info(const sip::Message& message, const sip::Way& way) {
  const auto found = calls_.find(message.call_id);
  const bool ours = found != calls_.end() && found->second->answered() && found->second->owns(message);
  if (!ours) return line_.answer(message, way, 481, outside_.now());
  const auto what = manscdp::parse_playback_request(message.body);
  const bool ends = what && what->action == manscdp::Playback::Action::teardown;  // its BYE comes
  const bool good = what && found->second->of_recording() && (ends || below_.control(found->second->key(), *what));
  line_.answer(message, way, good ? 200 : 488, outside_.now());
}

void Upper::on_ack(const sip::Message& message) {
  const auto found = calls_.find(message.call_id);
  if (found != calls_.end() && found->second->owns(message)) found->second->acknowledged();
}

void Upper::on_bye(const sip::Message& message, const sip::Way& way) {
  const auto found = calls_.find(message.call_id);
  if (found == calls_.end() || !found->second->answered() || !found->second->owns(message)) {
    return line_.answer(message, way, 481, outside_.now());
  }
  line_.answer(message, way, 200, outside_.now());
  calls_.erase(found);
}

// RFC 3261 9.2: what has its final answer already goes on, and is ended by BYE.
void Upper::on_cancel(const sip::Message& message, const sip::Way& way) {
  const auto found = calls_.find(message.call_id);
  if (found == calls_.end()) return line_.answer(message, way, 481, outside_.now());
  line_.answer(message, way, 200, outside_.now());
  if (found->second->answered()) return;
  found->second->refuse(487);
  calls_.erase(found);
}

void Upper::look_at_calls(Instant now) {
  std::vector<std::string> over;
  for (const auto& [id, call] : calls_) {
    if (!call->look(now)) over.push_back(id);
  }
  for (const std::string& id : over) {
    calls_.at(id)->hang_up();
    calls_.erase(id);
  }
}

void Upper::end_call(const std::string& call_id) { calls_.erase(call_id); }

void Upper::end_calls() {
  for (const auto& [id, call] : calls_) call->answered() ? call->hang_up() : call->refuse(480);
  calls_.clear();
}

}  // namespace weir::session::gb28181
