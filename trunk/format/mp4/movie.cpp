#include "format/mp4/movie.h"

#include <algorithm>

#include "format/mp4/picture.h"
#include "format/mp4/rates.h"
#include "format/mp4/sample_entry.h"

namespace weir::mp4 {
namespace {

using base::ByteWriter;

// How long a sample lasts: until the next one, whatever was guessed when it was written; the last one alone has nothing
// but the guess. A sum of guesses wanders off from the times.
std::uint32_t duration_of(const std::vector<Sample>& samples, std::size_t i) {
  if (i + 1 == samples.size()) return samples[i].duration;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(samples[i + 1].dts - samples[i].dts, 0, UINT32_MAX));
}

// The earliest moment at which a sample is shown, from the first dts on; below zero with negative composition times.
std::int64_t first_shown(const std::vector<Sample>& samples) {
  std::int64_t start = INT64_MAX;  // reordering reaches back a few frames only
  for (std::size_t i = 0; i < std::min<std::size_t>(samples.size(), 64); ++i) {
    start = std::min(start, samples[i].dts + samples[i].composition - samples.front().dts);
  }
  return start;
}

// Added to all composition times of a track, so that nothing is shown before the media begins: an edit cannot reach
// there (8.6.6).
std::int64_t composition_shift(const std::vector<Sample>& samples) {
  return samples.empty() ? 0 : std::max<std::int64_t>(-first_shown(samples), 0);
}

// Times of equal samples, told once: stts and ctts (8.6.1). `value` of a sample's index.
template <class Value>
void write_runs(ByteWriter& w, const std::vector<Sample>& samples, Value value) {
  const std::size_t count_at = w.position();
  w.u32(0);
  std::uint32_t runs = 0;
  for (std::size_t i = 0; i < samples.size();) {
    std::size_t end = i + 1;
    const std::uint32_t one = value(i);
    while (end < samples.size() && value(end) == one) ++end;
    w.u32(end - i);
    w.u32(one);
    ++runs;
    i = end;
  }
  w.patch32(count_at, runs);
}

// Samples that lie one behind the other.
struct Chunk {
  std::uint64_t offset = 0;
  std::uint32_t samples = 0;
};

std::vector<Chunk> chunks_of(const std::vector<Sample>& samples) {
  std::vector<Chunk> chunks;
  std::uint64_t end = 0;
  for (const Sample& sample : samples) {
    if (chunks.empty() || sample.offset != end) chunks.push_back({sample.offset, 0});
    ++chunks.back().samples;
    end = sample.offset + sample.size;
  }
  return chunks;
}

void write_chunks(ByteWriter& w, const std::vector<Sample>& samples, std::int64_t shift, bool wide) {
  const std::vector<Chunk> chunks = chunks_of(samples);
  {
    BoxWriter stsc(w, "stsc", 0, 0);  // 8.7.4
    const std::size_t count_at = w.position();
    w.u32(0);
    std::uint32_t entries = 0;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      if (i != 0 && chunks[i].samples == chunks[i - 1].samples) continue;
      w.u32(i + 1);
      w.u32(chunks[i].samples);
      w.u32(1);
      ++entries;
    }
    w.patch32(count_at, entries);
  }
  const auto place = [&](const Chunk& chunk) { return chunk.offset + static_cast<std::uint64_t>(shift); };
  if (wide) {
    BoxWriter co64(w, "co64", 0, 0);
    w.u32(chunks.size());
    for (const Chunk& chunk : chunks) w.u64(place(chunk));
  } else {
    BoxWriter stco(w, "stco", 0, 0);
    w.u32(chunks.size());
    for (const Chunk& chunk : chunks) w.u32(place(chunk));
  }
}

base::Buffer with_rates(const MovieTrack& track) {
  RateMeter rates;
  for (const Sample& sample : track.samples) rates.add(sample, track.head.timescale);
  return rates.told_in(track.sample_entry, track.head.timescale);
}

