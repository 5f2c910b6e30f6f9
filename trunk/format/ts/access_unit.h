#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/clock.h"
#include "codec/aac.h"
#include "format/ts/packet_filler.h"
#include "media/track.h"

namespace weir::ts {

// How a frame of one track becomes the payload of a PES packet: H.264 and HEVC as a byte stream with an access unit
// delimiter (ISO 13818-1 2.14.1 and 2.17.1 ask for it) and, before key frames, the parameter sets, unless they are in
// band; AV1 as OBUs behind start codes; AAC with ADTS headers; Opus with its control header; others as they are. Made
// once for each generation of a track.
class AccessUnitWriter {
 public:
  AccessUnitWriter() = default;
  explicit AccessUnitWriter(const media::CodecParameters& parameters);

  media::Codec codec() const { return codec_; }
  bool is_video() const { return media::kind_of(codec_) == media::Kind::video; }

  // What put() will write; 0 for a frame without content.
  std::size_t bytes(base::Bytes frame, bool key) const;
  // Into `out.put(Bytes)`: a PacketFiller, or what append() has.
  template <class Out>
  void put(base::Bytes frame, bool key, Out& out) const;
  // The same, to the end of a buffer.
  void append(base::Bytes frame, bool key, base::Buffer& out) const;

 private:
  bool is_delimiter(std::uint8_t first_byte) const;
  base::Bytes delimiter() const;
  bool has_parameter_sets(base::Bytes frame) const;
  std::size_t video_bytes(base::Bytes frame, bool key) const;
  template <class Out>
  void put_video(base::Bytes frame, bool key, Out& out) const;
  bool has_sequence_header(base::Bytes frame) const;
  template <class Put>
  void each_av1_piece(base::Bytes frame, bool key, Put put) const;
  base::Bytes element_before(base::Bytes frame) const;

  media::Codec codec_ = media::Codec::none;
  unsigned nal_length_bytes_ = 4;
  base::Buffer parameter_sets_;  // as a byte stream; of AV1 as OBUs
  codec::aac::Configuration aac_;
  base::Buffer program_element_;  // of AAC whose channels ADTS cannot number: before each access unit
};

extern template void AccessUnitWriter::put(base::Bytes, bool, PacketFiller&) const;

}  // namespace weir::ts
