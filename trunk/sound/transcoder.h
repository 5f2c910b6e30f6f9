#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "media/frame.h"
#include "sound/codecs.h"
#include "sound/mixer.h"
#include "sound/resampler.h"
#include "sound/stretch.h"

namespace weir::sound {

// What is to be made of a track.
struct Recipe {
  media::CodecParameters from;
  media::Codec to = media::Codec::none;
  int bitrate_bps = 48'000;
  // Where the source is silent without saying so (DTX, a muted microphone) there is silence, for those who cannot have
  // a track with gaps in it. Else gaps stay gaps.
  bool fill_gaps = false;

  // Whether the same comes out of the same.
  bool operator==(const Recipe& other) const;
};

// The parameters of the track that comes out, as far as they can be told before it does; without a codec if this
// cannot be made, whoever has it.
media::CodecParameters outcome_of(const Recipe& recipe);

// Frames of one track in, frames of another out, at 48 kHz and with at most two channels. Their times follow those of
// the input: what its clock runs slow or fast is made good by single samples, so audio stays with the picture; what is
// missing is missing at the same place. Times of the output only grow. Sans-io; for one thread at a time.
class Transcoder {
 public:
  // Errc::no_codec and what encoders and decoders say.
  static base::Result<std::unique_ptr<Transcoder>> make(const Codecs& codecs, const Recipe& recipe);

  // A frame of the track, in order. Appends to `out`; track and generation are the caller's to set.
  void put(const media::Frame& frame, std::vector<media::Frame>& out);
  // The rest of the stream is that far. With fill_gaps: what is long missing is filled with silence.
  void advance(base::Ticks now, std::vector<media::Frame>& out);
  // The end, or a break: what is held comes out.
  void flush(std::vector<media::Frame>& out);

  struct Counts {
    std::uint64_t frames_in = 0, frames_out = 0;
    std::uint64_t bad_packets = 0;     // could not be decoded
    std::uint64_t late_frames = 0;     // lay before what was made already, and were left out
    std::uint64_t gaps = 0;            // of the input that stayed
    std::uint64_t filled_samples = 0;  // concealed or silent, at 48 kHz
    std::uint64_t slewed_samples = 0;  // put in or left out one by one
  };
  const Counts& counts() const { return counts_; }

 private:
  // A run of sound without a break. Positions are samples that the encoder was given.
  struct Run {
    std::int64_t from = 0;
    std::optional<std::int64_t> end;  // behind it lies padding
    base::Ticks time{};               // of its first sample
  };
  Transcoder(const Recipe& recipe, std::unique_ptr<AudioDecoder> decoder, std::unique_ptr<AudioEncoder> encoder,
             std::uint8_t channels);
  base::Ticks expected() const;
  void conceal_before(base::Ticks time, std::vector<media::Frame>& out);
  bool place(base::Ticks time, std::vector<media::Frame>& out);
  void begin_run(base::Ticks time);
  void end_run(std::vector<media::Frame>& out);
  bool set_rate(std::uint32_t rate);
  void feed(const Pcm& pcm, std::vector<media::Frame>& out);
  void fill(base::Ticks length, std::vector<media::Frame>& out);
  void follow(base::Ticks error);
  void encode_ready(std::vector<media::Frame>& out);
  void encode_one(std::span<const float> samples, std::vector<media::Frame>& out);
  void emit(base::SharedBytes packet, std::vector<media::Frame>& out);

  // given
  Recipe recipe_;
  bool sparse_source_;  // its packets are stamped exactly, and may be lost or left out one by one
  std::uint8_t channels_;

  // owned
  std::unique_ptr<AudioDecoder> decoder_;
  std::unique_ptr<AudioEncoder> encoder_;
  Mixer mixer_;
  Stretch stretch_;
  std::unique_ptr<Resampler> resampler_;
  Pcm pcm_;
  std::vector<float> mixed_, resampled_, ready_;  // ready_: for the encoder, less than a frame
  std::vector<base::SharedBytes> packets_;

  // state
  std::uint32_t rate_ = 0;        // of the decoded sound
  std::deque<Run> runs_;          // whose packets have not all come out; the last one may go on
  bool running_ = false;          // the last one does
  base::Ticks run_time_{};        // where the input of it begins,
  std::int64_t run_samples_ = 0;  // and how much of it came, at rate_,
  std::int64_t run_shift_ = 0;    // and was put in besides, at 48 kHz
  double error_ = 0;              // how far the input's stamps lie behind, smoothed, in samples at 48 kHz
  std::int64_t given_ = 0;        // samples that the encoder has
  std::int64_t packets_out_ = 0;
  std::optional<base::Ticks> last_out_;
  Counts counts_;
};

}  // namespace weir::sound
