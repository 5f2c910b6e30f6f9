#include "pack/ts.h"

#include "format/scte35/section.h"
#include "format/ts/muxer.h"
#include "pack/entries.h"

namespace weir::pack {
namespace {

using media::Kind;

constexpr base::Ticks packets_silence = std::chrono::seconds(1);  // then the frames are what there is

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
    flush(out);
    muxer_.set_tracks(tracks);
    entries_.set_tracks(tracks, [this](media::TrackId id) { return muxer_.carries(id); });
  }

  void package(const media::Frame& frame, bool entry_of_stream, std::vector<hub::Wire>& out) override {
    if (frame.codec == media::Codec::ts_packets) return pass(frame, out);
    if (passing_ && !falls_back(frame)) return;
    if (media::kind_of(frame.codec) == Kind::data) return package_data(frame, out);
    if (!muxer_.carries(frame.track)) return;
    if (entries_.begins(frame, entry_of_stream)) {
      flush(out);  // what is held belongs to those who are here already
      resumption_ = wrap_apart(envelope_, muxer_.resumption());
      muxer_.begin_segment();
      entry_due_ = true;
    }
    muxer_.append(frame, scratch_);
    last_dts_ = frame.dts;
    hand_out(media::kind_of(frame.codec), out);
  }

  void end(std::vector<hub::Wire>& out) override {
    flush(out);
    if (std::exchange(passing_, false)) muxer_.begin_discontinuity();
  }

  bool takes_packets() const override { return true; }
  bool carries_media() const override { return entries_.any_track(); }
  base::SharedBytes header() const override { return {}; }

 private:
  // A transport stream goes on as it came; its frames are for the other formats.
  void pass(const media::Frame& packets, std::vector<hub::Wire>& out) {
    if (packets.payload.empty()) return;
    const std::size_t tables = 1 + packets.payload.data()[0] * ts::packet_bytes;
    if (tables > packets.payload.size() || (!packets.key && !passing_)) return;
    const bool other = !passing_ || passed_generation_ != packets.generation;
    if (!passing_) flush(out);
    passing_ = true;
    passed_at_ = packets.dts;
    passed_generation_ = packets.generation;
    // Whoever is here already has them, but of the stream before.
    const base::SharedBytes wanted = packets.payload.slice(packets.key && other ? 1 : tables);
    hub::Wire wire{.bytes = envelope_ == Envelope::none ? wanted : wrap(envelope_, wanted, slab_),
                   .dts = packets.dts,
                   .entry = packets.key};
    if (packets.key && !other) wire.setup = wrap_apart(envelope_, packets.payload.slice(1, tables - 1));
    out.push_back(std::move(wire));
  }
  // A frame, and for a while no packets: it is the stream now.
  bool falls_back(const media::Frame& frame) {
    if (frame.dts - passed_at_ < packets_silence) return false;
    passing_ = false;
    muxer_.begin_discontinuity();
    return true;
  }
  void flush(std::vector<hub::Wire>& out) {
    muxer_.append_flush(scratch_);
    hand_out(Kind::audio, out);
  }
  // Of what publishers say beside sound and pictures, breaks; and what other transport streams had there.
  void package_data(const media::Frame& frame, std::vector<hub::Wire>& out) {
    if (frame.codec == media::Codec::ts_data) {
      muxer_.append_data(frame, scratch_);
      return hand_out(Kind::data, out);
    }
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
  bool passing_ = false;    // packets go on as they came,
  base::Ticks passed_at_{};
  std::uint32_t passed_generation_ = 0;
};

}  // namespace

hub::PackagerFactory make_ts(Envelope envelope, std::chrono::milliseconds audio_hold) {
  return [envelope, audio_hold](const config::Vhost& vhost) {
    return std::make_unique<TsPackager>(vhost, envelope, audio_hold);
  };
}

}  // namespace weir::pack
