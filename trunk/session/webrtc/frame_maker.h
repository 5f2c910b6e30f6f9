#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "media/decode_order.h"
#include "media/frame.h"
#include "media/track.h"
#include "proto/sdp/answer.h"

namespace weir::session::webrtc {

// From the access units of one media line to what the hub carries: finds the parameters of the track in the band or in
// the SDP (RFC 6184 8.1, sprop-parameter-sets), and a decoding time for each frame. One for each line and codec; the
// sources that follow one another on it go on with its track.
class FrameMaker {
 public:
  // `generation` of the track until its parameters change.
  FrameMaker(const sdp::AgreedCodec& codec, media::TrackId track, std::uint32_t generation);

  struct Unit {
    base::Bytes bytes;
    bool key = false;
    bool picture = true;  // false: parameter sets alone
    base::Ticks time;     // when it is shown
  };
  struct Made {
    media::Frame frame;
    bool track_changed = false;  // look at track() before the frame
  };
  // A whole access unit, in decoding order. None if it cannot be decoded: a key frame whose parameters are known must
  // come first.
  std::optional<Made> make(const Unit& unit);
  // Another source goes on, or frames are missing.
  void begin_anew();

  // Its parameters are null before its first frame.
  const media::Track& track() const { return track_; }
  media::Codec codec() const { return codec_.codec; }
  bool needs_key() const { return needs_key_; }

  static constexpr std::size_t most_sets = 32, most_set_bytes = 4096;

 private:
  struct Set {
    unsigned type;
    std::uint32_t id;
    base::SharedBytes nal;
  };

  void learn(const Unit& unit);
  std::vector<Set> sets_in(base::Bytes unit) const;
  void merge(std::vector<Set> found);
  bool knows(const Set& set) const;
  void set_configuration(base::Buffer extradata);
  void learn_sets(base::Bytes unit);
  void learn_av1(base::Bytes unit);
  void learn_vpx(base::Bytes unit);
  void learn_audio(base::Bytes packet);
  void set_parameters(media::CodecParameters parameters);

  // given
  sdp::AgreedCodec codec_;

  // state
  media::Track track_;
  media::DecodeOrder order_;
  std::vector<Set> sets_;  // the newest
  bool needs_key_;
  bool changed_ = false;
};

}  // namespace weir::session::webrtc
