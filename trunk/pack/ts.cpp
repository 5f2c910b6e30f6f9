#include "pack/ts.h"

#include "format/scte35/section.h"
#include "format/ts/muxer.h"
#include "pack/entries.h"

namespace weir::pack {
namespace {

using media::Kind;

// Newcomers start where the tables are;
// in between they come for relays and receivers that join by themselves: at most half a second apart, as broadcast
// asks.
ts::Muxer::Options options_of(const config::Vhost& vhost, std::chrono::milliseconds audio_hold) {
  using std::chrono::milliseconds;
  return {.table_interval = milliseconds(400),
          .pcr_interval = milliseconds(30),
          .audio_hold = vhost.min_latency ? milliseconds(0) : audio_hold};
}

class TsPackager final : public hub::Packager {
 public:
  TsPackager(const config::Vhost& vhost, Envelope envelope, std::chrono::milliseconds audio_hold)
      : envelope_(envelope), muxer_(options_of(vhost, audio_hold)) {}

  void set_tracks(const media::Tracks& tracks, std::vector<hub::Wire>& out) override {
    end(out);
    muxer_.set_tracks(tracks);
    entries_.set_tracks(tracks, [this](media::TrackId id) { return muxer_.carries(id); });
  }

  void package(const media::Frame& frame, bool entry_of_stream, std::vector<hub::Wire>& out) override {
    if (media::kind_of(frame.codec) == Kind::data) return package_data(frame, out);
    if (!muxer_.carries(frame.track)) return;
    if (entries_.begins(frame, entry_of_stream)) {
      end(out);  // what is held belongs to those who are here already
      resumption_ = wrap_apart(envelope_, muxer_.resumption());
      muxer_.begin_segment();
      entry_due_ = true;
    }
    muxer_.append(frame, scratch_);
    last_dts_ = frame.dts;
    hand_out(media::kind_of(frame.codec), out);
  }

  void end(std::vector<hub::Wire>& out) override {
    muxer_.append_flush(scratch_);
    hand_out(Kind::audio, out);
  }

  bool carries_media() const override { return entries_.any_track(); }
  base::SharedBytes header() const override { return {}; }

 private:
  // Of what publishers say beside sound and pictures, breaks.
  void package_data(const media::Frame& frame, std::vector<hub::Wire>& out) {
    const base::Buffer said =
        frame.codec == media::Codec::script_data ? scte35::of_message(frame.payload) : base::Buffer();
    const bool is_section = frame.codec == media::Codec::scte35;
    if (!is_section && said.empty()) return;
    muxer_.append_cue(frame.dts + frame.composition, is_section ? base::Bytes(frame.payload) : said.bytes(), scratch_);
    hand_out(Kind::data, out);
  }
  void hand_out(Kind kind, std::vector<hub::Wire>& out) {
    if (scratch_.empty()) return;
    out.push_back({.bytes = wrap(envelope_, scratch_, slab_),
                   .setup = entry_due_ ? std::exchange(resumption_, {}) : base::SharedBytes(),
                   .dts = last_dts_,
                   .kind = kind,
                   .entry = std::exchange(entry_due_, false)});
    scratch_.clear();
  }

  // given
  Envelope envelope_;
  // owned
  base::Slab slab_;
  ts::Muxer muxer_;
  base::Buffer scratch_;
  base::SharedBytes resumption_;  // before the entry that is due: for readers that come by a skip
  // state
  Entries entries_;
  base::Ticks last_dts_{};
  bool entry_due_ = false;  // the next bytes begin with the tables
};

}  // namespace

hub::PackagerFactory make_ts(Envelope envelope, std::chrono::milliseconds audio_hold) {
  return [envelope, audio_hold](const config::Vhost& vhost) {
    return std::make_unique<TsPackager>(vhost, envelope, audio_hold);
  };
}

}  // namespace weir::pack
