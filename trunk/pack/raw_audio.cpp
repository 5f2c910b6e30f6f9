#include "pack/raw_audio.h"

#include <algorithm>
#include <deque>

#include "codec/aac.h"

namespace weir::pack {
namespace {

class RawAudioPackager final : public hub::Packager {
 public:
  RawAudioPackager(const config::Vhost& vhost, Envelope envelope, media::Codec codec)
      : envelope_(envelope), codec_(codec) {
    // Further back than the GOP cache nothing is kept for newcomers.
    if (vhost.play.gop_cache)
      cache_ = std::min<base::Ticks>(vhost.http_remux.fast_cache, vhost.play.gop_cache_max_time);
  }

  void set_tracks(const media::Tracks& tracks, std::vector<hub::Wire>&) override {
    const auto found = std::find_if(tracks.begin(), tracks.end(),
                                    [this](const media::Track& track) { return track.parameters->codec == codec_; });
    carries_ = found != tracks.end();
    if (!carries_) return;
    track_ = found->id;
    const media::CodecParameters& parameters = *found->parameters;
    if (codec_ != media::Codec::aac) return;
    const auto read = codec::aac::parse_configuration(parameters.extradata);
    aac_ = read ? *read
                : codec::aac::Configuration{.channel_configuration = parameters.channels,
                                            .channels = parameters.channels,
                                            .sample_rate = parameters.sample_rate};
  }

  void package(const media::Frame& frame, bool, std::vector<hub::Wire>& out) override {
    if (!carries_ || frame.track != track_ || frame.payload.empty()) return;
    hub::Wire wire{.dts = frame.dts, .kind = media::Kind::audio, .entry = true};
    if (codec_ == media::Codec::aac) {
      scratch_.resize(codec::aac::adts_header_bytes);
      const base::MutableBytes head{scratch_.data(), scratch_.size()};
      if (!codec::aac::write_adts_header(head, aac_, frame.payload.size())) return;
      scratch_.append(frame.payload);
      wire.bytes = wrap(envelope_, scratch_, slab_);
    } else {
      wire.bytes = wrap(envelope_, frame.payload, slab_);
    }
    while (!cached_.empty() && frame.dts - cached_.front() > cache_) cached_.pop_front();
    wire.lead = static_cast<std::uint32_t>(cached_.size());
    if (cache_ > base::Ticks{}) cached_.push_back(frame.dts);
    out.push_back(std::move(wire));
  }

  bool carries_media() const override { return carries_; }
  hub::Fit fit(media::Codec audio) const override { return audio == codec_ ? hub::Fit::good : hub::Fit::none; }
  base::SharedBytes header() const override { return {}; }

 private:
  // given
  Envelope envelope_;
  media::Codec codec_;
  base::Ticks cache_{};
  // owned
  base::Slab slab_;
  base::Buffer scratch_;
  // state
  bool carries_ = false;
  media::TrackId track_{};
  codec::aac::Configuration aac_;
  std::deque<base::Ticks> cached_;  // times of the frames that a newcomer is given
};

hub::PackagerFactory make(Envelope envelope, media::Codec codec) {
  return [envelope, codec](const config::Vhost& vhost) {
    return std::make_unique<RawAudioPackager>(vhost, envelope, codec);
  };
}

}  // namespace

hub::PackagerFactory make_aac(Envelope envelope) { return make(envelope, media::Codec::aac); }
hub::PackagerFactory make_mp3(Envelope envelope) { return make(envelope, media::Codec::mp3); }

}  // namespace weir::pack
