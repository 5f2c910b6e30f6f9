#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "format/flv/tag.h"

namespace weir::session::upstream {

// Data of FLV or RTMP that comes before the first sound or picture. It makes no stream: a server that has none says
// "|RtmpSampleAccess" all the same. It belongs to the stream that may follow.
class DataAhead {
 public:
  static constexpr std::size_t most = 16, most_bytes = 64 * 1024;
  struct Tag {
    flv::TagType type;
    base::Millis time;
    base::SharedBytes body;
  };

  // True: it is data, and was kept, or left out if there is too much of it.
  bool keep(flv::TagType type, base::Millis time, const base::SharedBytes& body) {
    if (type == flv::TagType::audio || type == flv::TagType::video) return false;
    if (kept_.size() < most && held_ + body.size() <= most_bytes) {
      held_ += body.size();
      kept_.push_back({type, time, body});
    }
    return true;
  }
  std::vector<Tag> take() { return std::exchange(kept_, {}); }

 private:
  std::vector<Tag> kept_;
  std::size_t held_ = 0;
};

}  // namespace weir::session::upstream
