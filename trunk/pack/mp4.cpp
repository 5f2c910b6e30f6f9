#include "pack/mp4.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "format/mp4/fragmenter.h"
#include "format/mp4/sample_entry.h"
#include "pack/entries.h"

namespace weir::pack {
namespace {

constexpr base::Ticks fragment_length = std::chrono::milliseconds(100);
constexpr std::size_t largest_fragment_bytes = 32 * 1024 * 1024;

class Mp4Packager final : public hub::Packager {
 public:
  Mp4Packager(const config::Vhost& vhost, Envelope envelope)
      : envelope_(envelope), fragment_length_(vhost.min_latency ? base::Ticks{} : fragment_length) {}

  // Where tracks only come or go, those that stay run on until the next entry, so that nothing is cut in the middle.
  void set_tracks(const media::Tracks& all, std::vector<hub::Wire>& out) override {
    media::Tracks tracks = carried(all);
    const bool running = fragmenter_.has_value() && fragmenter_->has_tracks();
    if (fragmenter_ && same(tracks, tracks_)) {
      next_.reset();
    } else if (running && !tracks.empty() && runs_on(tracks)) {
      next_entries_.set_tracks(tracks, [](media::TrackId) { return true; });
      next_ = std::move(tracks);
    } else {
      change(std::move(tracks), out);
    }
  }

  void package(const media::Frame& frame, bool entry_of_stream, std::vector<hub::Wire>& out) override {
    if (!fragmenter_) return;
    if (next_ && next_entries_.begins(frame, entry_of_stream)) change(*std::exchange(next_, std::nullopt), out);
    if (!fragmenter_->carries(frame.track)) return;
    const bool entry = entries_.begins(frame, entry_of_stream);
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
  void change(media::Tracks tracks, std::vector<hub::Wire>& out) {
    const bool running = fragmenter_.has_value() && fragmenter_->has_tracks();
    end(out);
    next_.reset();
    tracks_ = std::move(tracks);
    fragmenter_.emplace(tracks_);
    entries_.set_tracks(tracks_, [this](media::TrackId id) { return fragmenter_->carries(id); });
    init_due_ = running;
    begins_entry_ = false;
  }

  // What the format has no place for is none of a player's business here.
  static media::Tracks carried(const media::Tracks& all) {
    media::Tracks out;
    for (const media::Track& track : all) {
      if (mp4::can_carry(track.parameters->codec)) out.push_back(track);
    }
    return out;
  }
  static bool same(const media::Track& a, const media::Track& b) {
    return a.id == b.id && a.generation == b.generation && a.parameters->codec == b.parameters->codec;
  }
  static bool same(const media::Tracks& a, const media::Tracks& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) { return same(x, y); });
  }
  // Whether each track of now stays as it is, or goes.
  bool runs_on(const media::Tracks& tracks) const {
    return std::all_of(tracks_.begin(), tracks_.end(), [&](const media::Track& before) {
      return std::none_of(tracks.begin(), tracks.end(),
                          [&](const media::Track& now) { return now.id == before.id && !same(now, before); });
    });
  }

  bool full(const media::Frame& next) const {
    if (fragmenter_->bytes() + next.payload.size() > largest_fragment_bytes) return true;
    return next.dts - fragmenter_->begin() >= fragment_length_;
  }

  void cut(const media::Frame* next, std::vector<hub::Wire>& out) {
    const base::Ticks begin = fragmenter_->begin();
    const base::SharedBytes fragment = fragmenter_->cut(next, false);
    if (fragment.empty()) return;
    const bool wants_init = init_due_ || begins_entry_;
    const auto init = wants_init ? fragmenter_->init() : base::Result<base::SharedBytes>(base::SharedBytes());
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
  std::optional<media::Tracks> next_;  // from the next entry on
  Entries entries_, next_entries_;
  bool init_due_ = false;      // the tracks changed under running players
  bool begins_entry_ = false;  // the fragment that is being gathered
};

}  // namespace

hub::PackagerFactory make_mp4(Envelope envelope) {
  return [envelope](const config::Vhost& vhost) { return std::make_unique<Mp4Packager>(vhost, envelope); };
}

}  // namespace weir::pack