void write_sample_tables(ByteWriter& w, const MovieTrack& track, std::int64_t shift, bool wide) {
  const std::vector<Sample>& samples = track.samples;
  BoxWriter stbl(w, "stbl");
  write_stsd(w, with_rates(track));
  {
    BoxWriter stts(w, "stts", 0, 0);
    write_runs(w, samples, [&](std::size_t i) { return duration_of(samples, i); });
  }
  const std::int64_t later = composition_shift(samples);
  if (later != 0 || std::any_of(samples.begin(), samples.end(), [](const Sample& s) { return s.composition != 0; })) {
    BoxWriter ctts(w, "ctts", 1, 0);
    write_runs(w, samples, [&](std::size_t i) { return static_cast<std::uint32_t>(samples[i].composition + later); });
  }
  if (!std::all_of(samples.begin(), samples.end(), [](const Sample& s) { return s.key; })) {
    BoxWriter stss(w, "stss", 0, 0);
    const std::size_t count_at = w.position();
    w.u32(0);
    std::uint32_t keys = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (!samples[i].key) continue;
      w.u32(i + 1);
      ++keys;
    }
    w.patch32(count_at, keys);
  }
  {
    BoxWriter stsz(w, "stsz", 0, 0);
    const bool equal = !samples.empty() && std::all_of(samples.begin(), samples.end(),
                                                       [&](const Sample& s) { return s.size == samples.front().size; });
    w.u32(equal ? samples.front().size : 0);
    w.u32(samples.size());
    if (!equal) {
      for (const Sample& sample : samples) w.u32(sample.size);
    }
  }
  write_chunks(w, samples, shift, wide);
}

// Bounded, so that differences of absurd times of a file still are numbers.
std::int64_t to_movie(std::int64_t time, std::uint32_t timescale) {
  constexpr __int128 limit = std::int64_t{1} << 61;
  const __int128 scaled = __int128{time} * movie_timescale / (timescale == 0 ? movie_timescale : timescale);
  return static_cast<std::int64_t>(std::clamp(scaled, -limit, limit));
}

std::uint64_t media_duration(const std::vector<Sample>& samples) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) total += duration_of(samples, i);
  return total;
}

// When a track is presented: from its first frame on, in decoding order or not.
struct Edit {
  std::uint64_t delay = 0;       // in movie_timescale: nothing before
  std::int64_t media_start = 0;  // in the track's time, from its first dts
  std::uint64_t duration = 0;    // in movie_timescale
};

Edit edit_of(const MovieTrack& track, std::int64_t movie_start) {
  if (track.samples.empty()) return {};
  const std::int64_t first = track.samples.front().dts, start = first_shown(track.samples);
  const std::uint32_t scale = track.head.timescale;
  const auto total = static_cast<std::int64_t>(media_duration(track.samples));
  return {.delay = static_cast<std::uint64_t>(std::max<std::int64_t>(to_movie(first + start, scale) - movie_start, 0)),
          .media_start = start + composition_shift(track.samples),
          .duration = static_cast<std::uint64_t>(to_movie(total, scale))};
}

void write_edits(ByteWriter& w, const Edit& edit) {  // 8.6.6
  BoxWriter edts(w, "edts");
  BoxWriter elst(w, "elst", 1, 0);
  w.u32(edit.delay == 0 ? 1 : 2);
  if (edit.delay != 0) {
    w.u64(edit.delay);
    w.u64(~std::uint64_t{0});
    w.u32(0x00010000);
  }
  w.u64(edit.duration);
  w.u64(static_cast<std::uint64_t>(edit.media_start));
  w.u32(0x00010000);
}

base::Buffer write_moov(const Movie& movie, std::int64_t shift, bool wide) {
  base::Buffer out;
  ByteWriter w(out);
  std::int64_t start = INT64_MAX;
  for (const MovieTrack& track : movie.tracks) {
    if (track.samples.empty()) continue;
    const std::int64_t shown = std::min<std::int64_t>(first_shown(track.samples), 0);
    start = std::min(start, to_movie(track.samples.front().dts + shown, track.head.timescale));
  }
  std::uint64_t end = 0;
  std::uint32_t next_id = 1;
  std::vector<Edit> edits;
  for (const MovieTrack& track : movie.tracks) {
    edits.push_back(edit_of(track, start));
    end = std::max(end, edits.back().delay + edits.back().duration);
    next_id = std::max(next_id, track.head.id + 1);
  }
  BoxWriter moov(w, "moov");
  write_mvhd(w, end, next_id);
  for (std::size_t i = 0; i < movie.tracks.size(); ++i) {
    const MovieTrack& track = movie.tracks[i];
    TrackHead head = track.head;
    head.movie_duration = edits[i].delay + edits[i].duration;
    head.media_duration = media_duration(track.samples);
    BoxWriter trak(w, "trak");
    write_tkhd(w, head);
    if (!track.samples.empty()) write_edits(w, edits[i]);
    BoxWriter mdia(w, "mdia");
    write_mdhd(w, head);
    write_hdlr(w, head.kind);
    BoxWriter minf(w, "minf");
    write_media_head(w, head.kind);
    write_sample_tables(w, track, shift, wide);
  }
  return out;
}

std::uint64_t last_byte(const Movie& movie) {
  std::uint64_t end = 0;
  for (const MovieTrack& track : movie.tracks) {
    for (const Sample& sample : track.samples) end = std::max(end, sample.offset + sample.size);
  }
  return end;
}

