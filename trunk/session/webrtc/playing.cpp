#include "pack/formats.h"
#include "session/common/upstream/error.h"
#include "session/webrtc/codec_choice.h"
#include "session/webrtc/doors.h"
#include "session/webrtc/error.h"
#include "session/webrtc/player.h"

namespace weir::session::webrtc {

using base::ErrorCode;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds fetch_limit{8'000};  // a stream on its way; then its player waits for it

// A player's seat at the packets of its stream. One who came before the publisher, or stays behind it, waits for the
// next one for publish_wait.
class Playing final : public Party {
 public:
  Playing(hub::Hub& hub, hub::Subscription subscription) : hub_(hub), subscription_(std::move(subscription)) {}

  void describe(sdp::AnswerOptions& options) override {
    using media::Codec;
    // What will be published next is not known: whatever the peer takes, in its own order.
    options.video = {Codec::h264, Codec::hevc, Codec::av1, Codec::vp9, Codec::vp8};
    options.audio = {Codec::opus, Codec::pcma, Codec::pcmu};
    options.several_codecs = true;
    choose_codecs(subscription_.record().request.param, options.video, options.audio);
    cname_ = options.cname;
  }

  std::unique_ptr<Conversation> begin(const sdp::Answer& answer, PacketSink& sink, Bell bell) override {
    PlayerOptions options;
    options.media = answer.media;
    options.cname = cname_;
    options.want_key_frame = [&hub = hub_, key = subscription_.record().request.key()] { hub.want_key_frame(key); };
    options.wake = std::move(bell.wake);
    options.changed = std::move(bell.changed);
    options.breaker = bell.breaker;
    auto player = std::make_unique<Player>(subscription_.feed(), sink, std::move(options));
    player_ = player.get();
    hub::Record& listed = subscription_.record();
    player_->note_first(listed.first_media);
    listed.behind = [this] { return player_->behind(); };
    listed.skips = [this] { return player_->skips(); };
    return player;
  }

  const hub::Record& record() const override { return subscription_.record(); }

  void tell(Report& report) const override {
    if (player_) webrtc::tell(report, player_->figures());
  }

  ErrorCode ended() override {
    if (!player_) return {};
    const hub::Feed& feed = subscription_.feed();
    if (player_->left()) return Errc::left;
    if (player_->error()) return player_->error();
    if (feed.absence()) return feed.absence();
    if (feed.live()) {
      alone_since_.reset();
      return {};
    }
    const auto now = Clock::now();
    if (!alone_since_) alone_since_ = now;
    if (now - *alone_since_ < feed.vhost().play.publish_wait) return {};
    return hub::Errc::nobody_published;
  }

  void over(ErrorCode) override {
    hub::Record& listed = subscription_.record();
    listed.counted_skips = player_ ? player_->skips() : 0;
    listed.behind = nullptr;
    listed.skips = nullptr;
    player_ = nullptr;
  }

 private:
  // given
  hub::Hub& hub_;

  // owned
  hub::Subscription subscription_;

  // state
  std::string cname_;
  Player* player_ = nullptr;  // the session's
  std::optional<Clock::time_point> alone_since_;
};

}  // namespace

net::Task<hub::Verdict<std::unique_ptr<Party>>> play(hub::Hub& hub, net::Life& life, hub::Request request,
                                                     hub::Link link) {
  const TrackChoice choice = choose_tracks(request.param).value_or(TrackChoice());
  const hub::FormatId format = pack::rtp_of(choice.video, choice.audio);
  const base::StreamKey key = request.key();
  CO_TRY(hub::Subscription subscription, co_await hub.subscribe(life, std::move(request), format, link));
  const hub::Feed& feed = subscription.feed();
  // Whoever cannot have it is told so in place of an answer.
  if (!feed.live() && hub.directory().starting(key)) {
    hub::FeedWaiter waiter(hub.worker(), fetch_limit);
    co_await waiter.wait(subscription.feed());
  }
  if (const ErrorCode why = feed.absence()) {
    log::warn(life.log(), "play of {} by WebRTC: {}", subscription.record().request.url(), why.message());
    if (upstream::is_absence(why)) co_return hub::Errc::nobody_published;
    co_return Errc::not_to_be_had;
  }
  co_return std::make_unique<Playing>(hub, std::move(subscription));
}

}  // namespace weir::session::webrtc
