#pragma once

#include <memory>

#include "sound/plugin.h"

namespace weir::sound {

// Who decodes and encodes: the core what it has, a plug-in the rest. Immutable, for any thread.
class Codecs {
 public:
  Codecs() = default;
  explicit Codecs(std::shared_ptr<const Plugin> plugin) : plugin_(std::move(plugin)) {}

  // Errc::no_codec if nobody has it.
  base::Result<std::unique_ptr<AudioDecoder>> decoder(const media::CodecParameters& parameters) const;
  base::Result<std::unique_ptr<AudioEncoder>> encoder(media::Codec codec, const EncoderFormat& format) const;
  const Plugin* plugin() const { return plugin_.get(); }

  // Whether the core alone can do it; else a plug-in is asked.
  static bool core_decodes(media::Codec codec);
  static bool core_encodes(media::Codec codec) { return codec == media::Codec::opus; }
  // Whether a plug-in may have it.
  static bool plugin_decodes(media::Codec codec);
  static bool plugin_encodes(media::Codec codec) { return codec == media::Codec::aac; }

 private:
  std::shared_ptr<const Plugin> plugin_;
};

}  // namespace weir::sound
