#include "base/random.h"
#include "session/common/frame_publisher.h"
#include "session/webrtc/codec_choice.h"
#include "session/webrtc/doors.h"
#include "session/webrtc/error.h"
#include "session/webrtc/receiver.h"

namespace weir::session::webrtc {

using base::ErrorCode;

namespace {

// A publisher's place at its stream, and the way from its packets to it.
class Publishing final : public Party {
 public:
  Publishing(net::Life& life, hub::Input input) : input_(std::move(input)), frames_(life, input_) {}

  void describe(sdp::AnswerOptions& options) override {
    using media::Codec;
    options.video = {Codec::h264, Codec::hevc, Codec::av1, Codec::vp9, Codec::vp8};
    options.audio = {Codec::opus, Codec::pcma, Codec::pcmu};
    options.several_codecs = true;  // the publisher's order is the one that it sends by
    choose_codecs(input_.record().request.param, options.video, options.audio);
    cname_ = options.cname;
  }

  std::unique_ptr<Conversation> begin(const sdp::Answer& answer, PacketSink& sink, Bell bell) override {
    const config::Rtc& settings = input_.record().request.vhost->rtc;
    Receiver::Options options;
    options.media = answer.media;
    std::uint32_t ssrc = 0;
    base::fill_random({reinterpret_cast<std::uint8_t*>(&ssrc), sizeof ssrc});
    options.ssrc = ssrc | 1U;
    options.cname = cname_;
    if (settings.rtc_to_rtmp) options.key_period = settings.pli_for_rtmp;
    options.drop_payload = static_cast<std::uint8_t>(settings.drop_for_pt);
    options.wake = bell.wake;
    options.breaker = bell.breaker;
    options.failed = [this, changed = std::move(bell.changed)](ErrorCode why) {
      ended_ = why;
      changed();
    };
    auto receiver = std::make_unique<Receiver>(frames_, sink, std::move(options));
    receiver_ = receiver.get();
    input_.when_key_wanted([this, wake = std::move(bell.wake)] {
      if (!receiver_) return;
      receiver_->want_key_frame();
      wake(std::chrono::steady_clock::now());
    });
    return receiver;
  }

  const hub::Record& record() const override { return input_.record(); }
  void tell(Report& report) const override {
    if (receiver_) webrtc::tell(report, receiver_->figures());
  }
  ErrorCode ended() override { return ended_; }
  void over(ErrorCode why) override {
    receiver_ = nullptr;
    frames_.finish();
    // It said so itself: nobody waits for it to come back.
    if (why == Errc::left || why == Errc::deleted) input_.finish();
  }

 private:
  // owned
  hub::Input input_;
  FramePublisher frames_;

  // state
  std::string cname_;
  Receiver* receiver_ = nullptr;  // the session's
  ErrorCode ended_;
};

}  // namespace

net::Task<hub::Verdict<std::unique_ptr<Party>>> publish(hub::Hub& hub, net::Life& life, hub::Request request,
                                                        hub::Link link) {
  CO_TRY(hub::Input input, co_await hub.publish(life, std::move(request), link));
  co_return std::make_unique<Publishing>(life, std::move(input));
}

}  // namespace weir::session::webrtc
