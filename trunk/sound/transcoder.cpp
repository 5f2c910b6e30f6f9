#include "sound/transcoder.h"

#include <algorithm>
#include <cmath>

#include "codec/aac.h"
#include "codec/opus.h"
#include "sound/error.h"
#include "sound/g711.h"
#include "sound/opus.h"

namespace weir::sound {

using namespace std::chrono_literals;
using base::Ticks;
using media::Codec;
using media::Frame;

namespace {

constexpr std::uint32_t usual_rate = 48'000;
constexpr Ticks largest_error = 100ms;        // of a stamp; beyond it the sound before it is missing, or it is late
constexpr Ticks largest_sparse_error = 15ms;  // where stamps count samples
constexpr Ticks largest_concealed = 65ms;     // three packets of 20 ms; a listener takes more for what it is
constexpr Ticks largest_filled = 2s;          // longer ones are breaks
constexpr Ticks filled_behind = 600ms;        // DTX of Opus sends every 400 ms; so long nobody is silent by mistake
constexpr Ticks filled_at_once = 100ms;
constexpr Ticks farthest = std::chrono::hours(24 * 365 * 100);  // what is stamped beyond is no time

// Following the input's clock.
constexpr double smoothing = 1.0 / 32;                    // of the error, with each frame
constexpr double tolerated = 0.003;                       // seconds: below it nothing is done,
constexpr double far = 0.020;                             // above it is done faster:
constexpr std::size_t slow_block = 480, fast_block = 96;  // one sample in each

constexpr Ticks ticks_of(std::int64_t samples, std::uint32_t rate) {
  const std::int64_t seconds = samples / rate;
  return Ticks(seconds * 90'000 + (samples % rate) * 90'000 / rate);
}

constexpr std::int64_t samples_of(Ticks time, std::uint32_t rate) {
  return time.count() / 90'000 * rate + time.count() % 90'000 * rate / 90'000;
}

// Mono stays mono. What HE-AAC hides in a mono core of low rate is told by its decoder alone.
std::uint8_t channels_of(const media::CodecParameters& from) {
  const bool may_hide = from.codec == Codec::aac && from.sample_rate <= 24'000;
  return from.channels == 1 && !may_hide ? 1 : 2;
}

constexpr std::uint32_t rate_of(Codec to) { return g711::is_g711(to) ? g711::sample_rate : usual_rate; }

}  // namespace

bool Recipe::operator==(const Recipe& other) const {
  const auto bytes = [](const media::CodecParameters& p) { return base::as_text(p.extradata.bytes()); };
  return to == other.to && bitrate_bps == other.bitrate_bps && fill_gaps == other.fill_gaps &&
         from.codec == other.from.codec && from.sample_rate == other.from.sample_rate &&
         from.channels == other.from.channels && bytes(from) == bytes(other.from);
}

media::CodecParameters outcome_of(const Recipe& recipe) {
  media::CodecParameters out;
  const Codec from = recipe.from.codec;
  if (!Codecs::core_decodes(from) && !Codecs::plugin_decodes(from)) return out;
  const bool encodes = g711::is_g711(recipe.to) || Codecs::core_encodes(recipe.to) || Codecs::plugin_encodes(recipe.to);
  if (!encodes) return out;
  out.codec = recipe.to;
  out.sample_rate = rate_of(recipe.to);
  out.channels = channels_of(recipe.from);
  if (g711::is_g711(recipe.to)) {
    out.channels = 1;
  } else if (recipe.to == Codec::opus) {
    const codec::opus::Head head{
        .channels = out.channels, .pre_skip = opus::lookahead, .input_sample_rate = usual_rate};
    out.extradata = base::SharedBytes::copy_of(codec::opus::build_head(head));
  } else {
    constexpr std::uint8_t low_complexity = 2;
    const base::Buffer made = codec::aac::build_configuration(low_complexity, usual_rate, out.channels);
    out.extradata = base::SharedBytes::copy_of(made);
    if (const auto read = codec::aac::parse_configuration(made)) out.profile = codec::aac::profile_text(*read);
  }
  return out;
}

base::Result<std::unique_ptr<Transcoder>> Transcoder::make(const Codecs& codecs, const Recipe& recipe) {
  const media::CodecParameters made = outcome_of(recipe);
  if (made.codec == Codec::none) return Errc::no_codec;
  TRY(auto decoder, codecs.decoder(recipe.from));
  TRY(auto encoder, codecs.encoder(recipe.to, {made.sample_rate, made.channels, recipe.bitrate_bps}));
  return std::unique_ptr<Transcoder>(new Transcoder(recipe, std::move(decoder), std::move(encoder), made.channels));
}

Transcoder::Transcoder(const Recipe& recipe, std::unique_ptr<AudioDecoder> decoder,
                       std::unique_ptr<AudioEncoder> encoder, std::uint8_t channels)
    : recipe_(recipe),
      sparse_source_(Codecs::core_decodes(recipe.from.codec)),
      channels_(channels),
      decoder_(std::move(decoder)),
      encoder_(std::move(encoder)),
      mixer_(channels),
      stretch_(channels) {}

// Where the next sample of the input belongs if it follows without a break.
Ticks Transcoder::expected() const {
  return run_time_ + (rate_ == 0 ? Ticks{} : ticks_of(run_samples_, rate_)) + ticks_of(run_shift_, rate_of(recipe_.to));
}

void Transcoder::put(const Frame& frame, std::vector<Frame>& out) {
  ++counts_.frames_in;
  const Ticks time = frame.dts + frame.composition;
  if (time > farthest || time < -farthest) {
    ++counts_.bad_packets;
    return;
  }
  conceal_before(time, out);
  if (!decoder_->decode(frame.payload, pcm_)) {
    ++counts_.bad_packets;
    return;
  }
  if (pcm_.samples.empty()) return;
  if (pcm_.rate != rate_) {
    end_run(out);
    if (!set_rate(pcm_.rate)) {
      ++counts_.bad_packets;
      return;
    }
  }
  if (place(time, out)) feed(pcm_, out);
}

// A few packets are missing before this one: their decoder knows best what they may have sounded like, until it has
// seen the next.
void Transcoder::conceal_before(Ticks time, std::vector<Frame>& out) {
  if (!running_ || !sparse_source_) return;
  const Ticks missing = time - expected();
  if (missing <= largest_sparse_error || missing > largest_concealed) return;
  decoder_->conceal(static_cast<std::size_t>(samples_of(missing, rate_)), pcm_);
  counts_.filled_samples += static_cast<std::uint64_t>(samples_of(missing, rate_of(recipe_.to)));
  feed(pcm_, out);
}

bool Transcoder::set_rate(std::uint32_t rate) {
  if (!Resampler::can(rate, rate_of(recipe_.to))) return false;
  rate_ = rate;
  resampler_ = std::make_unique<Resampler>(rate, rate_of(recipe_.to), channels_);
  return true;
}

// Brings the output to where the decoded sound begins. False if that lies before it: the sound is left out.
bool Transcoder::place(Ticks time, std::vector<Frame>& out) {
  if (!running_) {
    begin_run(time);
    return true;
  }
  const Ticks error = time - expected();
  if (error < -largest_error) {
    ++counts_.late_frames;
    return false;
  }
  if (error <= (sparse_source_ ? largest_sparse_error : largest_error)) {
    follow(error);
  } else if (recipe_.fill_gaps && error <= largest_filled) {
    fill(error, out);
  } else {
    ++counts_.gaps;
    end_run(out);
    begin_run(time);
  }
  return true;
}

void Transcoder::begin_run(Ticks time) {
  running_ = true;
  run_time_ = time;
  run_samples_ = run_shift_ = 0;
  error_ = 0;
  stretch_.set(0, slow_block);
  runs_.push_back({.from = given_, .end = std::nullopt, .time = time});
}

// A break: all of the sound so far comes out, with silence behind it as far as the encoder needs.
void Transcoder::end_run(std::vector<Frame>& out) {
  if (!running_) return;
  running_ = false;
  if (resampler_) resampler_->flush(ready_);
  encode_ready(out);
  const std::size_t frame = encoder_->frame_samples() * channels_;
  const std::int64_t end = given_ + static_cast<std::int64_t>(ready_.size() / channels_);
  runs_.back().end = end;
  const std::int64_t until = end + static_cast<std::int64_t>(encoder_->lookahead());
  while (given_ < until) {
    ready_.resize(frame, 0.0F);
    encode_one(ready_, out);
    ready_.clear();
  }
}

void Transcoder::flush(std::vector<Frame>& out) { end_run(out); }

// The stamps of many frames together say how the input's clock runs against its samples.
void Transcoder::follow(Ticks error) {
  error_ += (static_cast<double>(error.count()) * rate_of(recipe_.to) / 90'000 - error_) * smoothing;
  if (std::abs(error_) <= tolerated * rate_of(recipe_.to)) return;
  stretch_.set(static_cast<std::int64_t>(error_),
               std::abs(error_) > far * rate_of(recipe_.to) ? fast_block : slow_block);
}

void Transcoder::feed(const Pcm& pcm, std::vector<Frame>& out) {
  run_samples_ += static_cast<std::int64_t>(pcm.count());
  mixer_.mix(pcm, mixed_);
  resampled_.clear();
  resampler_->put(mixed_, resampled_);
  const std::int64_t gained = stretch_.put(resampled_, ready_);
  run_shift_ += gained;
  error_ -= static_cast<double>(gained);
  counts_.slewed_samples += static_cast<std::uint64_t>(std::abs(gained));
  encode_ready(out);
}

// Silence, in the form of what was decoded last.
void Transcoder::fill(Ticks length, std::vector<Frame>& out) {
  counts_.filled_samples += static_cast<std::uint64_t>(samples_of(length, rate_of(recipe_.to)));
  Pcm silence{.rate = pcm_.rate, .channels = pcm_.channels, .places = pcm_.places, .samples = {}};
  auto left = static_cast<std::size_t>(samples_of(length, rate_));
  while (left > 0) {
    const std::size_t count = std::min<std::size_t>(left, rate_ / 50);
    silence.samples.assign(count * silence.channels, 0.0F);
    feed(silence, out);
    left -= count;
  }
}

void Transcoder::advance(Ticks now, std::vector<Frame>& out) {
  if (!recipe_.fill_gaps || !running_ || now > farthest) return;
  const Ticks missing = now - expected();
  if (missing < filled_behind + filled_at_once) return;
  if (missing > filled_behind + largest_filled) {
    ++counts_.gaps;
    end_run(out);
    return;
  }
  fill(missing - filled_behind, out);
}

void Transcoder::encode_ready(std::vector<Frame>& out) {
  const std::size_t frame = encoder_->frame_samples() * channels_;
  std::size_t at = 0;
  for (; ready_.size() - at >= frame; at += frame) encode_one(std::span(ready_).subspan(at, frame), out);
  ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(at));
}

void Transcoder::encode_one(std::span<const float> samples, std::vector<Frame>& out) {
  packets_.clear();
  given_ += static_cast<std::int64_t>(encoder_->frame_samples());
  if (!encoder_->encode(samples, packets_)) {
    ++packets_out_;  // its place stays empty
    return;
  }
  for (base::SharedBytes& packet : packets_) emit(std::move(packet), out);
}

// A packet belongs to the run in which its sound ends; one of padding alone is nobody's.
void Transcoder::emit(base::SharedBytes packet, std::vector<Frame>& out) {
  const auto length = static_cast<std::int64_t>(encoder_->frame_samples());
  const std::int64_t begin = packets_out_++ * length - static_cast<std::int64_t>(encoder_->lookahead());
  while (runs_.size() > 1 && runs_[1].from < begin + length) runs_.pop_front();
  if (runs_.empty()) return;
  const Run& run = runs_.front();
  if (begin + length <= run.from || (run.end && begin >= *run.end)) return;
  const Ticks offset = begin < run.from ? -ticks_of(run.from - begin, rate_of(recipe_.to))
                                        : ticks_of(begin - run.from, rate_of(recipe_.to));
  const Ticks time = run.time + offset;
  if (time < Ticks{} || (last_out_ && time <= *last_out_)) return;
  last_out_ = time;
  ++counts_.frames_out;
  out.push_back({.codec = recipe_.to, .dts = time, .key = true, .payload = std::move(packet)});
}

}  // namespace weir::sound
