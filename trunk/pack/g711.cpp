#include "pack/g711.h"

#include <algorithm>

#include "pack/envelope.h"
#include "sound/g711.h"

namespace weir::pack {
namespace {

using hub::AudioBridge;
using media::Codec;

class G711Packager final : public hub::Packager {
 public:
  G711Packager(Codec law, AudioBridge& bridge) : law_(law), bridge_(bridge) {}

  void set_tracks(const media::Tracks& tracks, std::vector<hub::Wire>& out) override {
    const auto found = std::find_if(tracks.begin(), tracks.end(),
                                    [](const media::Track& one) { return one.id == media::TrackId::audio; });
    std::optional<sound::Recipe> recipe;
    if (found != tracks.end()) recipe = sound::Recipe{.from = *found->parameters, .to = law_, .fill_gaps = true};
    if (recipe == recipe_) return;
    flush(out);
    transcoder_.reset();
    failed_ = false;
    recipe_ = std::move(recipe);
    begin();
  }

  void package(const media::Frame& frame, bool, std::vector<hub::Wire>& out) override {
    if (!recipe_) return;
    if (as_it_is()) {
      if (frame.track == media::TrackId::audio && !frame.payload.empty()) emit(frame, out);
      return;
    }
    if (!transcoder_) begin();
    if (!transcoder_) return;
    if (frame.track == media::TrackId::audio) {
      transcoder_->put(frame, made_);
    } else {
      transcoder_->advance(frame.dts, made_);
    }
    hand_out(out);
  }

  void end(std::vector<hub::Wire>& out) override { flush(out); }
  // While the plug-in is loaded that the sound may need, there is hope.
  bool carries_media() const override {
    return recipe_ &&
           (as_it_is() || transcoder_ || (!failed_ && bridge_.lacks(*recipe_) == AudioBridge::Lack::loading));
  }
  // Nobody makes it anything else first.
  hub::Fit fit(Codec) const override { return hub::Fit::good; }
  bool in_step() const override { return false; }
  base::SharedBytes header() const override { return {}; }

 private:
  bool as_it_is() const {
    const media::CodecParameters& from = recipe_->from;
    return from.codec == law_ && from.channels <= 1 &&
           (from.sample_rate == 0 || from.sample_rate == sound::g711::sample_rate);
  }
  // What decoding takes; G.711 is encoded here.
  AudioBridge::Lack lack() const { return bridge_.lacks({.from = recipe_->from, .to = Codec::opus}); }
  void begin() {
    if (!recipe_ || as_it_is() || failed_ || lack() != AudioBridge::Lack::none) return;
    auto made = sound::Transcoder::make(bridge_.codecs(), *recipe_);
    failed_ = !made;
    if (made) transcoder_ = *std::move(made);
  }
  void flush(std::vector<hub::Wire>& out) {
    if (transcoder_) transcoder_->flush(made_);
    hand_out(out);
  }
  void hand_out(std::vector<hub::Wire>& out) {
    for (const media::Frame& frame : made_) emit(frame, out);
    made_.clear();
  }
  void emit(const media::Frame& frame, std::vector<hub::Wire>& out) {
    out.push_back({.bytes = wrap(Envelope::none, frame.payload, slab_),
                   .dts = frame.dts,
                   .kind = media::Kind::audio,
                   .entry = true});
  }

  // given
  Codec law_;
  AudioBridge& bridge_;

  // owned
  base::Slab slab_;
  std::unique_ptr<sound::Transcoder> transcoder_;
  std::vector<media::Frame> made_;

  // state
  std::optional<sound::Recipe> recipe_;  // none: the stream has no sound
  bool failed_ = false;                  // codecs refused
};

}  // namespace

hub::PackagerFactory make_g711(Codec law, AudioBridge& bridge) {
  return [law, &bridge](const config::Vhost&) { return std::make_unique<G711Packager>(law, bridge); };
}

void add_g711(hub::Formats& formats, AudioBridge& bridge) {
  formats[pcma] = make_g711(Codec::pcma, bridge);
  formats[pcmu] = make_g711(Codec::pcmu, bridge);
}

}  // namespace weir::pack
