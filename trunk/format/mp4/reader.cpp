#include "format/mp4/reader.h"

#include <algorithm>

namespace weir::mp4 {
namespace {

using base::ByteReader;
using base::Bytes;

constexpr std::int64_t largest_time = std::int64_t{1} << 60;  // nothing overflows that is added to it

bool is_gathered(FourCc type) { return type == fourcc("moov") || type == fourcc("moof"); }

}  // namespace

base::Result<void> Reader::input(Bytes in) {
  while (!in.empty()) {
    if (to_skip_ != 0) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(to_skip_, in.size()));
      in = in.subspan(count);
      to_skip_ -= count;
      position_ += count;
      continue;
    }
    // The header, or all of a box that is looked into.
    const std::size_t goal = in_box_ ? static_cast<std::size_t>(header_.bytes) : gathered_.size() < 8 ? 8 : 16;
    const std::size_t count = std::min(goal - gathered_.size(), in.size());
    gathered_.append(in.first(count));
    in = in.subspan(count);
    position_ += count;
    if (!in_box_) {
      TRY(const auto header, parse_box_header(gathered_));
      if (!header) continue;
      header_ = *header;
      box_start_ = position_ - gathered_.size();
      if (!is_gathered(header_.type)) {
        to_skip_ = header_.bytes == 0 ? UINT64_MAX : header_.bytes - gathered_.size();
        gathered_.clear();
        continue;
      }
      if (header_.bytes == 0 || header_.bytes > options_.largest_box_bytes) return Errc::box_too_large;
      in_box_ = true;
    }
    if (gathered_.size() < header_.bytes) continue;
    TRY_VOID(take(header_, box_start_, gathered_.bytes().subspan(header_.header_bytes)));
    gathered_.clear();
    in_box_ = false;
  }
  return {};
}

base::Result<void> Reader::take(const BoxHeader& header, std::uint64_t start, Bytes payload) {
  if (header.type == fourcc("moov")) return read_moov(payload);
  return read_moof(payload, start);
}

base::Result<Movie> Reader::finish() {
  if (!has_moov_) return Errc::missing_box;
  for (MovieTrack& track : movie_.tracks) {
    std::erase_if(track.samples, [&](const Sample& sample) {
      return sample.offset > position_ || sample.size > position_ - sample.offset;
    });
  }
  return std::move(movie_);
}

MovieTrack* Reader::find(std::uint32_t id) {
  for (MovieTrack& track : movie_.tracks) {
    if (track.head.id == id) return &track;
  }
  return nullptr;
}

namespace {

std::uint32_t movie_scale_of(Bytes moov) {
  const auto mvhd = find_box(moov, fourcc("mvhd"));
  if (!mvhd) return 0;
  ByteReader r{*mvhd};
  r.skip(read_full_box(r).version == 1 ? 16 : 8);
  const std::uint32_t scale = r.u32();
  return r.ok() ? scale : 0;
}

// What stands before the first part that is shown: nothing, for a while, and then from a moment of the media on
// (8.6.6). Other edits are not kept.
std::int64_t edit_shift(Bytes trak, std::uint32_t movie_scale, std::uint32_t scale) {
  constexpr std::uint64_t longest = 1ULL << 40;
  const auto elst = find_box(trak, {fourcc("edts"), fourcc("elst")});
  if (!elst || movie_scale == 0) return 0;
  ByteReader r{*elst};
  const bool wide = read_full_box(r).version == 1;
  std::uint64_t delay = 0;
  for (std::uint32_t left = std::min(r.u32(), 8U); left > 0; --left) {
    const std::uint64_t duration = wide ? r.u64() : r.u32();
    const std::int64_t from = wide ? static_cast<std::int64_t>(r.u64()) : static_cast<std::int32_t>(r.u32());
    r.skip(4);
    if (!r.ok() || duration > longest) return 0;
    if (from < 0) {
      delay += duration;
      continue;
    }
    if (static_cast<std::uint64_t>(from) > longest || delay > longest) return 0;
    return static_cast<std::int64_t>(delay / movie_scale * scale + delay % movie_scale * scale / movie_scale) - from;
  }
  return 0;
}

}  // namespace

