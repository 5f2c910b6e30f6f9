#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

// MPEG-DASH: ISO 23009-1, the live profile with a SegmentTimeline for each representation.
namespace weir::dash {

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

// In the representation's time scale.
struct TimelineSegment {
  std::uint64_t start = 0;
  std::uint64_t duration = 0;
};

struct Representation {
  std::string id;    // "video", "audio": unique in the presentation
  unsigned set = 0;  // the adaptation set: those of the same are next to one another, and players change between them
  bool video = true;
  std::string place;   // which track of the publisher it is, where presentations of several are joined
  std::string codecs;  // RFC 6381
  std::uint64_t bandwidth_bps = 1;
  std::uint32_t width = 0, height = 0;
  double frame_rate = 0;
  std::uint32_t sample_rate = 0;
  std::uint8_t channels = 0;
  std::uint32_t timescale = 90'000;
  std::string initialization;  // template, may use $RepresentationID$
  std::string media;           // template with $Number$ or $Time$
  std::uint64_t first_number = 1;
  std::vector<TimelineSegment> segments;
  std::optional<base::Ticks> media_start{};  // where it is not that of its period
  // Its segments begin with those of the others of its set; else players that change take parts of two.
  bool aligned = true;
};

// DASH-IF IOP, "Low-latency Modes for DASH": segments have one nominal length and may be asked for while they are made.
// `first_number` is then that of the segment at the begin of the period, whether or not it is still there.
struct LowLatency {
  base::Ticks segment{}, chunk{};  // nominal length, and what comes at once
  base::Ticks latency{};           // how far behind the encoder a player should stay
};

struct Period {
  std::uint64_t id = 0;                         // unique in the presentation
  base::Ticks start{};                          // in the presentation's time
  base::Ticks media_start{};                    // the media's time at that moment
  std::vector<Representation> representations;  // by set
};

struct Mpd {
  std::string events;             // the scheme of events in segments of video, or of sound alone; empty: there are none
  bool cues = false;              // there are those of SCTE 35 (SCTE 214-1)
  WallTime availability_start{};  // when the presentation's time was zero; never another in its life
  WallTime published{};
  base::Ticks update_period = std::chrono::seconds(5);
  base::Ticks time_shift = std::chrono::seconds(60);  // how far back one may seek
  base::Ticks longest_segment = std::chrono::seconds(10);
  base::Ticks delay = std::chrono::seconds(10);  // how far behind live a player should stay
  std::string clock_url;                  // xs:dateTime over HTTP for UTCTiming; empty: `published` is told directly
  std::optional<base::Ticks> duration;    // set once it has ended: then it is static
  std::vector<Period> periods;            // ascending, at least one
  std::optional<LowLatency> low_latency;  // while it is not over
};

// Segments that follow one another without a gap share an S element.
std::string write_mpd(const Mpd& mpd);

}  // namespace weir::dash
