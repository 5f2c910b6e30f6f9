#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"
#include "format/ps/muxer.h"
#include "media/codec_id.h"
#include "session/gb28181/rtp_writer.h"

namespace weir::session::gb28181 {

// How sound goes to a loudspeaker: G.711 of 8 kHz and one channel, as it is or in a program stream.
struct VoiceForm {
  media::Codec codec = media::Codec::pcma;  // or pcmu
  bool in_program_stream = false;
  std::uint8_t payload_type = 8;
  std::chrono::milliseconds packet{100};  // so much in each: short ones make some devices crackle
};

// G.711 as RTP packets of equal length in time. By TCP each stands behind its length (RFC 4571). No socket and no
// clock.
class VoiceWriter {
 public:
  // `packet_bytes`: of the longest RTP packet.
  VoiceWriter(const VoiceForm& form, std::uint32_t ssrc, bool framed,
              std::size_t packet_bytes = RtpWriter::usual_bytes);

  // Samples and the time of the first. Where they do not follow those before, what was kept goes out as it is.
  void put(base::Bytes samples, base::Ticks time);
  // Nothing more comes: the rest is a packet, too.
  void finish();
  // Appends one packet that is ready; false: none is.
  bool next(base::Buffer& out);
  std::uint64_t packets() const { return packets_ + program_.packets(); }

 private:
  void write(base::Bytes samples, std::int64_t at, bool marked, base::Buffer& out);

  // given
  VoiceForm form_;
  std::uint32_t ssrc_;
  bool framed_;

  // owned
  base::Buffer held_, left_;  // left_: from before a break, less than a packet
  ps::Muxer muxer_;
  RtpWriter program_;
  base::Buffer pack_;

  // state
  std::int64_t held_at_ = 0, left_at_ = 0;    // in samples, of the first
  bool marked_ = true, left_marked_ = false;  // the next packet begins after a break
  std::uint16_t sequence_ = 0;
  std::uint64_t packets_ = 0;
};

}  // namespace weir::session::gb28181
