#include "pack/ps.h"

#include "format/ps/muxer.h"
#include "format/ps/syntax.h"
#include "pack/entries.h"
#include "pack/envelope.h"

namespace weir::pack {
namespace {

class PsPackager final : public hub::Packager {
 public:
  void set_tracks(const media::Tracks& tracks, std::vector<hub::Wire>&) override {
    muxer_.set_tracks(tracks);
    entries_.set_tracks(tracks, [this](media::TrackId id) { return muxer_.carries(id); });
  }

  void package(const media::Frame& frame, bool entry_of_stream, std::vector<hub::Wire>& out) override {
    if (!muxer_.carries(frame.track)) return;
    const bool begins = entries_.begins(frame, entry_of_stream);
    if (begins) muxer_.tell_streams();
    scratch_.clear();
    if (!muxer_.write(frame, scratch_)) return;
    out.push_back({.bytes = wrap(Envelope::none, scratch_, slab_),
                   .dts = frame.dts,
                   .kind = media::kind_of(frame.codec),
                   .entry = begins});
  }

  bool carries_media() const override { return entries_.any_track(); }
  hub::Fit fit(media::Codec audio) const override { return ps::type_of_codec(audio) ? hub::Fit::good : hub::Fit::none; }
  base::SharedBytes header() const override { return {}; }

 private:
  base::Slab slab_;
  ps::Muxer muxer_;
  base::Buffer scratch_;
  Entries entries_;
};

}  // namespace

std::unique_ptr<hub::Packager> make_ps(const config::Vhost&) { return std::make_unique<PsPackager>(); }

}  // namespace weir::pack
