#include "hub/audio_bridge.h"

namespace weir::hub {

using media::Codec;

AudioBridge::AudioBridge(net::BlockingPool& pool, std::vector<std::string> plugins, log::Logger* logger)
    : pool_(pool), plugins_(std::move(plugins)), log_{logger, {}, {}} {}

Codec AudioBridge::wanted(const config::Rtc& rtc, Codec from, Codec to) {
  const bool of_calls = from == Codec::opus || from == Codec::pcma || from == Codec::pcmu;
  if (to == Codec::opus && !of_calls && rtc.rtmp_to_rtc) return to;
  if (to == Codec::aac && of_calls && rtc.rtc_to_rtmp) return to;
  return Codec::none;
}

AudioBridge::Lack AudioBridge::lacks(const sound::Recipe& recipe) {
  const Codec from = recipe.from.codec;
  if (sound::outcome_of(recipe).codec == Codec::none) return Lack::codec;
  if (sound::Codecs::core_decodes(from) && sound::Codecs::core_encodes(recipe.to)) return Lack::none;
  switch (plugin_state()) {
    case PluginState::loaded:
      return Lack::none;
    case PluginState::missing:
      return Lack::plugin;
    case PluginState::loading:
      return Lack::loading;
    case PluginState::unloaded:
      break;
  }
  (void)pool_.post([this] { load(); });
  return Lack::loading;
}

void AudioBridge::load() {
  PluginState before = PluginState::unloaded;
  if (!state_.compare_exchange_strong(before, PluginState::loading)) return;
  std::string tried;
  for (const std::string& path : plugins_) {
    std::string reason;
    if (auto plugin = sound::Plugin::load(path, reason)) {
      log::info(log_, "audio plug-in {}: {}, licence: {}", path, plugin->version(), plugin->licence());
      full_ = std::make_unique<const sound::Codecs>(std::make_shared<const sound::Plugin>(*plugin));
      current_.store(full_.get(), std::memory_order_release);
      state_.store(PluginState::loaded, std::memory_order_release);
      return;
    }
    tried += (tried.empty() ? "" : "; ") + path + ": " + reason;
  }
  log::warn(log_,
            "no audio plug-in ({}): AAC and MP3 cannot be made Opus, so such streams play by WebRTC without sound, and "
            "Opus cannot be made AAC. It is libweir_avcodec.so; plugin_dir says where it lies",
            tried);
  state_.store(PluginState::missing, std::memory_order_release);
}

void AudioBridge::look_again() {
  PluginState before = PluginState::missing;
  (void)state_.compare_exchange_strong(before, PluginState::unloaded);
}

std::string_view name_of(AudioBridge::Lack lack) {
  switch (lack) {
    case AudioBridge::Lack::none:
      return "";
    case AudioBridge::Lack::plugin:
      return "the audio plug-in is missing";
    case AudioBridge::Lack::loading:
      return "the audio plug-in is being loaded";
    case AudioBridge::Lack::codec:
      return "nobody decodes this codec";
  }
  return "";
}

}  // namespace weir::hub
