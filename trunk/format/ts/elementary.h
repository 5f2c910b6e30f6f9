#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "format/ts/content.h"
#include "media/track.h"

namespace weir::ts {

// One access unit found in an elementary stream, as media::Frame wants it.
struct AccessUnit {
  base::Ticks dts{}, composition{};
  bool key = false;
  base::SharedBytes payload;
  std::shared_ptr<const media::CodecParameters> parameters;  // of this unit
};

struct ElementaryCounts {
  std::uint64_t units = 0;
  std::uint64_t skipped_bytes = 0;  // what was between units, or belonged to none
  std::uint64_t before_header = 0;  // units before the parameters of their codec were known
  std::uint64_t without_time = 0;   // units that came before any time
};

// Finds the access units in the payloads of a stream's PES packets, and the codec's parameters in band. Also for
// program streams. One for each stream; bounded by the PES packets it is given and 64 KiB.
class Elementary {
 public:
  struct Time {
    bool known = false;
    base::Ticks pts{}, dts{};
    // Without a time: when it would be decoded by the program's clock, which was told anew since the last such packet.
    std::optional<base::Ticks> clock{};
  };

  virtual ~Elementary() = default;
  // The payload of a PES packet, or of a part of it behind a loss, and the time of the first unit that begins in it.
  // Appends what it finds.
  virtual void input(base::Bytes payload, const Time& time, std::vector<AccessUnit>& out) = 0;
  // So many bytes, as far as is known, were lost before the next payload: it may begin in the middle of a unit.
  virtual void lose(std::size_t bytes) = 0;
  // Where in the next payload bytes are missing: what is whole around them is kept. Only of video; the payloads of
  // audio end there.
  virtual void mark_holes(std::span<const std::size_t>) {}
  const ElementaryCounts& counts() const { return counts_; }

 protected:
  ElementaryCounts counts_;
};

// Null for a codec that is not known here.
std::unique_ptr<Elementary> make_elementary(const Content& content);

}  // namespace weir::ts
