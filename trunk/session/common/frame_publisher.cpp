#include "session/common/frame_publisher.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "net/patience.h"
#include "net/turn.h"
#include "net/worker.h"
#include "proto/rtp/pack_h26x.h"
#include "session/common/error.h"
#include "session/common/left_out.h"

namespace weir::session {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();
constexpr double changes_at_once = 4;  // times those of a second: many tracks may change together

std::string describe_track(const media::Track& track) {
  const media::CodecParameters& codec = *track.parameters;
  std::string text(media::name_of(codec.codec));
  if (!codec.profile.empty()) text += " " + codec.profile;
  if (!codec.level.empty()) text += " " + codec.level;
  if (codec.width > 0) text += fmt::format(" {}x{}", codec.width, codec.height);
  if (codec.sample_rate > 0) text += fmt::format(" {} Hz", codec.sample_rate);
  if (codec.channels > 0) text += fmt::format(" {} ch", codec.channels);
  return text;
}

bool keeps_time(const config::Play& play) { return play.atc || play.time_jitter == config::TimeJitter::off; }

media::Timeline::Options timeline_options(const config::Play& play) {
  using enum media::Timeline::Repair;
  media::Timeline::Options options;
  if (play.time_jitter == config::TimeJitter::zero) options.repair = origin;
  if (keeps_time(play)) options.repair = none;
  return options;
}

media::TrackProbe::Options probe_options(const config::Vhost& vhost) {
  media::TrackProbe::Options options;
  options.wait = std::chrono::duration_cast<base::Ticks>(vhost.publish.track_wait);
  options.most_bytes = static_cast<std::size_t>(vhost.play.gop_cache_max_bytes);
  return options;
}

}  // namespace

FramePublisher::FramePublisher(net::Life& life, hub::Input& input)
    : life_(life),
      input_(input),
      vhost_(*input.record().request.vhost),
      track_wait_(vhost_.publish.track_wait),
      timeline_(timeline_options(vhost_.play)),
      probe_(probe_options(vhost_)),
      wait_over_([this] { begin_stream(); }) {
  if (keeps_time(vhost_.play)) input_.keep_clock();
  if (track_wait_.count() == 0) probe_.release();
  if (vhost_.play.mix_correct) interleaver_.emplace();
  const double most = vhost_.publish.max_track_changes;
  if (most > 0) changes_.emplace(most * changes_at_once, most);
}

FramePublisher::~FramePublisher() { finish(); }

void FramePublisher::finish() {
  if (std::exchange(finished_, true)) return;
  timeline_.flush(placed_);
  drain_timeline();
  probe_.release();
  drain_probe(everything);
  if (!interleaver_) return;
  while (auto frame = interleaver_->flush()) input_.append(std::move(frame));
}

void FramePublisher::put(std::span<media::Frame> frames) {
  for (media::Frame& frame : frames) {
    timeline_.put(std::move(frame), placed_);
    ++frames_;
  }
  const bool any = !placed_.empty();
  const std::size_t came = placed_.size();
  drain_timeline();
  drain_probe(2 * came);  // what waits gets less, however slowly it is taken
  if (probe_.holding() && any && !std::exchange(waiting_, true)) {
    life_.worker().wheel().arm(wait_over_, track_wait_);
  }
}

// Whether one that players know already is another now. Each such change costs every output: a segment, a file, headers
// for all players.
bool FramePublisher::changes(const media::Tracks& tracks) const {
  return std::any_of(tracks.begin(), tracks.end(), [this](const media::Track& track) {
    const auto before =
        std::find_if(tracks_.begin(), tracks_.end(), [&](const media::Track& one) { return one.id == track.id; });
    return track.id != media::TrackId::data && before != tracks_.end() && before->generation != track.generation;
  });
}

base::Result<void> FramePublisher::set_tracks(media::Tracks tracks) {
  if (changes_ && changes(tracks) && !changes_->take(std::chrono::steady_clock::now())) {
    return Errc::tracks_change_too_often;
  }
  timeline_.set_tracks(tracks);
  if (draining_ || (probe_.holding() && probe_.replaces(tracks))) {
    probe_.release();
    drain_probe(everything);
  }
  tracks_ = std::move(tracks);
  probe_.set_tracks(tracks_);
  return {};
}

