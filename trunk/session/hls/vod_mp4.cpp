#include <algorithm>
#include <tuple>

#include "format/mp4/fragmenter.h"
#include "format/mp4/reader.h"
#include "session/common/mp4_samples.h"
#include "session/hls/vod_file.h"
#include "session/hls/vod_writer.h"

namespace weir::session::hls {

using base::Result;
using base::Ticks;

namespace {

constexpr std::size_t largest_film_samples = 2'000'000;  // of all tracks: seven hours
constexpr std::size_t film_piece_bytes = 256 * 1024;
constexpr Ticks longest_segment = std::chrono::seconds(60);

bool is_picture(const media::Track& track) { return media::kind_of(track.parameters->codec) == media::Kind::video; }

// What is kept of a sample.
struct Kept {
  std::uint64_t offset : 48;
  std::uint64_t track : 8;
  std::uint64_t key : 8;
  Ticks dts;
  std::uint32_t size;
  std::int32_t composition;  // ticks
};

class Mp4Film final : public VodFile {
 public:
  Result<void> take(const http::File& file, Mp4Samples samples) {
    tracks_ = samples.tracks;
    format_ = best_format(tracks_);
    mp4::Fragmenter fragmenter(tracks_);
    if (!fragmenter.has_tracks()) return VodErrc::not_a_film;
    const auto picture = std::find_if(tracks_.begin(), tracks_.end(), is_picture);
    const auto leading = static_cast<std::size_t>(picture == tracks_.end() ? 0 : picture - tracks_.begin());
    gather(samples);
    if (samples_.empty()) return VodErrc::not_a_film;
    for (std::size_t i = 0; i < samples_.size(); ++i) take_in(i, leading);
    segments_.back().duration = std::max(end_ - segments_.back().start, Ticks(1));
    // AC-3 is described by its first frame alone, and so is how bright a video is.
    for (std::size_t track = 0; track < tracks_.size(); ++track) {
      const auto first = std::ranges::find_if(samples_, [&](const Kept& one) { return one.track == track; });
      if (first == samples_.end()) continue;
      TRY(base::SharedBytes bytes, read(file, *first));
      (void)fragmenter.add(frame(*first, std::move(bytes)));
    }
    auto made = fragmenter.init();
    if (!made) return made.error();
    init_ = *std::move(made);
    return {};
  }

  std::size_t bytes() const override {
    return samples_.capacity() * sizeof(Kept) + segments_.capacity() * (sizeof(Segment) + sizeof(std::uint32_t)) +
           init_.size();
  }

  Result<base::SharedBytes> segment(const http::File& file, std::size_t number, VodFormat format) const override {
    if (number >= segments_.size()) return VodErrc::damaged;
    if (segments_[number].bytes > largest_segment_bytes) return VodErrc::too_large;
    VodWriter writer(tracks_, format);
    const std::size_t end = number + 1 < begins_.size() ? begins_[number + 1] : samples_.size();
    for (std::size_t i = begins_[number]; i < end; ++i) {
      TRY(base::SharedBytes bytes, read(file, samples_[i]));
      writer.add(frame(samples_[i], std::move(bytes)));
    }
    if (end == samples_.size()) return writer.end(nullptr);
    const media::Frame next = frame(samples_[end], {});
    return writer.end(&next);
  }

 private:
  // All samples as they are shown together: each track as its edit list places it, none before zero.
  void gather(const Mp4Samples& samples) {
    std::vector<Ticks> shifts;
    Ticks earliest = Ticks::max();
    for (const mp4::MovieTrack& track : samples.movie) {
      shifts.push_back(in_ticks(track.shift, track.head.timescale));
      if (!track.samples.empty()) {
        earliest = std::min(earliest, in_ticks(track.samples.front().dts, track.head.timescale) + shifts.back());
      }
    }
    samples_.reserve(samples.order.size());
    for (const Mp4Samples::Item& item : samples.order) {
      const mp4::Sample& sample = samples.sample(item);
      const media::Frame frame = samples.frame(item, {});
      const Ticks dts = std::max(frame.dts + shifts[item.track] - std::min(earliest, Ticks{}), Ticks{});
      end_ = std::max(end_, dts + in_ticks(sample.duration, samples.movie[item.track].head.timescale));
      samples_.push_back({sample.offset & ((1ULL << 48) - 1), item.track, frame.key, dts, sample.size,
                          static_cast<std::int32_t>(frame.composition.count())});
    }
    const auto place = [](const Kept& one) {
      return std::tuple(one.dts, std::uint64_t{one.track}, std::uint64_t{one.offset});
    };
    std::sort(samples_.begin(), samples_.end(),
              [&](const Kept& one, const Kept& other) { return place(one) < place(other); });
  }
  void take_in(std::size_t index, std::size_t leading) {
    const Kept& sample = samples_[index];
    if (segments_.empty()) {
      begin(sample.dts, index);
    } else if (sample.track == leading) {
      const Segment& open = segments_.back();
      const bool timely = sample.key != 0 && sample.dts - open.start >= target;
      const bool overdue =
          sample.dts - open.start >= longest_segment || open.bytes + sample.size > largest_segment_bytes;
      if (timely || overdue) {
        independent_ = independent_ && sample.key != 0;
        segments_.back().duration = sample.dts - segments_.back().start;
        begin(sample.dts, index);
      }
    }
    segments_.back().bytes += sample.size;
  }
  static Ticks in_ticks(std::int64_t time, std::uint32_t scale) {
    return Ticks(time / scale * Ticks::period::den + time % scale * Ticks::period::den / scale);
  }
  static Result<base::SharedBytes> read(const http::File& file, const Kept& sample) {
    base::Block block = base::Block::allocate(sample.size);
    std::uint8_t* const data = block.data();
    if (file.read_at(sample.offset, {data, sample.size}) != sample.size) return VodErrc::damaged;
    return base::SharedBytes(std::move(block), data, sample.size);
  }
  void begin(Ticks at, std::size_t index) {
    segments_.push_back({.start = at});
    begins_.push_back(static_cast<std::uint32_t>(index));
  }
  media::Frame frame(const Kept& sample, base::SharedBytes bytes) const {
    const media::Track& track = tracks_[sample.track];
    return {.track = track.id,
            .codec = track.parameters->codec,
            .dts = sample.dts,
            .composition = Ticks(sample.composition),
            .key = sample.key != 0,
            .generation = track.generation,
            .payload = std::move(bytes)};
  }

  media::Tracks tracks_;
  std::vector<Kept> samples_;          // in the order of time
  std::vector<std::uint32_t> begins_;  // of the segments, in samples_
  Ticks end_{};
};

}  // namespace

Result<std::shared_ptr<const VodFile>> open_vod_mp4(const http::File& file) {
  mp4::Reader reader({.largest_samples = largest_film_samples});
  base::Buffer piece(film_piece_bytes);
  for (std::uint64_t at = 0; at < file.size();) {
    if (const std::uint64_t media = std::min(reader.to_pass_over(), file.size() - at); media > 0) {
      reader.pass_over(media);
      at += media;
      continue;
    }
    const std::size_t count = file.read_at(at, {piece.data(), piece.size()});
    if (count == 0) break;
    TRY_VOID(reader.input(piece.bytes().first(count)));
    at += count;
  }
  TRY(mp4::Movie movie, reader.finish());
  auto film = std::make_shared<Mp4Film>();
  TRY_VOID(film->take(file, samples_of(std::move(movie))));
  return std::shared_ptr<const VodFile>(std::move(film));
}

}  // namespace weir::session::hls