void write_ftyp(ByteWriter& w) {
  BoxWriter ftyp(w, "ftyp");
  w.text("isom");
  w.u32(0x200);
  w.text("isomiso2mp41");
}

}  // namespace

base::Buffer write_moov(const Movie& movie, std::int64_t shift) {
  const std::uint64_t end = last_byte(movie) + static_cast<std::uint64_t>(std::max<std::int64_t>(shift, 0));
  return write_moov(movie, shift, end > UINT32_MAX);
}

base::Result<FastStart> plan_fast_start(Movie movie) {
  std::vector<Sample*> order;
  for (MovieTrack& track : movie.tracks) {
    std::int64_t last = INT64_MIN;
    for (Sample& sample : track.samples) {
      // A fragment may begin before the guessed end of the one before, never before its last sample.
      last = sample.dts = std::max(sample.dts, last + (last == INT64_MIN ? 0 : 1));
      order.push_back(&sample);
    }
  }
  if (order.empty()) return Errc::no_tracks;
  std::sort(order.begin(), order.end(), [](const Sample* a, const Sample* b) { return a->offset < b->offset; });
  FastStart plan;
  for (Sample* sample : order) {
    if (plan.ranges.empty() || plan.ranges.back().offset + plan.ranges.back().size != sample->offset) {
      plan.ranges.push_back({sample->offset, 0});
    }
    plan.ranges.back().size += sample->size;
    sample->offset = plan.data_bytes;  // from the begin of the data
    plan.data_bytes += sample->size;
  }
  ByteWriter w(plan.head);
  write_ftyp(w);
  constexpr std::uint64_t data_head = 16;
  // The tables have the same size wherever they point, as long as their offsets have the same width.
  const std::size_t narrow = write_moov(movie, 0, false).size();
  const bool wide = plan.head.size() + narrow + data_head + plan.data_bytes > UINT32_MAX;
  const std::size_t size = wide ? write_moov(movie, 0, true).size() : narrow;
  w.bytes(write_moov(movie, static_cast<std::int64_t>(plan.head.size() + size + data_head), wide));
  w.u32(1);
  w.text("mdat");
  w.u64(plan.data_bytes + data_head);
  return plan;
}

MovieWriter::MovieWriter(const media::Tracks& tracks) {
  for (const media::Track& track : tracks) {
    if (!track.parameters || !can_carry(track.parameters->codec)) continue;
    tracks_.push_back({.given = track, .lane = Lane(*track.parameters), .first_frame = {}, .samples = {}});
  }
}

void MovieWriter::begin(base::Buffer& out) {
  const std::size_t start = out.size();
  ByteWriter w(out);
  write_ftyp(w);
  data_start_ = out.size() - start;
  // A free box takes the place of the long size until that is known: the size zero means "to the end of the file".
  w.u32(8);
  w.text("free");
  w.u32(0);
  w.text("mdat");
  position_ = out.size() - start;
}

bool MovieWriter::add(const media::Frame& frame, base::Buffer& out) {
  if (frame.payload.empty() || samples_ == largest_samples) return false;
  for (Track& track : tracks_) {
    if (track.given.id != frame.track) continue;
    if (track.first_frame.empty()) track.first_frame = frame.payload;
    track.lane.append(frame, track.samples);
    track.samples.back().offset = position_;
    out.append(frame.payload);
    position_ += frame.payload.size();
    ++samples_;
    return true;
  }
  return false;
}

base::Result<MovieWriter::End> MovieWriter::finish() {
  Movie movie;
  for (Track& track : tracks_) {
    if (track.samples.empty()) continue;
    const media::CodecParameters& parameters = *track.given.parameters;
    TRY(base::Buffer entry, write_sample_entry(parameters, track.first_frame, light_of(parameters, track.first_frame)));
    movie.tracks.push_back({.head = {.id = static_cast<std::uint32_t>(movie.tracks.size() + 1),
                                     .kind = media::kind_of(parameters.codec),
                                     .timescale = track.lane.timescale(),
                                     .width = parameters.width,
                                     .height = parameters.height},
                            .sample_entry = std::move(entry),
                            .samples = std::move(track.samples)});
  }
  if (movie.tracks.empty()) return Errc::no_tracks;
  // Over the free box: size one, "mdat", and the long size.
  const std::uint64_t size = position_ - data_start_;
  End end{.moov = write_moov(movie), .patch_at = data_start_, .data_box_head = {}};
  ByteWriter w(end.data_box_head);
  w.u32(1);
  w.text("mdat");
  w.u64(size);
  return end;
}

}  // namespace weir::mp4