void FramePublisher::expect(media::TrackProbe::Expected expected) {
  if (probe_.holding()) probe_.expect(expected);
}

void FramePublisher::begin_stream() {
  if (!probe_.holding()) return;
  probe_.release();
  drain_probe(0);
}

void FramePublisher::drain_timeline() {
  for (media::Frame& frame : placed_) probe_.put(std::make_shared<media::Frame>(std::move(frame)));
  placed_.clear();
}

// Seconds of a stream may have gathered while its tracks were waited for: `least` of them at once, the rest a
// millisecond at a time.
void FramePublisher::drain_probe(std::size_t least) {
  media::TrackProbe::Step step;
  std::optional<std::chrono::steady_clock::time_point> until;  // a frame that comes alone costs no look at the clock
  for (std::size_t done = 0; probe_.poll(step);) {
    if (step.tracks_changed) tell_tracks();
    if (step.frame) pass_on(std::move(step.frame));
    if (++done < least) continue;
    const auto now = std::chrono::steady_clock::now();
    if (!until) until = now + net::Turn::longest;
    if (now >= *until) return go_on_draining();
  }
}

void FramePublisher::go_on_draining() {
  if (std::exchange(draining_, true)) return;
  net::Patience::of(life_.worker().io()).post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    draining_ = false;
    drain_probe(0);
  });
}

bool FramePublisher::keep_time() {
  if (frames_ > 0) return false;
  timeline_.set_repair(media::Timeline::Repair::none);
  input_.keep_clock();
  return true;
}

// The tracks that are there; those that were announced and are silent are said once.
void FramePublisher::tell_tracks() {
  const auto list = [](const media::Tracks& tracks) {
    std::string text;
    for (const media::Track& track : tracks) {
      if (track.id == media::TrackId::data) continue;
      text += (text.empty() ? "" : ", ") + describe_track(track);
    }
    return text;
  };
  if (const std::string text = list(probe_.tracks()); !text.empty()) {
    if (const auto times = told_.hit(std::chrono::steady_clock::now())) {
      log::info(life_.log(), "tracks: {}{}", text, times > 1 ? fmt::format(" ({} changes)", times) : std::string());
    }
    const std::string silent = list(probe_.silent());
    if (!silent.empty() && !std::exchange(told_of_silent_, true)) {
      log::warn(life_.log(), "announced, but nothing came of it: {}; the stream begins without", silent);
    }
  }
  const std::string without = describe(left_out(probe_.tracks(), vhost_));
  if (!without.empty() && without != told_left_out_) log::warn(life_.log(), "{}", without);
  told_left_out_ = without;
  input_.set_tracks(probe_.tracks());
}

// Who publishes B-frames is told once that WebRTC players do not get them: a picture at a third of its rate looks like
// our fault.
void FramePublisher::look_at_order(const media::Frame& frame) {
  reorders_ = reorders_ || frame.composition != base::Ticks{};
  if (!reorders_ || frame.key || frame.track != media::TrackId::video) return;
  const auto track =
      std::find_if(tracks_.begin(), tracks_.end(), [&](const media::Track& one) { return one.id == frame.track; });
  if (track == tracks_.end() || !rtp::is_bidirectional_avc(frame.payload, track->parameters->nal_length_bytes)) return;
  told_of_bidirectional_ = true;
  log::warn(life_.log(),
            "B-frames are left out for WebRTC players, who see fewer pictures a second: encode without (x264: "
            "bframes=0)");
}

void FramePublisher::pass_on(media::FrameRef frame) {
  if (!told_of_bidirectional_ && frame->codec == media::Codec::h264 && vhost_.rtc.enabled && !vhost_.rtc.keep_bframe) {
    look_at_order(*frame);
  }
  if (!interleaver_) {
    input_.append(std::move(frame));
    return;
  }
  interleaver_->put(std::move(frame));
  while (auto next = interleaver_->take()) input_.append(std::move(next));
}

void FramePublisher::complain(const std::string& what) {
  ++complaints_;
  input_.count_errors(1);
  const auto now = std::chrono::steady_clock::now();
  if (now - last_complaint_ < 1s) return;
  last_complaint_ = now;
  log::warn(life_.log(), "{} ({} so far)", what, complaints_);
}

}  // namespace weir::session
