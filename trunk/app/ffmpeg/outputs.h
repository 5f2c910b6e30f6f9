#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "base/ids.h"
#include "config/config.h"

namespace weir::ffmpeg {

// The streams of this server that are transcoded from others, of all workers. A mutex, touched when somebody publishes
// or a program is begun. Any thread.
class Outputs {
 public:
  // A program makes this one as long as the mark lives.
  class Mark {
   public:
    Mark(Outputs& all, base::StreamKey key) : all_(all), key_(std::move(key)) {
      const std::lock_guard lock(all_.mutex_);
      ++all_.made_[key_];
    }
    ~Mark() {
      const std::lock_guard lock(all_.mutex_);
      if (--all_.made_[key_] == 0) all_.made_.erase(key_);
    }
    Mark(const Mark&) = delete;
    const base::StreamKey& key() const { return key_; }

   private:
    Outputs& all_;
    base::StreamKey key_;
  };

  bool contains(const base::StreamKey& key) const {
    const std::lock_guard lock(mutex_);
    return made_.contains(key);
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<base::StreamKey, unsigned> made_;
};

}  // namespace weir::ffmpeg
