#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"
#include "media/codec_id.h"

namespace weir::ps {

// A PES packet of video.
struct VideoPes {
  base::Bytes payload;
  std::optional<base::Ticks> pts, dts;  // a dts only where it is not the pts
  // When it was sent by another clock than the PES header's: the RTP timestamp, or the pack's clock.
  std::optional<base::Ticks> sent;
  bool behind_pack = false;  // the first video packet behind a pack header
};

// Which PES packets are one picture. Devices cut a picture into several, each of at most 64 KiB or each of one RTP
// packet, with a time in the first or the same in each, and put slices of one picture into packs of their own; others
// write no times at all. So a picture lasts until its time changes, be it the PES header's or that of the packets it
// came in; where there is none, until an access unit begins.
//
//   if (auto before = joiner.put(pes, codec)) ...;
class PictureJoiner {
 public:
  explicit PictureJoiner(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  struct Picture {
    base::Buffer bytes;
    base::Ticks pts{}, dts{};
  };
  // `codec` as far as it is known. Gives the picture that ended where this one begins.
  std::optional<Picture> put(const VideoPes& pes, media::Codec codec);
  // More of the payload that came last, of which the PES header did not tell.
  void go_on(base::Bytes more);
  // The packet had RTP's marker: where it has always stood at the end of a picture, the picture is given at once.
  std::optional<Picture> mark();
  // The stream is at its end.
  std::optional<Picture> flush();
  // Its last packet had a marker.
  bool ended() const { return marked_ && marker_trust_ >= 0; }
  // Packets are lost: what is gathered is not whole. True if there was something.
  bool drop();

  std::uint64_t oversized() const { return oversized_; }

 private:
  bool begins_another(const VideoPes& pes, media::Codec codec) const;
  void append(base::Bytes payload);
  void look_at_marker(bool ends);

  // given
  std::size_t most_bytes_;

  // state
  struct Times {
    std::optional<base::Ticks> pts, dts, sent;
  };
  bool open_ = false;
  base::Buffer bytes_;
  Times times_;                  // of what is gathered
  std::optional<Times> before_;  // of the picture before, with a dts
  media::Codec codec_ = media::Codec::none;
  bool marked_ = false;
  int marker_trust_ = 0;  // below zero: it lies
  std::uint64_t oversized_ = 0;
};

}  // namespace weir::ps