base::Result<void> Reader::read_moov(Bytes moov) {
  if (has_moov_) return {};  // a copy at the other end
  const std::uint32_t movie_scale = movie_scale_of(moov);
  Boxes boxes(moov);
  while (const auto box = boxes.next()) {
    if (box->type != fourcc("trak")) continue;
    const std::size_t before = movie_.tracks.size();
    TRY_VOID(read_trak(box->payload));
    if (movie_.tracks.size() == before) continue;
    MovieTrack& track = movie_.tracks.back();
    track.shift = edit_shift(box->payload, movie_scale, track.head.timescale);
  }
  TRY_VOID(boxes.error());
  if (const auto mvex = find_box(moov, fourcc("mvex"))) {
    Boxes extends(*mvex);
    while (const auto box = extends.next()) {
      if (box->type != fourcc("trex")) continue;
      ByteReader r{box->payload};
      read_full_box(r);
      const MovieTrack* const track = find(r.u32());
      r.u32();
      if (!track) continue;
      Defaults& defaults = defaults_[static_cast<std::size_t>(track - movie_.tracks.data())];
      defaults.duration = r.u32();
      defaults.size = r.u32();
      defaults.flags = r.u32();
      if (!r.ok()) return Errc::truncated;
    }
    TRY_VOID(extends.error());
  }
  has_moov_ = true;
  return {};
}

base::Result<void> Reader::read_trak(Bytes trak) {
  if (movie_.tracks.size() == options_.largest_tracks) return Errc::too_many_tracks;
  const auto tkhd = find_box(trak, fourcc("tkhd"));
  const auto mdhd = find_box(trak, {fourcc("mdia"), fourcc("mdhd")});
  const auto hdlr = find_box(trak, {fourcc("mdia"), fourcc("hdlr")});
  const auto stbl = find_box(trak, {fourcc("mdia"), fourcc("minf"), fourcc("stbl")});
  if (!tkhd || !mdhd || !hdlr || !stbl) return Errc::missing_box;
  MovieTrack track;
  ByteReader t{*tkhd};
  if (read_full_box(t).version > 1) return Errc::bad_version;
  t.skip((*tkhd)[0] == 1 ? 16 : 8);
  track.head.id = t.u32();
  t.skip((*tkhd)[0] == 1 ? 64 : 60);  // to the size of the picture: 8.3.2
  track.head.width = t.u32() >> 16;
  track.head.height = t.u32() >> 16;
  ByteReader m{*mdhd};
  if (read_full_box(m).version > 1) return Errc::bad_version;
  m.skip((*mdhd)[0] == 1 ? 16 : 8);
  track.head.timescale = m.u32();
  ByteReader h{*hdlr};
  h.skip(8);
  const FourCc handler = h.u32();
  if (!t.ok() || !m.ok() || !h.ok()) return Errc::truncated;
  if (track.head.timescale == 0) return Errc::bad_table;
  if (handler != fourcc("vide") && handler != fourcc("soun")) return {};  // hints, text
  track.head.kind = handler == fourcc("vide") ? media::Kind::video : media::Kind::audio;
  const auto stsd = find_box(*stbl, fourcc("stsd"));
  if (!stsd || stsd->size() < 8) return Errc::missing_box;
  Boxes entries(stsd->subspan(8));
  const auto entry = entries.next();
  if (!entry) return Errc::missing_box;
  track.sample_entry.append(stsd->subspan(8, entry->payload.size() + 8));
  TRY_VOID(read_tables(*stbl, track));
  movie_.tracks.push_back(std::move(track));
  defaults_.push_back({});
  return {};
}

