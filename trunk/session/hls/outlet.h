#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "config/vhost.h"
#include "hub/memory.h"
#include "session/hls/page.h"

namespace weir::session::hls {

class Disk;

// The memory of all segments of the process, as a part of the budget of all caches. Touched once a segment.
class Budget {
 public:
  // Before the workers start; without it there is no other limit than those of segments.
  void join(hub::MemoryBudget& whole) { whole_ = &whole; }

  void take(std::uint64_t bytes) {
    used_.fetch_add(bytes, std::memory_order_relaxed);
    if (whole_) whole_->add(hub::Cache::segments, static_cast<std::int64_t>(bytes));
  }
  void give(std::uint64_t bytes) {
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    if (whole_) whole_->add(hub::Cache::segments, -static_cast<std::int64_t>(bytes));
  }
  hub::MemoryBudget* whole() const { return whole_; }
  hub::Pressure pressure() const { return whole_ ? whole_->pressure() : hub::Pressure::none; }
  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  hub::MemoryBudget* whole_ = nullptr;
  std::atomic<std::uint64_t> used_{0};
};

// A segment that is complete.
struct SegmentFile {
  std::string path, uri, playlist_path, playlist_url;  // as hub::HlsSegment has them
  std::uint64_t number = 0;
  base::Ticks duration{};
};

// What outputs of a stream, HLS and DASH, have in common: its names and where what they make goes.
struct Outlet {
  std::shared_ptr<const config::Vhost> vhost;
  std::string app, stream;
  base::StreamKey key{};
  std::uint16_t home = 0;
  bool guarded = false;  // see guard.h: every address that is given away carries the id of its session
  Budget& budget;
  std::shared_ptr<Disposal> disposal{};  // of segments that are over; null: they go where they are let go of
  Disk* disk = nullptr;                  // null: nothing is written
  Disk* keys_disk = nullptr;             // of hls_key_file_path
  std::function<void(const std::shared_ptr<const Update>&)> broadcast;
  std::function<void(const SegmentFile&)> on_file;  // may be called after the output is gone
  log::Context log;

  std::string place_of(std::string_view path) const { return vhost->name + "/" + std::string(path); }
};

// The way from the folder of the file `from` to `to`, both relative to the same root, as a URI.
std::string relative_uri(std::string_view from, std::string_view to);
// As SRS has it: prefix/folder-of-the-playlist/name, where a prefix is set.
std::string prefixed_uri(std::string_view prefix, std::string_view from, std::string_view to);

}  // namespace weir::session::hls
