#include "sound/opus.h"

#include <opus.h>
#include <opus_multistream.h>

#include "codec/opus.h"
#include "sound/error.h"

namespace weir::sound::opus {
namespace {

constexpr int most_samples = 5760;       // 120 ms, RFC 6716 3.2
constexpr int most_packet_bytes = 1275;  // of one frame, RFC 6716 3.2.1
constexpr opus_int32 complexity = 6;     // of 10: what is heard no more costs as much again

// RFC 7845 5.1.1.2, the Vorbis order, by number of channels.
constexpr std::array<std::array<Place, most_channels>, most_channels> orders{{
    {Place::centre},
    {Place::front_left, Place::front_right},
    {Place::front_left, Place::centre, Place::front_right},
    {Place::front_left, Place::front_right, Place::back_left, Place::back_right},
    {Place::front_left, Place::centre, Place::front_right, Place::back_left, Place::back_right},
    {Place::front_left, Place::centre, Place::front_right, Place::back_left, Place::back_right, Place::low},
    {Place::front_left, Place::centre, Place::front_right, Place::side_left, Place::side_right, Place::back_centre,
     Place::low},
    {Place::front_left, Place::centre, Place::front_right, Place::side_left, Place::side_right, Place::back_left,
     Place::back_right, Place::low},
}};

}  // namespace

void Decoder::Close::operator()(OpusMSDecoder* decoder) const { opus_multistream_decoder_destroy(decoder); }
void Encoder::Close::operator()(OpusEncoder* encoder) const { opus_encoder_destroy(encoder); }

base::Result<std::unique_ptr<AudioDecoder>> Decoder::make(base::Bytes head) {
  int channels = 2, streams = 1, coupled = 1;
  std::array<unsigned char, most_channels> mapping{0, 1};
  if (const auto read = codec::opus::parse_head(head)) {
    channels = read->channels;
    coupled = channels - 1;
    if (read->mapping_family != 0) {
      constexpr std::size_t table_at = 19;  // behind the mapping family
      if (channels > static_cast<int>(most_channels) || head.size() < table_at + 2U + static_cast<unsigned>(channels)) {
        return Errc::bad_format;
      }
      streams = head[table_at];
      coupled = head[table_at + 1];
      std::copy_n(head.begin() + table_at + 2, channels, mapping.begin());
    }
  }
  int error = OPUS_OK;
  OpusMSDecoder* decoder = opus_multistream_decoder_create(static_cast<opus_int32>(rate), channels, streams, coupled,
                                                           mapping.data(), &error);
  if (!decoder) return Errc::bad_format;
  return std::unique_ptr<AudioDecoder>(new Decoder(decoder, static_cast<std::uint8_t>(channels)));
}

void Decoder::describe(Pcm& out) const {
  out.rate = rate;
  out.channels = channels_;
  out.places = orders[channels_ - 1U];
}

base::Result<void> Decoder::decode(base::Bytes packet, Pcm& out) {
  describe(out);
  out.samples.clear();
  if (packet.empty()) return Errc::bad_packet;
  out.samples.resize(std::size_t{most_samples} * channels_);
  const int count = opus_multistream_decode_float(decoder_.get(), packet.data(), static_cast<opus_int32>(packet.size()),
                                                  out.samples.data(), most_samples, 0);
  out.samples.resize(count > 0 ? static_cast<std::size_t>(count) * channels_ : 0);
  if (count < 0) return Errc::bad_packet;
  return {};
}

void Decoder::conceal(std::size_t count, Pcm& out) {
  describe(out);
  constexpr std::size_t unit = rate / 400;  // 2.5 ms: it conceals multiples of that
  const std::size_t whole = std::min<std::size_t>(count / unit * unit, most_samples);
  out.samples.assign(count * channels_, 0.0F);
  if (whole == 0) return;
  (void)opus_multistream_decode_float(decoder_.get(), nullptr, 0, out.samples.data(), static_cast<int>(whole), 0);
}

base::Result<std::unique_ptr<AudioEncoder>> Encoder::make(const EncoderFormat& format) {
  if (format.rate != rate || format.channels < 1 || format.channels > 2) return Errc::bad_format;
  int error = OPUS_OK;
  OpusEncoder* encoder =
      opus_encoder_create(static_cast<opus_int32>(rate), format.channels, OPUS_APPLICATION_AUDIO, &error);
  if (!encoder) return Errc::bad_format;
  opus_encoder_ctl(encoder, OPUS_SET_BITRATE(static_cast<opus_int32>(format.bitrate_bps)));
  opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(complexity));
  return std::unique_ptr<AudioEncoder>(new Encoder(encoder, format.channels));
}

base::Result<void> Encoder::encode(std::span<const float> samples, std::vector<base::SharedBytes>& out) {
  if (samples.size() != frame_samples() * channels_) return Errc::bad_format;
  std::array<unsigned char, most_packet_bytes> packet;
  const opus_int32 size = opus_encode_float(encoder_.get(), samples.data(), static_cast<int>(frame_samples()),
                                            packet.data(), most_packet_bytes);
  if (size <= 0) return Errc::encoder;
  out.push_back(base::SharedBytes::copy_of(base::Bytes(packet).first(static_cast<std::size_t>(size))));
  return {};
}

}  // namespace weir::sound::opus
