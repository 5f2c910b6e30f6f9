#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "proto/rtp/nack_list.h"
#include "proto/rtp/reception.h"
#include "proto/rtp/reorder.h"
#include "proto/rtp/unpacker.h"
#include "proto/sdp/answer.h"
#include "session/webrtc/source_clock.h"

namespace weir::session::webrtc {

// The packets of one SSRC on their way to access units: order, what is missing, time, what reports say of it. On its
// session's worker; owned by the Receiver.
class Incoming {
 public:
  struct Given {
    std::uint32_t ssrc;
    const sdp::AgreedCodec& codec;  // of the answer, which outlives this
    base::Instant origin;           // of the session's time
  };
  explicit Incoming(const Given& given);

  // A packet of this source with its own payload type, or one that was sent again (RFC 4588) with its own number.
  // False if it is a stray.
  bool input(const rtp::Packet& packet, base::SharedBytes bytes, base::Instant arrived, bool again);

  struct Unit {
    base::Buffer bytes;
    bool key = false, picture = true;
    base::Ticks time;
  };
  // Whole access units in order. `round_trip` says how long it is worth waiting for what is missing.
  std::optional<Unit> next(base::Instant now, std::chrono::milliseconds round_trip);
  // When next() may give more although nothing comes.
  std::optional<base::Instant> deadline(std::chrono::milliseconds round_trip) const;

  std::uint32_t ssrc() const { return given_.ssrc; }
  const sdp::AgreedCodec& codec() const { return given_.codec; }
  bool is_audio() const { return media::kind_of(given_.codec.codec) == media::Kind::audio; }
  bool needs_key() const { return assembler_.needs_key(); }
  void require_key() { assembler_.require_key(); }
  base::Instant heard_at() const { return heard_at_; }
  bool said_bye() const { return said_bye_; }
  void say_bye() { said_bye_ = true; }

  rtp::NackList& nacks() { return nacks_; }
  bool misses_any() const { return nacks_.missing() > 0; }
  rtp::Reception& reception() { return reception_; }
  const rtp::Reception& reception() const { return reception_; }
  SourceClock* clock() { return clock_ ? &*clock_ : nullptr; }
  Synchroniser::Report& report() { return report_; }
  base::Ticks since_origin(base::Instant at) const;

  // Since the last call, in bits a second.
  std::uint64_t take_bitrate(base::Instant now);
  std::uint64_t bitrate() const { return bitrate_; }
  std::uint64_t late() const { return late_ + reorder_.late(); }
  std::uint64_t duplicates() const { return duplicates_ + reorder_.duplicates(); }
  std::uint64_t broken() const { return broken_ + assembler_.broken(); }
  std::uint64_t dropped() const { return dropped_ + assembler_.dropped(); }
  std::uint64_t recovered() const { return recovered_ + nacks_.recovered(); }

  static constexpr std::chrono::milliseconds least_wait{60}, most_wait{500};

 private:
  void restart();
  std::chrono::milliseconds wait(std::chrono::milliseconds round_trip) const;

  // given
  Given given_;

  // owned
  rtp::Reorder reorder_;
  rtp::NackList nacks_;
  rtp::Assembler assembler_;
  rtp::Reception reception_;
  std::optional<SourceClock> clock_;  // from the first packet on
  Synchroniser::Report report_;

  // state
  base::Instant heard_at_{}, measured_at_{};
  bool said_bye_ = false;
  std::uint64_t bytes_ = 0, bitrate_ = 0;
  std::uint64_t late_ = 0, duplicates_ = 0, broken_ = 0, dropped_ = 0, recovered_ = 0;  // before it began anew
};

}  // namespace weir::session::webrtc
