#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "config/realtime.h"
#include "net/blocking_pool.h"
#include "sound/transcoder.h"

namespace weir::hub {

// Where sound of one codec is made of another's, for all streams of the process: threads, codecs, figures. Built once,
// used from every worker; outlives them and the pool.
class AudioBridge {
 public:
  enum class PluginState : std::uint8_t { unloaded, loading, loaded, missing };
  struct Figures {
    std::atomic<std::uint32_t> streams{0};  // whose sound is being made now
    std::atomic<std::uint64_t> started{0}, failed{0};
    std::atomic<std::uint64_t> frames_in{0}, frames_out{0};
    std::atomic<std::uint64_t> dropped{0};      // came faster than they could be used
    std::atomic<std::uint64_t> bad_packets{0};  // could not be decoded
    std::atomic<std::uint64_t> cpu_us{0};
  };
  // Why there is no sound.
  enum class Lack : std::uint8_t { none, plugin, loading, codec };

  // `plugins`: where the plug-in may lie, the first one that is there is taken.
  AudioBridge(net::BlockingPool& pool, std::vector<std::string> plugins, log::Logger* logger);

  // Whether a virtual host wants `to` made of sound of this codec: then `to`, else Codec::none.
  static media::Codec wanted(const config::Rtc& rtc, media::Codec from, media::Codec to);
  // Whether it can be made now. Where the plug-in is needed for it, loads that in the background: ask again later.
  Lack lacks(const sound::Recipe& recipe);
  // Loads the plug-in, unless that was done or failed. Blocks: on the main thread before the workers start, or a
  // pool's.
  void load();
  // A reload: what was missing may be there now.
  void look_again();

  const sound::Codecs& codecs() const { return *current_.load(std::memory_order_acquire); }
  PluginState plugin_state() const { return state_.load(std::memory_order_acquire); }
  net::BlockingPool& pool() { return pool_; }
  Figures& figures() { return figures_; }
  const Figures& figures() const { return figures_; }

 private:
  // given
  net::BlockingPool& pool_;
  std::vector<std::string> plugins_;
  log::Context log_;

  // owned
  sound::Codecs core_;
  std::unique_ptr<const sound::Codecs> full_;  // set once, by who loads
  Figures figures_;

  // state
  std::atomic<const sound::Codecs*> current_{&core_};
  std::atomic<PluginState> state_{PluginState::unloaded};
};

// In words, for the API: "", "plug-in missing", ...
std::string_view name_of(AudioBridge::Lack lack);

}  // namespace weir::hub
