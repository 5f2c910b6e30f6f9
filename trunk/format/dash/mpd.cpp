#include "format/dash/mpd.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace weir::dash {
namespace {

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// xs:duration
std::string duration(base::Ticks time) { return fmt::format("PT{:.3f}S", static_cast<double>(time.count()) / 90'000); }

std::string date_time(WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(whole)),
                     (time - whole).count());
}

class Writer {
 public:
  std::string write(const Mpd& mpd) {
    line(R"(<?xml version="1.0" encoding="utf-8"?>)");
    out_ += R"(<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011")";
    if (mpd.duration) {
      add(R"( type="static" mediaPresentationDuration="{}")", duration(*mpd.duration));
    } else {
      add(R"( type="dynamic" availabilityStartTime="{}" publishTime="{}")", date_time(mpd.availability_start),
          date_time(mpd.published));
      add(R"( minimumUpdatePeriod="{}" timeShiftBufferDepth="{}" suggestedPresentationDelay="{}")",
          duration(mpd.update_period), duration(mpd.time_shift), duration(mpd.delay));
    }
    line(R"( maxSegmentDuration="{}" minBufferTime="{}">)", duration(mpd.longest_segment),
         duration(mpd.longest_segment));
    events_ = mpd.events;
    for (const Period& period : mpd.periods) write(period);
    if (!mpd.duration) write_clock(mpd);
    line("</MPD>");
    return std::move(out_);
  }

 private:
  template <class... Values>
  void add(fmt::format_string<Values...> text, Values&&... values) {
    fmt::format_to(std::back_inserter(out_), text, std::forward<Values>(values)...);
  }
  template <class... Values>
  void line(fmt::format_string<Values...> text, Values&&... values) {
    add(text, std::forward<Values>(values)...);
    out_ += '\n';
  }

  // 5.8.4.11: without a common clock a player's own decides what is already there.
  void write_clock(const Mpd& mpd) {
    if (mpd.clock_url.empty()) {
      line(R"(  <UTCTiming schemeIdUri="urn:mpeg:dash:utc:direct:2014" value="{}"/>)", date_time(mpd.published));
    } else {
      line(R"(  <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-xsdate:2014" value="{}"/>)", escape(mpd.clock_url));
    }
  }

  void write(const Period& period) {
    line(R"(  <Period id="{}" start="{}">)", period.id, duration(period.start));
    const auto sounds = std::count_if(period.representations.begin(), period.representations.end(),
                                      [](const Representation& one) { return !one.video; });
    sound_ = 0;
    const bool pictures = sounds < std::ssize(period.representations);
    const Representation* before = nullptr;
    for (const Representation& one : period.representations) {
      if (!before || before->set != one.set) {
        if (before) line("    </AdaptationSet>");
        begin_set(one, sounds > 1, pictures ? one.video : !before);
      }
      write(one, period.media_start);
      before = &one;
    }
    if (before) line("    </AdaptationSet>");
    line("  </Period>");
  }

  // `told_apart`: there are others of sound, which a viewer chooses among (5.8.4.2, 5.3.7.2). Events are in its
  // segments where it `has_events` (5.10.3.3).
  void begin_set(const Representation& r, bool told_apart, bool has_events) {
    const std::string_view kind = r.video ? "video" : "audio";
    line(R"(    <AdaptationSet id="{}" contentType="{}" mimeType="{}/mp4" segmentAlignment="true" startWithSAP="1">)",
         r.set, kind, kind);
    if (has_events && !events_.empty()) line(R"(      <InbandEventStream schemeIdUri="{}"/>)", escape(events_));
    if (r.video || !told_apart) return;
    line("      <Label>Audio {}</Label>", ++sound_);
    line(R"(      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="{}"/>)", sound_ == 1 ? "main" : "alternate");
  }

  void write(const Representation& r, base::Ticks media_start) {
    add(R"(      <Representation id="{}" codecs="{}" bandwidth="{}")", escape(r.id), escape(r.codecs),
        r.bandwidth_bps == 0 ? 1 : r.bandwidth_bps);
    if (r.video && r.width != 0) add(R"( width="{}" height="{}")", r.width, r.height);
    if (r.video && r.frame_rate > 0) write_frame_rate(r.frame_rate);
    if (!r.video && r.sample_rate != 0) add(R"( audioSamplingRate="{}")", r.sample_rate);
    line(">");
    if (!r.video && r.channels != 0) {
      line(
          R"(        <AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="{}"/>)",
          r.channels);
    }
    // The media's time at the period's start, so that what was sent first is not taken for late.
    const std::int64_t scale = r.timescale;
    const std::int64_t ticks = media_start.count();
    line(
        R"(        <SegmentTemplate timescale="{}" presentationTimeOffset="{}" startNumber="{}" initialization="{}" media="{}">)",
        r.timescale, ticks / 90'000 * scale + ticks % 90'000 * scale / 90'000, r.first_number, escape(r.initialization),
        escape(r.media));
    write_timeline(r.segments);
    line("        </SegmentTemplate>");
    line("      </Representation>");
  }

  // A whole number, a fraction over 1001 for the rates of television, or a fraction of thousandths: a camera may give
  // two pictures in three seconds, and none gives none.
  void write_frame_rate(double rate) {
    const auto whole = std::lround(rate);
    const double television = static_cast<double>(whole) * 1000 / 1001;
    if (whole > 0 && std::abs(rate - static_cast<double>(whole)) < 0.002) {
      add(R"( frameRate="{}")", whole);
    } else if (whole > 0 && std::abs(rate - television) < 0.005) {
      add(R"( frameRate="{}/1001")", whole * 1000);
    } else if (rate < 1) {  // by its distance, which is what such cameras are set to
      const auto distance_ms = std::max(std::lround(1000 / rate), 1L);
      const auto shared = std::gcd(1000L, distance_ms);
      add(R"( frameRate="{}/{}")", 1000 / shared, distance_ms / shared);
    } else {
      const auto thousandths = std::lround(rate * 1000);
      const auto shared = std::gcd(thousandths, 1000L);
      add(R"( frameRate="{}/{}")", thousandths / shared, 1000 / shared);
    }
  }

  void write_timeline(const std::vector<TimelineSegment>& segments) {
    line("          <SegmentTimeline>");
    std::uint64_t expected = 0;
    for (std::size_t i = 0; i < segments.size();) {
      std::size_t end = i + 1;
      while (end < segments.size() && segments[end].duration == segments[i].duration &&
             segments[end].start == segments[end - 1].start + segments[end - 1].duration) {
        ++end;
      }
      out_ += "            <S";
      if (i == 0 || segments[i].start != expected) add(R"( t="{}")", segments[i].start);
      add(R"( d="{}")", segments[i].duration);
      if (end - i > 1) add(R"( r="{}")", end - i - 1);
      line("/>");
      expected = segments[end - 1].start + segments[end - 1].duration;
      i = end;
    }
    line("          </SegmentTimeline>");
  }

  std::string out_, events_;
  unsigned sound_ = 0;  // of the period
};

}  // namespace

std::string write_mpd(const Mpd& mpd) { return Writer().write(mpd); }

}  // namespace weir::dash
