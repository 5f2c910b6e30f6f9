#include "pack/rtp.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/slab.h"
#include "codec/avc.h"
#include "codec/hevc.h"
#include "codec/nal.h"
#include "pack/rtp_wire.h"
#include "proto/rtp/pack_av1.h"
#include "proto/rtp/pack_h26x.h"
#include "proto/rtp/pack_vpx.h"

namespace weir::pack {
namespace {

using base::Bytes;
using media::Codec;
using media::Kind;

// The access unit without its SEI messages.
void append_without_sei(Bytes unit, unsigned length_bytes, base::Buffer& out) {
  codec::nal::LengthPrefixed nals(unit, length_bytes);
  while (const auto nal = nals.next()) {
    if (codec::avc::nal_type((*nal)[0]) == codec::avc::NalType::sei) continue;
    for (unsigned i = length_bytes; i-- > 0;) out.append(static_cast<std::uint8_t>(nal->size() >> (8 * i)));
    out.append(*nal);
  }
}

class RtpPackager final : public hub::Packager {
 public:
  RtpPackager(const config::Rtc& settings, unsigned video, unsigned audio)
      : keeps_bidirectional_(settings.keep_bframe),
        keeps_sei_(settings.keep_avc_nalu_sei),
        video_choice_(video),
        audio_choice_(audio) {}

  void set_tracks(const media::Tracks& tracks, std::vector<hub::Wire>&) override {
    const auto before = video_ ? video_->parameters : nullptr;
    video_ = rtp_track(tracks, Kind::video, video_choice_);
    audio_ = rtp_track(tracks, Kind::audio, audio_choice_);
    if (video_ && video_->parameters != before) read_parameter_sets();
  }

  void package(const media::Frame& frame, bool entry_of_stream, std::vector<hub::Wire>& out) override {
    const bool is_video = video_ && frame.track == video_->id;
    const bool is_audio = !is_video && audio_ && frame.track == audio_->id;
    if ((!is_video && !is_audio) || frame.payload.empty()) return;
    payloads_.clear();
    if (is_video) {
      pack_video(frame);
    } else if (frame.payload.size() <= rtp::most_payload_bytes) {
      payloads_.add(frame.payload);
    }
    if (payloads_.sizes.empty() || payloads_.sizes.size() > RtpWire::most_payloads) return;
    const RtpWire::Head head{frame.codec, frame.key, frame.generation, frame.dts + frame.composition};
    const base::MutableBytes room = slab_.reserve(RtpWire::size_of(payloads_.sizes.size(), payloads_.bytes.size()));
    RtpWire::write(room, head, payloads_.sizes, payloads_.bytes);
    out.push_back({.bytes = slab_.commit(room.size()),
                   .dts = frame.dts,
                   .kind = is_video ? Kind::video : Kind::audio,
                   .entry = is_video ? frame.key : !video_ || entry_of_stream});
  }

  bool carries_media() const override { return video_ || audio_; }
  // Sound is made in another codec of the main one alone: where another is read, nothing is.
  hub::Fit fit(media::Codec audio) const override {
    return audio_choice_ > 1 || rtp_carries(audio) ? hub::Fit::good : hub::Fit::none;
  }
  bool in_step() const override { return false; }  // each packet leaves as soon as it is there
  base::SharedBytes header() const override { return {}; }

 private:
  void read_parameter_sets() {
    sets_.clear();
    record_ = video_->parameters->extradata;
    if (video_->parameters->codec == Codec::h264) {
      if (const auto read = codec::avc::parse_configuration(record_)) add(read->sps), add(read->pps);
    } else if (video_->parameters->codec == Codec::hevc) {
      if (const auto read = codec::hevc::parse_configuration(record_)) add(read->vps), add(read->sps), add(read->pps);
    }
  }
  void add(const std::vector<Bytes>& sets) { sets_.insert(sets_.end(), sets.begin(), sets.end()); }

  void pack_video(const media::Frame& frame) {
    constexpr std::size_t most = rtp::most_payload_bytes;
    const unsigned length_bytes = video_->parameters->nal_length_bytes;
    rtp::AccessUnit unit{frame.payload, length_bytes, sets_, frame.key};
    // What is cut off at its end is sent as far as it goes: the encoder's damage is for the decoder to conceal.
    switch (frame.codec) {
      case Codec::h264:
        if (!frame.key && !keeps_bidirectional_ && rtp::is_bidirectional_avc(frame.payload, length_bytes)) break;
        if (!keeps_sei_) {
          without_sei_.clear();
          append_without_sei(frame.payload, length_bytes, without_sei_);
          unit.bytes = without_sei_;
        }
        (void)rtp::pack_avc(unit, most, payloads_);
        break;
      case Codec::hevc:
        (void)rtp::pack_hevc(unit, most, payloads_);
        break;
      case Codec::av1:
        (void)rtp::pack_av1(frame.payload, frame.key, most, payloads_);
        break;
      case Codec::vp8:
        rtp::pack_vp8(frame.payload, ++picture_, most, payloads_);
        break;
      case Codec::vp9:
        rtp::pack_vp9(frame.payload, frame.key, ++picture_, most, payloads_);
        break;
      default:
        break;
    }
  }

  // given
  const bool keeps_bidirectional_, keeps_sei_;
  const unsigned video_choice_, audio_choice_;

  // owned
  base::Slab slab_;
  base::Buffer without_sei_;
  rtp::Payloads payloads_;
  base::SharedBytes record_;  // what sets_ points into
  std::vector<Bytes> sets_;

  // state
  std::optional<media::Track> video_, audio_;
  std::uint16_t picture_ = 0;
};

}  // namespace

std::optional<media::Track> rtp_track(const media::Tracks& tracks, Kind kind, unsigned choice) {
  unsigned count = 0;
  for (const media::Track& track : tracks) {
    const Codec codec = track.parameters->codec;
    if (media::kind_of(codec) != kind) continue;
    ++count;
    if (rtp_carries(codec) && (choice <= 1 || count == choice)) return track;
  }
  return std::nullopt;
}

hub::PackagerFactory make_rtp(unsigned video, unsigned audio) {
  return [video, audio](const config::Vhost& vhost) { return std::make_unique<RtpPackager>(vhost.rtc, video, audio); };
}

}  // namespace weir::pack
