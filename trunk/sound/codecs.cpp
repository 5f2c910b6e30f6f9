#include "sound/codecs.h"

#include "sound/error.h"
#include "sound/g711.h"
#include "sound/opus.h"

namespace weir::sound {

using media::Codec;

bool Codecs::core_decodes(Codec codec) { return codec == Codec::opus || g711::is_g711(codec); }

bool Codecs::plugin_decodes(Codec codec) { return codec == Codec::aac || codec == Codec::mp3 || codec == Codec::mp2; }

base::Result<std::unique_ptr<AudioDecoder>> Codecs::decoder(const media::CodecParameters& p) const {
  switch (p.codec) {
    case Codec::opus:
      return opus::Decoder::make(p.extradata);
    case Codec::pcma:
    case Codec::pcmu:
      return std::unique_ptr<AudioDecoder>(
          std::make_unique<g711::Decoder>(g711::law_of(p.codec), p.sample_rate, p.channels));
    default:
      if (!plugin_) return Errc::no_codec;
      return plugin_->decoder(p);
  }
}

base::Result<std::unique_ptr<AudioEncoder>> Codecs::encoder(Codec codec, const EncoderFormat& format) const {
  if (codec == Codec::opus) return opus::Encoder::make(format);
  if (g711::is_g711(codec)) return g711::Encoder::make(g711::law_of(codec), format);
  if (!plugin_) return Errc::no_codec;
  return plugin_->encoder(codec, format);
}

}  // namespace weir::sound
