#include "session/gb28181/talk.h"

namespace weir::session::gb28181 {

using base::ErrorCode;
using base::Instant;

Talks::Talk::Talk(Talks& talks, TalkPlan plan, std::string key)
    : talks_(talks), plan_(std::move(plan)), key_(std::move(key)), since_(talks.outside_.now()) {}

void Talks::Talk::enter(TalkState state) {
  state_ = state;
  since_ = talks_.outside_.now();
  give_up_.reset();
}

bool Talks::Talk::fail(ErrorCode why) {
  talks_.finish(*this, why);
  return false;
}

std::string Talks::Talk::our_address() const {
  return talks_.settings_.candidate == "*" ? way_.local_address : talks_.settings_.candidate;
}

bool Talks::Talk::begin(const Device& device) {
  way_ = device.way;
  if (plan_.way == TalkWay::broadcast) return announce(device);
  own_ssrc_ = talks_.ssrcs_.take(false);
  if (!own_ssrc_) return fail(SignalErrc::no_ssrc);
  ssrc_ = own_ssrc_->value();
  enter(TalkState::preparing);
  return open(device.source.address, 0, talks_.settings_.transport, {.packet = talks_.settings_.packet});
}

bool Talks::Talk::announce(const Device&) {
  sn_ = talks_.next_sn();
  const Instant now = talks_.outside_.now();
  const auto id = talks_.line_.send_body(plan_.target, way_, manscdp::broadcast(sn_, talks_.line_.id(), plan_.target),
                                         now, [this, alive = std::weak_ptr(alive_)](const sip::Event& event) {
                                           if (alive.expired() || state_ != TalkState::announced) return;
                                           if (event.kind == sip::Event::Kind::timed_out) {
                                             (void)fail(SignalErrc::no_answer);
                                           } else if (event.message.status >= 300) {
                                             (void)fail(signalling::error_of_status(event.message.status));
                                           }
                                         });
  if (id == 0) return fail(SignalErrc::too_many);
  enter(TalkState::announced);
  give_up_ = now + invite_limit;
  return true;
}

bool Talks::Talk::open(const std::string& address, std::uint16_t port, MediaTransport ours, const VoiceForm& form) {
  transport_ = ours;
  place_ = talks_.outside_.sending().open({.request = plan_.request,
                                           .transport = ours,
                                           .address = address,
                                           .port = port,
                                           .local_address = way_.local_address,
                                           .ssrc = ssrc_,
                                           .voice = form},
                                          *this);
  return true;
}

// The device asks for what was announced.
bool Talks::Talk::invited(const sip::Message& invite, const sip::Way& way) {
  way_ = way;
  invite_ = invite;
  invite_->body.clear();
  call_id_ = invite.call_id;
  talks_.by_call_id_[call_id_] = this;
  auto offer = parse_voice_offer(invite.body);
  if (!offer) return fail(offer.error());
  if (offer->address.empty()) offer->address = way.address;
  offer->form.packet = talks_.settings_.packet;
  if (!offer->ssrc) own_ssrc_ = talks_.ssrcs_.take(false);
  ssrc_ = offer->ssrc ? *offer->ssrc : own_ssrc_ ? own_ssrc_->value() : 0;
  to_ = sip::host_port(offer->address, offer->port);
  offer_ = *std::move(offer);
  enter(TalkState::preparing);
  // Who listens there is connected to from here, and the other way round.
  const auto ours = offer_->transport == MediaTransport::tcp_passive  ? MediaTransport::tcp_active
                    : offer_->transport == MediaTransport::tcp_active ? MediaTransport::tcp_passive
                                                                      : MediaTransport::udp;
  return open(offer_->address, offer_->port, ours, offer_->form);
}

void Talks::Talk::on_ready(std::uint16_t port) {
  Line& line = talks_.line_;
  if (plan_.way == TalkWay::talk) {
    send_invite(port);
    return line.run();
  }
  if (!invite_ || !offer_) return;
  const Instant now = talks_.outside_.now();
  const std::string address = our_address();
  line.answer(*invite_, way_, 200, now, [&](sip::Message& out) {
    out.add("Contact", Line::contact_of(line.id(), way_)).add("Content-Type", "APPLICATION/SDP");
    out.body = make_voice_answer(*offer_, {.owner = line.id(), .address = address, .port = port, .ssrc = ssrc_});
    answer_ = out;
  });
  dialog_ = sip::Dialog::accepted(*invite_, answer_);
  enter(TalkState::answered);
  again_.begin(now, way_.reliable());
  line.run();
}

void Talks::Talk::acknowledged() {
  if (again_.acknowledge()) flow();
}

void Talks::Talk::flow() {
  enter(TalkState::talking);
  talked_ = true;
  place_->begin();
  talks_.tell_begun(*this);
}

void Talks::Talk::send_invite(std::uint16_t port) {
  Line& line = talks_.line_;
  const Instant now = talks_.outside_.now();
  auto message = std::make_shared<sip::Message>(line.make("INVITE", plan_.target, way_));
  message->add("Subject", plan_.target + ":" + own_ssrc_->text() + "," + line.id() + ":0");
  message->add("Content-Type", "APPLICATION/SDP");
  message->body = make_talk_offer(plan_.target, transport_,
                                  {.owner = line.id(), .address = our_address(), .port = port, .ssrc = ssrc_});
  call_id_ = message->call_id.empty() ? std::string(message->header("Call-ID")) : message->call_id;
  talks_.by_call_id_[call_id_] = this;
  enter(TalkState::inviting);
  request_ = line.send(
      *message, way_, now,
      [this, alive = std::weak_ptr(alive_), &line, &outside = talks_.outside_, message](const sip::Event& event) {
        if (!alive.expired()) return on_invite_answer(message, event);
        const bool late = event.kind == sip::Event::Kind::answer && event.message.status / 100 == 2;
        if (late) line.end_late(*message, event, outside.now());
      });
  if (request_ == 0) return (void)fail(SignalErrc::too_many);
  give_up_ = now + invite_limit;
}

void Talks::Talk::on_invite_answer(const std::shared_ptr<const sip::Message>& invite, const sip::Event& event) {
  if (event.kind == sip::Event::Kind::answer && event.message.status < 200) return;
  request_ = 0;
  if (event.kind == sip::Event::Kind::timed_out) return (void)fail(SignalErrc::no_answer);
  if (event.message.status >= 300) return (void)fail(signalling::error_of_status(event.message.status));
  dialog_ = sip::Dialog::of(*invite, event.message);
  talks_.line_.transactions().acknowledge(event.request, dialog_->ack(), talks_.outside_.now());
  auto answer = parse_voice_offer(event.message.body);
  if (!answer) return (void)fail(answer.error());
  if (answer->address.empty()) answer->address = event.way.address;
  to_ = sip::host_port(answer->address, answer->port);
  place_->aim(answer->address, answer->port);
  flow();
}

void Talks::Talk::on_end(ErrorCode why) {
  Line& line = talks_.line_;
  (void)fail(why);
  line.run();
}

bool Talks::Talk::look(Instant now) {
  switch (again_.look(now)) {
    case AnswerAgain::Due::again:
      if (invite_) talks_.line_.transactions().respond(*invite_, way_, answer_, now);
      break;
    case AnswerAgain::Due::given_up:
      return fail(SignalErrc::no_answer);
    case AnswerAgain::Due::nothing:
      break;
  }
  if (!give_up_ || *give_up_ > now) return true;
  return fail(state_ == TalkState::announced ? SignalErrc::not_invited : SignalErrc::no_answer);
}

void Talks::Talk::hang_up(ErrorCode why) {
  Line& line = talks_.line_;
  const Instant now = talks_.outside_.now();
  if (dialog_) {
    // The device may have moved since.
    const Device* device = talks_.devices_.find(plan_.device);
    (void)line.send(dialog_->request("BYE"), device && device->reachable ? device->way : way_, now);
  } else if (request_ != 0) {
    line.transactions().cancel(request_, now);
  } else if (invite_) {
    const bool unfit = why == SignalErrc::not_acceptable || why == SignalErrc::no_media;
    line.answer(*invite_, way_, unfit ? 488 : why == SignalErrc::ended_by_device ? 487 : 480, now);
  }
  dialog_.reset();
  invite_.reset();
  request_ = 0;
  place_.reset();
}

TalkRow Talks::Talk::row() const {
  TalkRow row{.device = plan_.device,
              .target = plan_.target,
              .vhost = plan_.request.key().vhost,
              .app = plan_.request.app,
              .stream = plan_.request.stream,
              .way = plan_.way,
              .state = state_,
              .state_seconds = std::chrono::duration<double>(talks_.outside_.now() - since_).count(),
              .to = to_,
              .transport = transport_,
              .codec = offer_ && offer_->form.codec == media::Codec::pcmu ? "pcmu" : "pcma",
              .in_program_stream = offer_ && offer_->form.in_program_stream,
              .ssrc = ssrc_};
  if (place_) row.figures = place_->figures();
  return row;
}

}  // namespace weir::session::gb28181