base::Result<void> Reader::read_moof(Bytes moof, std::uint64_t start) {
  if (!has_moov_) return Errc::missing_box;
  std::uint64_t data_end = start;  // where the data of the next track fragment begins if nothing says it: 8.8.8
  Boxes boxes(moof);
  while (const auto box = boxes.next()) {
    if (box->type == fourcc("traf")) TRY_VOID(read_traf(box->payload, start, data_end));
  }
  return boxes.error();
}

base::Result<void> Reader::read_traf(Bytes traf, std::uint64_t start, std::uint64_t& data_end) {
  const auto tfhd = find_box(traf, fourcc("tfhd"));
  if (!tfhd) return Errc::missing_box;
  ByteReader r{*tfhd};
  const std::uint32_t flags = read_full_box(r).flags;
  MovieTrack* const track = find(r.u32());
  if (!r.ok()) return Errc::truncated;
  if (!track) return {};  // of a track that is left out
  Defaults& lasting = defaults_[static_cast<std::size_t>(track - movie_.tracks.data())];
  Defaults defaults = lasting;
  std::uint64_t base = (flags & 0x020000) != 0 ? start : data_end;
  if ((flags & 0x000001) != 0) base = r.u64();
  if ((flags & 0x000002) != 0) r.u32();
  if ((flags & 0x000008) != 0) defaults.duration = r.u32();
  if ((flags & 0x000010) != 0) defaults.size = r.u32();
  if ((flags & 0x000020) != 0) defaults.flags = r.u32();
  if (!r.ok()) return Errc::truncated;
  std::int64_t dts = lasting.next_dts;
  if (const auto tfdt = find_box(traf, fourcc("tfdt"))) {
    ByteReader d{*tfdt};
    const std::uint8_t version = read_full_box(d).version;
    dts = static_cast<std::int64_t>(version == 1 ? d.u64() : d.u32());
    if (!d.ok()) return Errc::truncated;
    if (dts < 0 || dts > largest_time) return Errc::bad_table;
  }
  std::uint64_t offset = base;
  Boxes boxes(traf);
  while (const auto box = boxes.next()) {
    if (box->type != fourcc("trun")) continue;
    ByteReader t{box->payload};
    const FullBox full = read_full_box(t);
    const std::size_t count = t.u32();
    if ((full.flags & 0x000001) != 0) offset = base + static_cast<std::uint64_t>(static_cast<std::int32_t>(t.u32()));
    std::uint32_t first_flags = defaults.flags;
    const bool has_first_flags = (full.flags & 0x000004) != 0;
    if (has_first_flags) first_flags = t.u32();
    std::size_t fields = 0;
    for (const std::uint32_t field : {0x100U, 0x200U, 0x400U, 0x800U}) fields += (full.flags & field) != 0 ? 4 : 0;
    // Before any sample is made. Samples of no bytes at all are a lie that costs memory, so they are counted too.
    if (count * fields > t.left() || !t.ok()) return Errc::bad_table;
    if (count > options_.largest_samples - samples_) return Errc::too_many_samples;
    samples_ += count;
    for (std::size_t i = 0; i < count; ++i) {
      Sample sample{.offset = offset, .size = defaults.size, .duration = defaults.duration, .dts = dts};
      std::uint32_t sample_flags = i == 0 && has_first_flags ? first_flags : defaults.flags;
      if ((full.flags & 0x100) != 0) sample.duration = t.u32();
      if ((full.flags & 0x200) != 0) sample.size = t.u32();
      if ((full.flags & 0x400) != 0) sample_flags = t.u32();
      if ((full.flags & 0x800) != 0) sample.composition = static_cast<std::int32_t>(t.u32());
      sample.key = (sample_flags & 0x00010000) == 0;
      track->samples.push_back(sample);
      offset += sample.size;
      dts = static_cast<std::int64_t>(static_cast<std::uint64_t>(dts) + sample.duration);
    }
  }
  TRY_VOID(boxes.error());
  lasting.next_dts = dts;
  data_end = offset;
  return {};
}

}  // namespace weir::mp4
