#include "format/audio_timing.h"

#include <algorithm>

#include "codec/aac.h"
#include "codec/ac3.h"
#include "codec/flac.h"
#include "codec/mp3.h"
#include "codec/opus.h"

namespace weir::format {
namespace {

using media::Codec;

// Frames that come so much later than they should follow a gap.
constexpr base::Ticks gap = std::chrono::milliseconds(40);
// Rounding and jitter; what is more is a clock of another rate and is followed, by a 64th of a frame each.
constexpr base::Ticks jitter = std::chrono::milliseconds(10);
constexpr std::int64_t gentle = 64, hasty = 4;

}  // namespace

AudioTiming::AudioTiming(const media::CodecParameters& parameters) : codec_(parameters.codec) {
  if (codec_ == Codec::aac) {
    if (const auto configuration = codec::aac::parse_configuration(parameters.extradata)) {
      fixed_ = {configuration->frame_samples, configuration->sample_rate};
    } else {
      fixed_ = {1024, parameters.sample_rate};
    }
  } else if (codec_ == Codec::flac) {
    if (const auto info = codec::flac::parse_stream_info(parameters.extradata)) {
      fixed_ = {info->largest_block, info->sample_rate};
    }
  }
}

AudioTiming::Span AudioTiming::span(base::Bytes frame) const {
  switch (codec_) {
    case Codec::mp2:
    case Codec::mp3: {
      const auto header = codec::mp3::parse_frame_header(frame);
      return header ? Span{header->frame_samples, header->sample_rate} : Span{};
    }
    case Codec::ac3:
    case Codec::eac3: {
      const auto header = codec::ac3::parse_frame_header(frame);
      return header ? Span{header->frame_samples, header->sample_rate} : Span{};
    }
    case Codec::opus: {
      const auto packet = codec::opus::parse_packet(frame);
      return packet ? Span{static_cast<std::uint32_t>(packet->duration.count() * 8 / 15), 48'000} : Span{};
    }
    case Codec::pcma:
    case Codec::pcmu:
      return {static_cast<std::uint32_t>(frame.size()), 8'000};
    default:
      return fixed_;
  }
}

base::Ticks AudioTiming::duration(base::Bytes frame) const {
  const Span span = this->span(frame);
  if (span.rate == 0) return {};
  return base::Ticks{static_cast<std::int64_t>(std::uint64_t{90'000} * span.samples / span.rate)};
}

std::int64_t SampleCounter::place(base::Ticks dts, std::uint32_t samples) {
  const std::int64_t rate = rate_, count = samples;
  const std::int64_t told = (dts.count() * rate + (dts.count() < 0 ? -45'000 : 45'000)) / 90'000;
  const auto scaled = [&](base::Ticks time) { return time.count() * rate / 90'000; };
  if (!started_) {
    next_ = told;
  } else if (samples == 0 || told > next_ + scaled(gap)) {
    next_ = std::max(next_, told);
  }
  started_ = true;
  const std::int64_t at = next_, late = told - at;
  std::int64_t change = 0;
  if (late > scaled(jitter) || late < -scaled(jitter)) {
    // Far ahead of its clock, as after a burst: it must wait, and there is no hole to leave.
    const std::int64_t most = count / (late < -2 * scaled(jitter) ? hasty : gentle);
    change = std::clamp(late, -most, most);
  }
  duration_ = static_cast<std::uint32_t>(count + change);
  next_ = at + duration_;
  return at;
}

}  // namespace weir::format
