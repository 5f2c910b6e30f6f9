#include "sound/resampler.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace weir::sound {
namespace {

constexpr std::size_t base_taps = 32;  // at a ratio of one or above
constexpr double steepness = 8.0;      // of Kaiser's window: 80 dB
constexpr double edge = 0.94;          // of the lower Nyquist frequency: half of the flank lies below it
constexpr std::uint32_t most_up = 1280;

// Modified Bessel function of order zero, by its series.
double bessel(double x) {
  double sum = 1, term = 1;
  for (int k = 1; k < 40; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

// Eight sums side by side: the compiler may not reorder additions of floats by itself.
float dot(const float* a, const float* b, std::size_t count, std::size_t stride) {
  float sums[8] = {};
  for (std::size_t i = 0; i < count; i += 8) {
    for (std::size_t k = 0; k < 8; ++k) sums[k] += a[i + k] * b[(i + k) * stride];
  }
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

}  // namespace

bool Resampler::can(std::uint32_t from, std::uint32_t to) {
  constexpr std::uint32_t least = 4000, most = 192'000;
  if (from < least || from > most || to < least || to > most) return false;
  return to / std::gcd(from, to) <= most_up;
}

Resampler::Resampler(std::uint32_t from, std::uint32_t to, std::uint8_t channels)
    : up_(to / std::gcd(from, to)), down_(from / std::gcd(from, to)), channels_(channels) {
  if (up_ != down_) make_bank();
  begin();
}

void Resampler::make_bank() {
  const double ratio = std::min(1.0, static_cast<double>(up_) / down_);
  const double cutoff = edge * ratio;  // of the input's Nyquist frequency
  taps_ = (static_cast<std::size_t>(std::ceil(base_taps / ratio)) + 7) / 8 * 8;
  bank_.resize(taps_ * up_);
  const double half = static_cast<double>(taps_) / 2;
  for (std::uint32_t phase = 0; phase < up_; ++phase) {
    float* taps = bank_.data() + phase * taps_;
    double sum = 0;
    std::vector<double> exact(taps_);
    for (std::size_t i = 0; i < taps_; ++i) {
      const double x = static_cast<double>(i) - (half - 1) - static_cast<double>(phase) / up_;
      const double t = std::numbers::pi * x * cutoff;
      const double sinc = std::abs(t) < 1e-9 ? 1 : std::sin(t) / t;
      const double inside = 1 - (x / half) * (x / half);
      exact[i] = inside > 0 ? sinc * bessel(steepness * std::sqrt(inside)) : 0;
      sum += exact[i];
    }
    for (std::size_t i = 0; i < taps_; ++i) taps[i] = static_cast<float>(exact[i] / sum);  // level kept, in each phase
  }
}

void Resampler::begin() {
  phase_ = 0;
  taken_ = given_ = 0;
  at_ = taps_ == 0 ? 0 : taps_ / 2 - 1;
  waiting_.assign(at_ * channels_, 0.0F);
}

void Resampler::put(std::span<const float> samples, std::vector<float>& out) {
  if (up_ == down_) {
    out.insert(out.end(), samples.begin(), samples.end());
    return;
  }
  taken_ += static_cast<std::int64_t>(samples.size() / channels_);
  waiting_.insert(waiting_.end(), samples.begin(), samples.end());
  produce(out);
}

void Resampler::produce(std::vector<float>& out) {
  const std::size_t have = waiting_.size() / channels_;
  while (at_ + taps_ / 2 < have) {
    const float* taps = bank_.data() + std::size_t{phase_} * taps_;
    const float* from = waiting_.data() + (at_ + 1 - taps_ / 2) * channels_;
    for (std::size_t c = 0; c < channels_; ++c) out.push_back(dot(taps, from + c, taps_, channels_));
    ++given_;
    phase_ += down_;
    at_ += phase_ / up_;
    phase_ %= up_;
  }
  const std::size_t done = std::min(at_ + 1 - taps_ / 2, have);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(done * channels_));
  at_ -= done;
}

void Resampler::flush(std::vector<float>& out) {
  if (up_ == down_) return;
  const std::int64_t due = (taken_ * up_ + down_ - 1) / down_ - given_;
  const std::size_t before = out.size();
  waiting_.resize(waiting_.size() + taps_ * channels_, 0.0F);
  produce(out);
  out.resize(std::min(out.size(), before + static_cast<std::size_t>(std::max<std::int64_t>(due, 0)) * channels_));
  begin();
}

}  // namespace weir::sound
