#pragma once

#include <memory>
#include <string>

#include "media/codec_id.h"
#include "media/track.h"
#include "sound/codec.h"

struct weir_audio_plugin;

namespace weir::sound {

// A library of codecs that was loaded at run time. Stays loaded as long as the process; immutable, for any thread.
class Plugin {
 public:
  // Blocks: reads the library and all it needs. `reason` says in words what failed, as the loader does.
  static base::Result<Plugin> load(const std::string& path, std::string& reason);
  // Of tests: what a library would have given.
  explicit Plugin(const weir_audio_plugin& table) : table_(&table) {}

  std::string version() const;
  std::string licence() const;
  base::Result<std::unique_ptr<AudioDecoder>> decoder(const media::CodecParameters& parameters) const;
  base::Result<std::unique_ptr<AudioEncoder>> encoder(media::Codec codec, const EncoderFormat& format) const;

 private:
  const weir_audio_plugin* table_;
};

}  // namespace weir::sound
