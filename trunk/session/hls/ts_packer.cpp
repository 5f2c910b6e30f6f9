#include <algorithm>
#include <array>
#include <map>

#include "base/gather.h"
#include "format/audio_timing.h"
#include "format/ts/content.h"
#include "format/ts/muxer.h"
#include "session/hls/packer.h"

namespace weir::session::hls {
namespace {

ts::Muxer::Options options_of(bool low_latency) {
  ts::Muxer::Options options;
  // A part must not wait for audio that is still held, so it is gathered for a moment only.
  if (low_latency) options.audio_hold = std::chrono::milliseconds(50);
  return options;
}

class TsPacker final : public Packer {
 public:
  TsPacker(bool low_latency, bool count_samples) : muxer_(options_of(low_latency)), count_samples_(count_samples) {}

  void set_tracks(const media::Tracks& tracks) override {
    muxer_.set_tracks(tracks);
    counters_.clear();
    if (!count_samples_) return;
    for (const media::Track& track : tracks) {
      if (media::kind_of(track.parameters->codec) != media::Kind::audio || track.parameters->sample_rate == 0) continue;
      counters_.insert_or_assign(track.id, Counter{format::AudioTiming(*track.parameters),
                                                   format::SampleCounter(track.parameters->sample_rate)});
    }
  }
  bool carries(media::TrackId id) const override { return muxer_.carries(id); }
  bool can_carry(const media::Track& track) const override { return ts::can_carry_in_hls(track.parameters->codec); }

  void begin_segment(bool discontinuity) override {
    gathered_.begin();
    part_begin_ = picture_bytes_ = 0;
    pictures_ = false;
    if (discontinuity) {
      muxer_.begin_discontinuity();
    } else {
      muxer_.begin_segment();
    }
  }

  void add(const media::Frame& frame) override {
    const auto counter = counters_.find(frame.track);
    if (counter == counters_.end()) {
      muxer_.append(frame, out_);
    } else {
      media::Frame counted = frame;
      counted.dts = counter->second.place(frame);
      muxer_.append(counted, out_);
    }
    take_out();
    if (media::kind_of(frame.codec) != media::Kind::video || std::exchange(pictures_, true)) return;
    if (frame.key) picture_bytes_ = gathered_.size();
  }
  void add_event(const id3::Event& event) override {
    if (event.scheme != id3::emsg_scheme) return;
    muxer_.append_metadata(event.at, event.tag, out_);
    take_out();
  }
  std::size_t bytes() const override { return gathered_.size(); }

  Pieces end_part(const Ending&) override {
    muxer_.append_flush(out_);
    take_out();
    if (gathered_.size() == part_begin_) append_nothing();
    const std::size_t begin = std::exchange(part_begin_, gathered_.size());
    muxer_.begin_segment();  // each part has the tables: players begin with any of them
    return {{.bytes = gathered_.since(begin)}};
  }
  Pieces end_segment(const Ending& ending) override {
    muxer_.append_flush(out_);
    take_out();
    Pieces whole{{.bytes = gathered_.whole(), .picture_bytes = picture_bytes_}};
    gathered_.begin();  // whoever has the segment lets go of it, and not who begins the next one
    // Behind the last segment there is none, and the stream may stay for minutes.
    if (!ending.next) {
      gathered_.release();
      out_.release_memory();
    }
    return whole;
  }
  bool holds_back() const override { return false; }
  Pieces init() const override { return {}; }
  std::uint32_t timescale(media::TrackId) const override { return 0; }

 private:
  // A part in which no frame begins: one null packet, ISO 13818-1 2.4.3.3.
  void append_nothing() {
    std::array<std::uint8_t, ts::packet_bytes> packet;
    packet.fill(0xff);
    std::copy_n(std::to_array<std::uint8_t>({0x47, 0x1f, 0xff, 0x10}).begin(), 4, packet.begin());
    gathered_.append(base::Bytes(packet));
  }
  void take_out() {
    gathered_.append(out_);
    out_.clear();
  }

  // hls_dts_directly off: the time of an audio frame is that of the samples before it.
  struct Counter {
    format::AudioTiming timing;
    format::SampleCounter samples;
    base::Ticks place(const media::Frame& frame) {
      const auto span = timing.span(frame.payload);
      if (span.samples == 0 || span.rate != samples.rate()) return frame.dts;
      return base::Ticks{samples.place(frame.dts, span.samples) * 90'000 / span.rate};
    }
  };

  ts::Muxer muxer_;
  bool count_samples_;
  std::map<media::TrackId, Counter> counters_;
  base::Buffer out_;  // of one frame
  base::Gather gathered_;
  std::size_t part_begin_ = 0, picture_bytes_ = 0;
  bool pictures_ = false;  // the segment has
};

}  // namespace

std::unique_ptr<Packer> make_ts_packer(bool low_latency, bool count_samples) {
  return std::make_unique<TsPacker>(low_latency, count_samples);
}

}  // namespace weir::session::hls
