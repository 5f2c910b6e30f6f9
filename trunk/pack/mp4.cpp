#include "pack/mp4.h"

#include <optional>

#include "format/mp4/fragmenter.h"
#include "pack/entries.h"

namespace weir::pack {
namespace {

constexpr base::Ticks fragment_length = std::chrono::milliseconds(100);
constexpr std::size_t largest_fragment_bytes = 32 * 1024 * 1024;

class Mp4Packager final : public hub::Packager {
 public:
  Mp4Packager(const config::Vhost& vhost, Envelope envelope)
      : envelope_(envelope), fragment_length_(vhost.min_latency ? base::Ticks{} : fragment_length) {}

  void set_tracks(const media::Tracks& tracks, std::vector<hub::Wire>& out) override {
    if (fragmenter_ && same_media(tracks)) return;
    const bool running = fragmenter_.has_value() && fragmenter_->has_tracks();
    end(out);
    tracks_ = tracks;
    fragmenter_.emplace(tracks);
    entries_.set_tracks(tracks, [this](media::TrackId id) { return fragmenter_->carries(id); });
    init_due_ = running;
    begins_entry_ = false;
  }

  void package(const media::Frame& frame, bool, std::vector<hub::Wire>& out) override {
    if (!fragmenter_ || !fragmenter_->carries(frame.track)) return;
    const bool entry = entries_.begins(frame);
    if (!fragmenter_->empty() && (entry || full(frame))) cut(&frame, out);
    if (entry) begins_entry_ = true;
    fragmenter_->add(frame);
  }

  void end(std::vector<hub::Wire>& out) override {
    if (fragmenter_ && !fragmenter_->empty()) cut(nullptr, out);
  }

  bool carries_media() const override { return entries_.any_track(); }
  base::SharedBytes header() const override { return {}; }

 private:
  // Metadata changes are none of a player's business here.
  bool same_media(const media::Tracks& tracks) const {
    const auto kept = [](const media::Tracks& all) {
      std::vector<std::pair<media::TrackId, std::uint32_t>> out;
      for (const media::Track& track : all) {
        if (media::kind_of(track.parameters->codec) != media::Kind::data) out.emplace_back(track.id, track.generation);
      }
      return out;
    };
    return kept(tracks) == kept(tracks_);
  }

  bool full(const media::Frame& next) const {
    if (fragmenter_->bytes() + next.payload.size() > largest_fragment_bytes) return true;
    return next.dts - fragmenter_->begin() >= fragment_length_;
  }

  void cut(const media::Frame* next, std::vector<hub::Wire>& out) {
    const base::Ticks begin = fragmenter_->begin();
    const bool wants_init = init_due_ || begins_entry_;
    const auto init = wants_init ? fragmenter_->init() : base::Result<base::SharedBytes>(base::SharedBytes());
    const base::SharedBytes fragment = fragmenter_->cut(next, false);
    if (fragment.empty()) return;
    // Players that are here already get the new initialisation in the stream; newcomers as the setup of their entry.
    if (init_due_ && init) {
      out.push_back({.bytes = wrap(envelope_, *init, slab_), .dts = begin, .kind = media::Kind::data});
      init_due_ = false;
    }
    hub::Wire wire{.bytes = wrap(envelope_, fragment, slab_), .dts = begin, .kind = media::Kind::video};
    if (begins_entry_ && init) {
      wire.setup = wrap_apart(envelope_, *init);
      wire.entry = true;
    }
    begins_entry_ = false;
    out.push_back(std::move(wire));
  }

  // given
  Envelope envelope_;
  base::Ticks fragment_length_;
  // owned
  base::Slab slab_;
  media::Tracks tracks_;
  std::optional<mp4::Fragmenter> fragmenter_;
  // state
  Entries entries_;
  bool init_due_ = false;      // the tracks changed under running players
  bool begins_entry_ = false;  // the fragment that is being gathered
};

}  // namespace

hub::PackagerFactory make_mp4(Envelope envelope) {
  return [envelope](const config::Vhost& vhost) { return std::make_unique<Mp4Packager>(vhost, envelope); };
}

}  // namespace weir::pack
