#pragma once

#include "base/allowance.h"
#include "base/log_limit.h"
#include "format/flv/ingest.h"
#include "hub/hub.h"
#include "media/interleaver.h"
#include "media/track_probe.h"
#include "net/life.h"
#include "net/timer_wheel.h"

namespace weir::session {

// From messages to the stream: what RTMP and FLV publishers share. The stream begins when its tracks are known, or
// track_wait is over (media::TrackProbe). Counts what it had to leave out, and logs it at most once a second.
class FlvPublisher {
 public:
  FlvPublisher(net::Life& life, hub::Input& input);
  ~FlvPublisher();

  // One audio, video or data message. An error ends the publisher: too many messages in a row that mean nothing, or
  // Errc::tracks_change_too_often.
  base::Result<void> input(flv::TagType type, base::Millis time, const base::SharedBytes& body);

 private:
  base::Result<void> take_tracks();
  bool changes_tracks() const;
  void begin_stream();
  void drain_probe();
  void tell_tracks();
  void pass_on(media::FrameRef frame);
  void complain(const std::string& what);

  // given
  net::Life& life_;
  hub::Input& input_;
  const config::Vhost& vhost_;  // of the publication

  bool atc_auto_;
  std::chrono::milliseconds track_wait_;

  // owned
  flv::Ingest ingest_;
  flv::Yield yield_;
  media::TrackProbe probe_;
  net::TimerWheel::Timer wait_over_;               // when no frames come that would end the wait
  std::optional<media::Interleaver> interleaver_;  // mix_correct
  std::optional<base::Allowance> changes_;         // of tracks; null: without limit

  // state
  media::Tracks tracks_;  // as they were told last
  log::Limit told_;
  bool waiting_ = false;  // the timer runs
  bool told_of_silent_ = false;
  std::string told_left_out_;
  unsigned bad_in_a_row_ = 0;
  std::chrono::steady_clock::time_point last_complaint_{};
  std::uint64_t complaints_ = 0;
};

}  // namespace weir::session
