#pragma once

#include "proto/sip/dialog.h"
#include "session/gb28181/answer_again.h"
#include "session/gb28181/upper.h"

namespace weir::session::gb28181 {

// One INVITE of a platform above, from its first word to its BYE or ours.
class Upper::Call final : public SendListener {
 public:
  // `request`: the stream that is sent, which is a recording of the channel's if the offer asks for one.
  Call(Upper& upper, sip::Message invite, const sip::Way& way, const Channel& channel, const hub::Request& request,
       ForeignOffer offer);
  ~Call() override;

  void on_ready(std::uint16_t port) override;
  // The end of this object.
  void on_end(base::ErrorCode why) override;
  void acknowledged();
  // It ends because of us: by a final answer, or by BYE. The end of this object is the caller's.
  void refuse(unsigned status);
  void hang_up();
  // The answer is said again until it is acknowledged, since a datagram may be lost. False: for too long.
  bool look(base::Instant now);
  bool answered() const { return dialog_.has_value(); }
  bool owns(const sip::Message& request) const { return !dialog_ || dialog_->owns(request); }
  bool of_recording() const { return offer_.purpose != Purpose::live; }
  const base::StreamKey& key() const { return key_; }
  SendRow row() const;

 private:
  // given
  Upper& upper_;
  sip::Message invite_;  // without its body
  sip::Way way_;
  std::string channel_;
  base::StreamKey key_;
  ForeignOffer offer_;

  // owned
  std::optional<SsrcPool::Ssrc> own_ssrc_;  // where the offer names none
  std::unique_ptr<SendPlace> place_;

  // state
  std::uint32_t ssrc_ = 0;
  std::optional<sip::Dialog> dialog_;
  sip::Message answer_;
  AnswerAgain again_;
  bool acknowledged_ = false;
};

}  // namespace weir::session::gb28181
