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
    if (!mpd.duration) low_latency_ = mpd.low_latency;
    add(R"(<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011{}")",
        low_latency_ ? ",http://www.dashif.org/guidelines/low-latency-live-v5" : "");
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
    cues_ = mpd.cues;
    if (low_latency_) write_service(*low_latency_);
    for (const Period& period : mpd.periods) {
      moment_ = date_time(mpd.availability_start + std::chrono::duration_cast<std::chrono::milliseconds>(period.start));
      write(period);
    }
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

  // 5.13, Annex K: how far behind, in milliseconds, and how players may hurry and dawdle for it.
  void write_service(const LowLatency& given) {
    const std::int64_t target = given.latency.count() / 90;
    line(R"(  <ServiceDescription id="0">)");
    line(R"(    <Latency referenceId="0" target="{}" min="{}" max="{}"/>)", target, target / 2, target * 4);
    line(R"(    <PlaybackRate min="0.96" max="1.04"/>)");
    line("  </ServiceDescription>");
  }

  void write(const Period& period) {
    line(R"(  <Period id="{}" start="{}">)", period.id, duration(period.start));
    const auto& all = period.representations;
    std::ptrdiff_t sounds = 0;
    for (std::size_t i = 0; i < all.size(); ++i) sounds += !all[i].video && (i == 0 || all[i - 1].set != all[i].set);
    sound_ = 0;
    const bool pictures = std::any_of(all.begin(), all.end(), [](const Representation& one) { return one.video; });
    for (auto one = all.begin(); one != all.end();) {
      const auto end = std::find_if(one, all.end(), [&](const Representation& r) { return r.set != one->set; });
      const bool aligned = std::all_of(one, end, [](const Representation& r) { return r.aligned; });
      begin_set(*one, one->media_start.value_or(period.media_start), aligned || end - one == 1, sounds > 1,
                pictures ? one->video : one == all.begin());
      for (; one != end; ++one) write(*one, one->media_start.value_or(period.media_start));
      line("    </AdaptationSet>");
    }
    line("  </Period>");
  }

  // `told_apart`: there are others of sound, which a viewer chooses among (5.8.4.2, 5.3.7.2). Events are in its
  // segments where it `has_events` (5.10.3.3).
  void begin_set(const Representation& r, base::Ticks media_start, bool aligned, bool told_apart, bool has_events) {
    const std::string_view kind = r.video ? "video" : "audio";
    line(R"(    <AdaptationSet id="{}" contentType="{}" mimeType="{}/mp4" segmentAlignment="{}" startWithSAP="1">)",
         r.set, kind, kind, aligned);
    if (has_events && !events_.empty()) line(R"(      <InbandEventStream schemeIdUri="{}"/>)", escape(events_));
    if (has_events && cues_) line(R"(      <InbandEventStream schemeIdUri="urn:scte:scte35:2013:bin"/>)");
    const bool named = !r.video && told_apart;
    if (named) line("      <Label>Audio {}</Label>", ++sound_);
    if (low_latency_) write_reference(r, media_start);
    if (!named) return;
    line(R"(      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="{}"/>)", sound_ == 1 ? "main" : "alternate");
  }

  // 5.12: when the media of the period's begin came in; chunks say the same of themselves (prft).
  void write_reference(const Representation& r, base::Ticks media_start) {
    line(
        R"(      <ProducerReferenceTime id="0" inband="true" type="encoder" wallClockTime="{}" presentationTime="{}">)",
        moment_, scaled(media_start, r.timescale));
    line(R"(        <UTCTiming schemeIdUri="urn:mpeg:dash:utc:direct:2014" value="{}"/>)", moment_);
    line("      </ProducerReferenceTime>");
  }

  static std::int64_t scaled(base::Ticks time, std::int64_t scale) {
    return time.count() / 90'000 * scale + time.count() % 90'000 * scale / 90'000;
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
    if (low_latency_) line(R"(        <Resync type="0" dT="{}"/>)", scaled(low_latency_->chunk, r.timescale));
    // The media's time at the period's start, so that what was sent first is not taken for late.
    add(R"(        <SegmentTemplate timescale="{}" presentationTimeOffset="{}" startNumber="{}" initialization="{}" media="{}")",
        r.timescale, scaled(media_start, r.timescale), r.first_number, escape(r.initialization), escape(r.media));
    if (low_latency_) {
      const base::Ticks early = std::max(low_latency_->segment - low_latency_->chunk, base::Ticks{});
      line(R"( duration="{}" availabilityTimeOffset="{:.3f}" availabilityTimeComplete="false"/>)",
           scaled(low_latency_->segment, r.timescale), static_cast<double>(early.count()) / 90'000);
    } else {
      line(">");
      write_timeline(r.segments);
      line("        </SegmentTemplate>");
    }
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
  std::optional<LowLatency> low_latency_;
  bool cues_ = false;
  std::string moment_;  // the date of the period's begin
  unsigned sound_ = 0;  // of the period
};

}  // namespace

std::string write_mpd(const Mpd& mpd) { return Writer().write(mpd); }

}  // namespace weir::dash
