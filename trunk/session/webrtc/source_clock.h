#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "proto/rtp/sequence.h"

namespace weir::session::webrtc {

// RTP timestamps of one source as times of the session. The first packet's arrival is the anchor, and the clock rate of
// the SDP does the rest; a correction against the other sources moves by at most 1 ms for each 20 ms, since a step
// would make players stutter.
class SourceClock {
 public:
  SourceClock(std::uint32_t clock_rate, base::Ticks arrival, std::uint32_t timestamp);

  // For packets as they come, in any order: a timestamp that is far from the clock on the wall (a sender that began
  // anew) becomes a new anchor. True then.
  bool note(std::uint32_t timestamp, base::Ticks arrival);
  // Of frames, in order; moves the correction.
  base::Ticks time_of(std::uint32_t timestamp);

  // Without the correction.
  base::Ticks raw(std::uint32_t timestamp) const;
  void aim(base::Ticks correction) { aim_ = correction; }
  base::Ticks correction() const { return correction_; }
  base::Ticks aimed() const { return aim_; }

  static constexpr base::Ticks far = std::chrono::seconds(10);
  static constexpr int slew = 20;  // so much media time for one of correction

 private:
  base::Ticks distance(std::int64_t timestamp) const;

  // given
  std::uint32_t clock_rate_;

  // state
  rtp::Unwrapper<std::uint32_t> unwrap_;
  std::int64_t anchor_ = 0;
  base::Ticks anchored_at_{};
  base::Ticks correction_{}, aim_{};
  std::optional<base::Ticks> newest_;  // of frames, without the correction
};

// What sender reports say of sources that must stay together (lip-sync): which moment of the sender's wall clock a
// timestamp is. Before the reports, arrival is all there is. A report that contradicts arrival by more than 5 s is
// ignored and counted, unless the sender keeps to it.
class Synchroniser {
 public:
  // What one source said last.
  class Report {
   public:
    bool known() const { return known_; }

   private:
    friend class Synchroniser;
    bool known_ = false;
    std::int64_t ntp_us_ = 0;  // 0: none yet
    base::Ticks arrival_{};    // of that one
    base::Ticks behind_{};     // the session's time of a moment, less the sender's clock then
    std::int64_t doubted_us_ = 0;
    base::Ticks doubted_at_{};
    unsigned doubted_ = 0;
  };

  // A report of a source came: its `timestamp` was at `ntp` (32.32). False if it is not believed.
  bool note(Report& report, const SourceClock& clock, std::uint64_t ntp, std::uint32_t timestamp, base::Ticks arrival);
  // How much to add to the times of `of`, so that it is with `reference`; none while that is not known.
  static std::optional<base::Ticks> correction(const Report& of, const Report& reference);

  std::uint64_t ignored() const { return ignored_; }

  static constexpr base::Ticks wild = std::chrono::seconds(5);
  static constexpr unsigned kept_to = 3;

 private:
  std::uint64_t ignored_ = 0;
};

}  // namespace weir::session::webrtc
