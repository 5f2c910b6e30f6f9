#include "sound/plugin.h"

#include <dlfcn.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <filesystem>

#include "sound/error.h"
#include "sound/plugin_abi.h"

namespace weir::sound {
namespace {

constexpr std::size_t most_samples = 192'000;  // of one packet: more is a fault of the library

const char* name_in_plugin(media::Codec codec) {
  switch (codec) {
    case media::Codec::aac:
      return "aac";
    case media::Codec::mp3:
      return "mp3";
    case media::Codec::mp2:
      return "mp2";
    default:
      return nullptr;
  }
}

class PluginDecoder final : public AudioDecoder {
 public:
  PluginDecoder(const weir_audio_plugin& table, void* object) : table_(table), object_(object) {}
  ~PluginDecoder() override { table_.close_decoder(object_); }

  base::Result<void> decode(base::Bytes packet, Pcm& out) override {
    out.samples.clear();
    weir_audio_pcm pcm{};
    if (packet.empty() || table_.decode(object_, packet.data(), packet.size(), &pcm) < 0) return Errc::bad_packet;
    if (pcm.count == 0) return {};
    if (pcm.count > most_samples || pcm.channels == 0 || pcm.channels > most_channels) return Errc::bad_format;
    out.rate = pcm.rate;
    out.channels = static_cast<std::uint8_t>(pcm.channels);
    std::uint64_t places = pcm.places;
    for (std::size_t i = 0; i < out.channels; ++i) {
      const int bit = places == 0 ? static_cast<int>(i) : std::countr_zero(places);
      out.places[i] = bit <= static_cast<int>(Place::side_right) ? static_cast<Place>(bit) : Place::other;
      places &= places - 1;
    }
    out.samples.assign(pcm.samples, pcm.samples + std::size_t{pcm.count} * pcm.channels);
    return {};
  }

 private:
  const weir_audio_plugin& table_;
  void* object_;
};

class PluginEncoder final : public AudioEncoder {
 public:
  PluginEncoder(const weir_audio_plugin& table, void* object, weir_audio_encoder_facts facts, std::uint8_t channels)
      : table_(table), object_(object), facts_(facts), channels_(channels) {}
  ~PluginEncoder() override { table_.close_encoder(object_); }

  std::size_t frame_samples() const override { return facts_.frame_samples; }
  std::size_t lookahead() const override { return facts_.lookahead; }

  base::Result<void> encode(std::span<const float> samples, std::vector<base::SharedBytes>& out) override {
    if (samples.size() != frame_samples() * channels_) return Errc::bad_format;
    weir_audio_packet packet{};
    if (table_.encode(object_, samples.data(), &packet) < 0) return Errc::encoder;
    if (packet.data) out.push_back(base::SharedBytes::copy_of({packet.data, packet.size}));
    return {};
  }

 private:
  const weir_audio_plugin& table_;
  void* object_;
  weir_audio_encoder_facts facts_;
  std::uint8_t channels_;
};

}  // namespace

base::Result<Plugin> Plugin::load(const std::string& path, std::string& reason) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    reason = "there is no such file";
    return Errc::no_file;
  }
  // Never unloaded: codecs of streams that end later are its code.
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) {
    const char* said = ::dlerror();
    reason = said ? said : "the loader says nothing";
    return Errc::not_loaded;
  }
  const auto entry = reinterpret_cast<weir_audio_plugin_entry>(::dlsym(library, WEIR_AUDIO_ENTRY));
  const weir_audio_plugin* table = entry ? entry() : nullptr;
  if (!table || table->abi != WEIR_AUDIO_ABI) {
    reason = table ? "it is of version " + std::to_string(table->abi) + ", not " + std::to_string(WEIR_AUDIO_ABI)
                   : "it is no audio plug-in";
    return Errc::not_a_plugin;
  }
  return Plugin(*table);
}

std::string Plugin::version() const { return table_->version; }
std::string Plugin::licence() const { return table_->licence; }

base::Result<std::unique_ptr<AudioDecoder>> Plugin::decoder(const media::CodecParameters& p) const {
  const char* name = name_in_plugin(p.codec);
  void* object =
      name ? table_->open_decoder(name, p.extradata.data(), p.extradata.size(), p.sample_rate, p.channels) : nullptr;
  if (!object) return Errc::no_codec;
  return std::unique_ptr<AudioDecoder>(std::make_unique<PluginDecoder>(*table_, object));
}

base::Result<std::unique_ptr<AudioEncoder>> Plugin::encoder(media::Codec codec, const EncoderFormat& format) const {
  const char* name = name_in_plugin(codec);
  weir_audio_encoder_facts facts{};
  void* object = name ? table_->open_encoder(name, format.rate, format.channels,
                                             static_cast<std::uint32_t>(std::max(format.bitrate_bps, 1)), &facts)
                      : nullptr;
  if (!object) return Errc::no_codec;
  auto made = std::make_unique<PluginEncoder>(*table_, object, facts, format.channels);
  if (facts.frame_samples == 0 || facts.frame_samples > most_samples || facts.lookahead > most_samples) {
    return Errc::encoder;
  }
  return std::unique_ptr<AudioEncoder>(std::move(made));
}

}  // namespace weir::sound
