#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/clock.h"
#include "media/codec_id.h"

namespace weir::pack {

// A frame of the RTP format as players find it in their feed: the payloads of all its packets, made once. A player
// sends each behind a header of its own and keeps no copy: what it is asked for again it finds in the feed's log.
//
// In memory, in this machine's order of bytes: codec, flags (1: key frame), number of payloads (16 bits), generation
// (32 bits), presentation time (64 bits, 90 kHz), the size of each payload (16 bits), the payloads.
class RtpWire {
 public:
  static constexpr std::size_t head_bytes = 16, most_payloads = 65535;

  struct Head {
    media::Codec codec = media::Codec::none;
    bool key = false;
    std::uint32_t generation = 0;  // of the track: grows when another publisher goes on with the stream
    base::Ticks pts{};
  };
  static std::size_t size_of(std::size_t payloads, std::size_t payload_bytes) {
    return head_bytes + 2 * payloads + payload_bytes;
  }
  // `room` has the size that size_of() says.
  static void write(base::MutableBytes room, const Head& head, std::span<const std::uint16_t> sizes,
                    base::Bytes payloads);

  // None if the bytes are no such wire. They must outlive it.
  static std::optional<RtpWire> read(base::Bytes wire);

  media::Codec codec() const { return head_.codec; }
  media::Kind kind() const { return media::kind_of(head_.codec); }
  bool key() const { return head_.key; }
  std::uint32_t generation() const { return head_.generation; }
  base::Ticks pts() const { return head_.pts; }
  std::size_t count() const { return count_; }
  std::size_t size_of_payload(std::size_t index) const;
  // Walks the sizes before it.
  base::Bytes payload(std::size_t index) const;

  // The payloads in order, from one of them on.
  class Walk {
   public:
    Walk(const RtpWire& wire, std::size_t first);
    std::optional<base::Bytes> next();

   private:
    const RtpWire& wire_;
    std::size_t index_, offset_ = 0;
  };

 private:
  RtpWire() = default;

  Head head_;
  std::size_t count_ = 0;
  base::Bytes sizes_, payloads_;
};

}  // namespace weir::pack
