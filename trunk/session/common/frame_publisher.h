#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/allowance.h"
#include "base/log_limit.h"
#include "hub/input.h"
#include "media/interleaver.h"
#include "media/timeline.h"
#include "net/life.h"
#include "net/timer_wheel.h"
#include "session/common/media_sink.h"

namespace weir::session {

// From the tracks and frames of any publisher to its stream: what all protocols share. Repairs the publisher's time for
// all its tracks together (media::Timeline), begins the stream when its tracks are known or track_wait is over
// (media::TrackProbe), puts frames in order where mix_correct asks for it, bounds changes of tracks, and says what was
// left out. One for each publish, on its session's worker; `life` and `input` outlive it. Its end hands over what it
// holds.
//
//   CO_TRY_VOID(publisher.set_tracks(tracks));   // before the first frame that was coded with them
//   publisher.put(std::move(frame));
class FramePublisher final : public MediaSink {
 public:
  FramePublisher(net::Life& life, hub::Input& input);
  ~FramePublisher() override;
  FramePublisher(const FramePublisher&) = delete;

  // Errc::tracks_change_too_often.
  base::Result<void> set_tracks(media::Tracks tracks) override;
  void expect(media::TrackProbe::Expected expected) override;
  using MediaSink::put;
  void put(std::span<media::Frame> frames) override;
  void complain(const std::string& what) override;
  void count_errors(std::uint64_t more) override { input_.count_errors(more); }
  // Frames keep the publisher's time from now on; false if some went out already.
  bool keep_time();
  // The publisher is at its end: what is held goes to the stream. May be called once before the destructor does.
  void finish();

  const media::Timeline& timeline() const { return timeline_; }
  std::uint64_t frames() const { return frames_; }
  // B-frames were seen, and their publisher told that WebRTC players do not get them.
  bool told_of_bidirectional() const { return told_of_bidirectional_; }
  std::uint64_t complaints() const { return complaints_; }

 private:
  bool changes(const media::Tracks& tracks) const;
  void begin_stream();
  void drain_timeline();
  void drain_probe(std::size_t least);
  void go_on_draining();
  void tell_tracks();
  void pass_on(media::FrameRef frame);
  void look_at_order(const media::Frame& frame);

  // given
  net::Life& life_;
  hub::Input& input_;
  const config::Vhost& vhost_;  // of the publication
  std::chrono::milliseconds track_wait_;

  // owned
  media::Timeline timeline_;
  media::TrackProbe probe_;
  net::TimerWheel::Timer wait_over_;               // when no frames come that would end the wait
  std::optional<media::Interleaver> interleaver_;  // mix_correct
  std::optional<base::Allowance> changes_;         // of tracks; null: without limit

  // state
  media::Tracks tracks_;  // as they were told last
  std::vector<media::Frame> placed_;
  log::Limit told_;
  bool waiting_ = false;   // the timer runs
  bool draining_ = false;  // what the probe had is handed on a turn at a time
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  // for what is posted
  bool told_of_silent_ = false;
  bool finished_ = false;
  bool reorders_ = false;               // some picture is shown later than it is decoded,
  bool told_of_bidirectional_ = false;  // which WebRTC has no place for
  std::string told_left_out_;
  std::chrono::steady_clock::time_point last_complaint_{};
  std::uint64_t frames_ = 0, complaints_ = 0;
};

}  // namespace weir::session
