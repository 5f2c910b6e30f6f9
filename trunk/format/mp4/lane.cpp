#include "format/mp4/lane.h"

#include <algorithm>

namespace weir::mp4 {
namespace {

std::uint32_t timescale_of(const media::CodecParameters& parameters) {
  if (media::kind_of(parameters.codec) != media::Kind::audio) return 90'000;
  if (parameters.codec == media::Codec::opus) return 48'000;  // "Encapsulation of Opus in ISOBMFF" 4.3.1
  return parameters.sample_rate == 0 ? 90'000 : parameters.sample_rate;
}

}  // namespace

Lane::Lane(const media::CodecParameters& parameters)
    : audio_(media::kind_of(parameters.codec) == media::Kind::audio),
      timescale_(timescale_of(parameters)),
      timing_(parameters),
      counter_(timescale_) {
  if (parameters.frame_rate >= 1 && parameters.frame_rate <= 1000) {
    step_ = static_cast<std::uint32_t>(90'000 / parameters.frame_rate);
  }
}

std::int64_t Lane::scaled(base::Ticks time) const {
  const std::int64_t scale = timescale_;
  if (scale == 90'000) return time.count();
  // Rounded to the nearest; whole seconds apart, so that nothing overflows.
  const std::int64_t seconds = time.count() / 90'000, rest = time.count() % 90'000;
  return seconds * scale + (rest * scale + (rest < 0 ? -45'000 : 45'000)) / 90'000;
}

void Lane::append(const media::Frame& frame, std::vector<Sample>& samples) {
  Sample sample{
      .size = static_cast<std::uint32_t>(frame.payload.size()), .duration = step_, .key = frame.key || audio_};
  if (audio_) {
    const auto span = timing_.span(frame.payload);
    // HE-AAC counts samples of its core; the time scale is that of what is heard.
    const std::uint32_t count =
        span.rate == 0 ? 0 : static_cast<std::uint32_t>(std::uint64_t{span.samples} * timescale_ / span.rate);
    sample.dts = counter_.place(frame.dts, count);
    if (count != 0) sample.duration = counter_.duration();
  } else {
    sample.dts = scaled(frame.dts);
  }
  if (last_) {
    sample.dts = std::max(sample.dts, *last_ + 1);  // a table cannot stand still
    const std::int64_t distance = std::min<std::int64_t>(sample.dts - *last_, UINT32_MAX);
    if (!samples.empty()) samples.back().duration = static_cast<std::uint32_t>(distance);
    learn(distance);
    if (!audio_ || sample.duration == 0) sample.duration = step_;
  }
  last_ = sample.dts;
  if (!audio_) {
    const std::int64_t composition = scaled(frame.dts + frame.composition) - sample.dts;
    sample.composition = static_cast<std::int32_t>(std::clamp<std::int64_t>(composition, INT32_MIN, INT32_MAX));
  }
  samples.push_back(sample);
}

// The middle one of the last three.
void Lane::learn(std::int64_t distance) {
  const auto news = static_cast<std::uint32_t>(std::min<std::int64_t>(distance, std::int64_t{10} * timescale_));
  if (distances_.back() == 0) distances_.fill(news);
  std::rotate(distances_.begin(), distances_.begin() + 1, distances_.end());
  distances_.back() = news;
  std::array<std::uint32_t, 3> sorted = distances_;
  std::sort(sorted.begin(), sorted.end());
  step_ = sorted[1];
}

void Lane::end_at(base::Ticks next, std::vector<Sample>& samples) const {
  if (audio_ || samples.empty()) return;
  const std::int64_t distance = scaled(next) - samples.back().dts;
  if (distance > 0 && distance < 10 * std::int64_t{timescale_})
    samples.back().duration = static_cast<std::uint32_t>(distance);
}

}  // namespace weir::mp4
