#include "pack/piped.h"

#include "pack/flv.h"
#include "pack/ts.h"

namespace weir::pack {
namespace {

using media::Kind;

constexpr std::chrono::milliseconds piped_audio_hold{40};

// Another packager, which hears of one kind of tracks and of data.
class OfOneKind final : public hub::Packager {
 public:
  OfOneKind(std::unique_ptr<hub::Packager> inner, Kind kind) : inner_(std::move(inner)), kind_(kind) {}

  void set_tracks(const media::Tracks& tracks, std::vector<hub::Wire>& out) override {
    media::Tracks chosen;
    for (const media::Track& track : tracks) {
      if (passes(track.parameters->codec)) chosen.push_back(track);
    }
    inner_->set_tracks(chosen, out);
  }
  void package(const media::Frame& frame, bool entry, std::vector<hub::Wire>& out) override {
    if (passes(frame.codec)) inner_->package(frame, entry, out);
  }
  void end(std::vector<hub::Wire>& out) override { inner_->end(out); }
  bool carries_media() const override { return inner_->carries_media(); }
  hub::Fit fit(media::Codec audio) const override { return kind_ == Kind::audio ? inner_->fit(audio) : hub::Fit::none; }
  base::SharedBytes header() const override { return inner_->header(); }

 private:
  bool passes(media::Codec codec) const {
    const Kind kind = media::kind_of(codec);
    return kind == kind_ || kind == Kind::data;
  }

  std::unique_ptr<hub::Packager> inner_;
  Kind kind_;
};

}  // namespace

hub::PackagerFactory make_piped_flv(Only only) {
  config::HttpRemux kinds;
  kinds.guess_has_av = only == Only::all;
  kinds.has_video = only != Only::audio;
  kinds.has_audio = only != Only::video;
  kinds.drop_if_not_match = true;
  return make_flv(Envelope::none, kinds);
}

hub::PackagerFactory make_piped_ts(Only only) {
  auto whole = make_ts(Envelope::none, piped_audio_hold);
  if (only == Only::all) return whole;
  const Kind kind = only == Only::video ? Kind::video : Kind::audio;
  return [whole = std::move(whole), kind](const config::Vhost& vhost) -> std::unique_ptr<hub::Packager> {
    return std::make_unique<OfOneKind>(whole(vhost), kind);
  };
}

}  // namespace weir::pack
