#pragma once

#include "session/gb28181/answer_again.h"
#include "session/gb28181/talks.h"
#include "session/gb28181/voice_offer.h"

namespace weir::session::gb28181 {

// Sound on its way to one loudspeaker. Only for talks.cpp and talk.cpp.
class Talks::Talk final : public SendListener {
 public:
  Talk(Talks& talks, TalkPlan plan, std::string key);

  void on_ready(std::uint16_t port) override;
  // The end of this object.
  void on_end(base::ErrorCode why) override;

  // False: it is over, and this object gone. Of all that say so.
  bool begin(const Device& device);
  bool invited(const sip::Message& invite, const sip::Way& way);
  bool look(base::Instant now);
  void acknowledged();
  // BYE, CANCEL or a refusal that says why, whichever is due; media ends.
  void hang_up(base::ErrorCode why);

  const TalkPlan& plan() const { return plan_; }
  const std::string& key() const { return key_; }
  bool announced() const { return state_ == TalkState::announced; }
  bool answered() const { return dialog_.has_value(); }
  bool owns(const sip::Message& message) const { return !dialog_ || dialog_->owns(message); }
  std::uint32_t sn() const { return sn_; }
  bool asked_for() const { return invite_.has_value(); }  // by the device's INVITE
  // The device has ended it.
  void forget_dialog() {
    dialog_.reset();
    invite_.reset();
  }
  bool ever_talked() const { return talked_; }
  TalkRow row() const;

 private:
  bool announce(const Device& device);
  bool open(const std::string& address, std::uint16_t port, MediaTransport ours, const VoiceForm& form);
  void send_invite(std::uint16_t port);
  void on_invite_answer(const std::shared_ptr<const sip::Message>& invite, const sip::Event& event);
  void enter(TalkState state);
  void flow();
  bool fail(base::ErrorCode why);
  std::string our_address() const;

  // given
  Talks& talks_;
  TalkPlan plan_;
  std::string key_;

  // owned
  std::optional<SsrcPool::Ssrc> own_ssrc_;  // where the device names none
  std::unique_ptr<SendPlace> place_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for answers that come late

  // state
  TalkState state_ = TalkState::announced;
  base::Instant since_{};
  std::optional<base::Instant> give_up_;
  sip::Way way_;
  std::uint32_t sn_ = 0, ssrc_ = 0;
  sip::RequestId request_ = 0;          // our INVITE, without its final answer
  std::optional<sip::Message> invite_;  // the device's, without its body
  std::string call_id_;
  std::optional<VoiceOffer> offer_;
  sip::Message answer_;
  std::optional<sip::Dialog> dialog_;
  AnswerAgain again_;
  MediaTransport transport_ = MediaTransport::udp;
  std::string to_;
  bool talked_ = false;
};

}  // namespace weir::session::gb28181
