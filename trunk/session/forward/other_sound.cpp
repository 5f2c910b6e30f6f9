#include "session/forward/other_sound.h"

#include "net/worker.h"

namespace weir::session::forward {

namespace {

constexpr std::chrono::seconds between_looks{1};  // for readers that take nothing

}  // namespace

OtherSound::OtherSound(hub::Hub& hub, const hub::Request& stream, std::shared_ptr<const SoundFile> sound,
                       hub::FormatId format)
    : hub_(hub),
      key_(stream.key()),
      loop_(sound),
      held_(hub.memory(), hub::Cache::messages),
      feed_(hub.cadence(), stream.vhost, {hub.worker().logger(), {}, {}}, hub.memory()),
      source_(stream.vhost, hub.formats(), {}, hub.memory()),
      timer_([this] { look(); }) {
  held_.set(sound->bytes);
  hub::Source* const from = hub_.find_source(key_);
  if (!from) return;
  source_.add_outlet({hub_.worker().index(), format}, &feed_);
  attached_ = true;
  from->add_sink(*this, true);
  look();
}

OtherSound::~OtherSound() { end(); }

void OtherSound::end() {
  if (!std::exchange(attached_, false)) return;
  timer_.disarm();
  if (hub::Source* from = hub_.find_source(key_)) from->remove_sink(*this);
  source_.end();
}

void OtherSound::on_tracks(const media::Tracks& tracks) {
  media::Tracks told;
  for (const media::Track& track : tracks) {
    if (media::kind_of(track.parameters->codec) != media::Kind::audio) told.push_back(track);
  }
  told.push_back(loop_.track());
  source_.set_tracks(std::move(told));
}

void OtherSound::on_frame(const media::FrameRef& frame, bool) {
  loop_.go_on(frame->dts, [this](media::FrameRef sound) { source_.append(std::move(sound)); });
  if (media::kind_of(frame->codec) != media::Kind::audio) source_.append(frame);
}

void OtherSound::look() {
  feed_.check_stalled(std::chrono::steady_clock::now());
  hub_.worker().wheel().arm(timer_, between_looks);
}

}  // namespace weir::session::forward
