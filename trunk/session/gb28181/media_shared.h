#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "session/gb28181/media_error.h"

namespace weir::session::gb28181 {

class MediaService;

// Number of a place of this process, never used again.
enum class PlaceNumber : std::uint64_t {};

// Where the media of a place lives.
struct PlaceHome {
  base::WorkerIndex worker{};
  PlaceNumber number{};
};

// The places of the process: whose media is expected, and by which SSRC. Behind a lock, which is taken when a place
// comes or goes, when it is answered, and for the first packet of a source at the one port: never for media. Any
// thread.
class PlaceTable {
 public:
  static constexpr std::size_t most = 20'000;

  // MediaErrc::stream_taken, too_many.
  base::Result<PlaceHome> enter(const base::StreamKey& key, base::WorkerIndex worker);
  void leave(const base::StreamKey& key, PlaceNumber number);
  // At the one port packets of this SSRC belong to that place. MediaErrc::ssrc_taken.
  base::Result<void> claim(std::uint32_t ssrc, const PlaceHome& home);
  std::optional<PlaceHome> by_ssrc(std::uint32_t ssrc) const;
  // Where nothing else tells: who answered from there waits for its media; none if several do.
  void expect_from(const std::string& address, const PlaceHome& home);
  std::optional<PlaceHome> by_address(const std::string& address) const;
  std::size_t size() const;

 private:
  // state
  mutable std::mutex mutex_;
  std::unordered_map<base::StreamKey, PlaceNumber> streams_;
  std::unordered_map<std::uint32_t, PlaceHome> ssrcs_;
  std::unordered_multimap<std::string, PlaceHome> addresses_;
  std::uint64_t numbers_ = 0;
};

// Of the whole process, for metrics. Any thread.
struct MediaTotals {
  std::atomic<std::uint64_t> places{0}, publishing{0};  // now
  std::atomic<std::uint64_t> packets{0}, bytes{0}, lost{0}, strangers{0}, silent_ends{0};
};

// What the workers have in common.
struct MediaShared {
  PlaceTable table;
  MediaTotals totals;
  std::vector<MediaService*> peers;  // by worker; complete before the workers start
  std::atomic<std::uint32_t> next_port{0}, next_worker{0};
  // The one port for all, where it is open: by TCP on each worker, by UDP on the first.
  std::atomic<std::uint16_t> tcp_port{0}, udp_port{0};
  std::atomic<bool> told_of_small_buffers{false};
};

}  // namespace weir::session::gb28181
