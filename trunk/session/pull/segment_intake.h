#pragma once

#include <memory>
#include <optional>

#include "session/common/frame_publisher.h"
#include "session/common/upstream/intake.h"
#include "session/pull/segment_queue.h"

namespace weir::session::pull {

// Segments of MPEG-TS or fragmented MP4 on their way to the stream of an attempt, given on by their time stamps. Part
// of a fetcher's task.
class SegmentIntake {
 public:
  explicit SegmentIntake(upstream::Attempt& attempt) : attempt_(attempt), ts_(attempt, nullptr, &pace_) {}
  SegmentIntake(const SegmentIntake&) = delete;

  // upstream::Errc::no_known_format; mp4::Errc; what upstream::Intake says.
  net::Task<base::Result<void>> take(LoadedSegment segment);

 private:
  net::Task<base::Result<void>> take_ts(const LoadedSegment& segment);
  net::Task<base::Result<void>> take_mp4(const LoadedSegment& segment);

  // given
  upstream::Attempt& attempt_;

  // owned
  upstream::Pace pace_;
  upstream::Intake ts_;
  std::optional<FramePublisher> mp4_;

  // state
  std::shared_ptr<const base::Buffer> map_;  // of the segments so far
  std::uint32_t generation_ = 0;             // of their tracks
};

}  // namespace weir::session::pull
