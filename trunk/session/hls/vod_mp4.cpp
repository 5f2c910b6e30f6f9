#include <algorithm>

#include "format/mp4/fragmenter.h"
#include "format/mp4/reader.h"
#include "session/common/mp4_samples.h"
#include "session/hls/vod_file.h"

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
    mp4::Fragmenter fragmenter(tracks_);
    if (!fragmenter.has_tracks()) return VodErrc::not_a_film;
    const auto picture = std::find_if(tracks_.begin(), tracks_.end(), is_picture);
    const auto leading = static_cast<std::size_t>(picture == tracks_.end() ? 0 : picture - tracks_.begin());
    samples_.reserve(samples.order.size());
    for (const Mp4Samples::Item& item : samples.order) add(samples, item, leading);
    if (samples_.empty()) return VodErrc::not_a_film;
    end_at(samples.sample(samples.order.back()), samples.movie[samples.order.back().track].head.timescale);
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

  Result<base::SharedBytes> segment(const http::File& file, std::size_t number) const override {
    if (number >= segments_.size()) return VodErrc::damaged;
    if (segments_[number].bytes > largest_segment_bytes) return VodErrc::too_large;
    mp4::Fragmenter fragmenter(tracks_);
    const std::size_t end = number + 1 < begins_.size() ? begins_[number + 1] : samples_.size();
    for (std::size_t i = begins_[number]; i < end; ++i) {
      TRY(base::SharedBytes bytes, read(file, samples_[i]));
      (void)fragmenter.add(frame(samples_[i], std::move(bytes)));
    }
    if (end == samples_.size()) return fragmenter.cut();
    const media::Frame next = frame(samples_[end], {});
    return fragmenter.cut(&next);
  }

 private:
  void add(const Mp4Samples& samples, const Mp4Samples::Item& item, std::size_t leading) {
    const mp4::Sample& sample = samples.sample(item);
    const media::Frame frame = samples.frame(item, {});
    if (segments_.empty()) {
      begin(frame.dts);
    } else if (item.track == leading) {
      const Segment& open = segments_.back();
      const bool timely = frame.key && frame.dts - open.start >= target;
      const bool overdue =
          frame.dts - open.start >= longest_segment || open.bytes + sample.size > largest_segment_bytes;
      if (timely || overdue) {
        independent_ = independent_ && frame.key;
        segments_.back().duration = frame.dts - segments_.back().start;
        begin(frame.dts);
      }
    }
    segments_.back().bytes += sample.size;
    samples_.push_back({sample.offset & ((1ULL << 48) - 1), item.track, frame.key, frame.dts, sample.size,
                        static_cast<std::int32_t>(frame.composition.count())});
  }
  static Result<base::SharedBytes> read(const http::File& file, const Kept& sample) {
    base::Block block = base::Block::allocate(sample.size);
    std::uint8_t* const data = block.data();
    if (file.read_at(sample.offset, {data, sample.size}) != sample.size) return VodErrc::damaged;
    return base::SharedBytes(std::move(block), data, sample.size);
  }
  void begin(Ticks at) {
    segments_.push_back({.start = at});
    begins_.push_back(static_cast<std::uint32_t>(samples_.size()));
  }
  void end_at(const mp4::Sample& last, std::uint32_t timescale) {
    const Ticks length(static_cast<std::int64_t>(last.duration) * Ticks::period::den / std::max(timescale, 1U));
    segments_.back().duration = std::max(samples_.back().dts + length - segments_.back().start, Ticks(1));
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
