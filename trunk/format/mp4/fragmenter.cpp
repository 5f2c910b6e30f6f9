#include "format/mp4/fragmenter.h"

#include <algorithm>
#include <utility>

#include "format/mp4/movie_boxes.h"
#include "format/mp4/picture.h"
#include "format/mp4/sample_entry.h"

namespace weir::mp4 {
namespace {

// 8.8.3.1: depends on no other sample; depends on others and is no sync sample.
constexpr std::uint32_t flags_key = 0x02000000;
constexpr std::uint32_t flags_other = 0x01010000;

// tfhd and trun flags, 8.8.7 and 8.8.8
constexpr std::uint32_t tfhd_duration = 0x000008, tfhd_size = 0x000010, tfhd_flags = 0x000020, tfhd_empty = 0x010000,
                        tfhd_base_is_moof = 0x020000;
constexpr std::uint32_t trun_offset = 0x000001, trun_first_flags = 0x000004, trun_duration = 0x000100,
                        trun_size = 0x000200, trun_flags = 0x000400, trun_composition = 0x000800;

template <class Field>
bool all_equal(const std::vector<Sample>& samples, Field field) {
  return std::all_of(samples.begin(), samples.end(),
                     [&](const Sample& s) { return s.*field == samples.front().*field; });
}

// What the samples of a fragment have in common is told once.
struct Layout {
  explicit Layout(const std::vector<Sample>& samples) {
    durations = !all_equal(samples, &Sample::duration);
    sizes = !all_equal(samples, &Sample::size);
    compositions = std::any_of(samples.begin(), samples.end(), [](const Sample& s) { return s.composition != 0; });
    const bool rest_equal =
        std::all_of(samples.begin() + 1, samples.end(), [&](const Sample& s) { return s.key == samples.back().key; });
    first_flags = rest_equal && samples.front().key != samples.back().key;
    flags = !rest_equal;
  }
  std::uint32_t trun() const {
    return trun_offset | (first_flags ? trun_first_flags : 0) | (durations ? trun_duration : 0) |
           (sizes ? trun_size : 0) | (flags ? trun_flags : 0) | (compositions ? trun_composition : 0);
  }
  bool durations, sizes, compositions, first_flags, flags;
};

constexpr std::uint32_t flags_of(const Sample& sample) { return sample.key ? flags_key : flags_other; }

// Returns where the data offset goes.
std::size_t write_traf(base::ByteWriter& w, std::uint32_t id, const std::vector<Sample>& samples) {
  const Layout layout(samples);
  BoxWriter traf(w, "traf");
  {
    BoxWriter tfhd(
        w, "tfhd", 0,
        tfhd_base_is_moof | tfhd_flags | (layout.durations ? 0 : tfhd_duration) | (layout.sizes ? 0 : tfhd_size));
    w.u32(id);
    if (!layout.durations) w.u32(samples.front().duration);
    if (!layout.sizes) w.u32(samples.front().size);
    w.u32(flags_of(samples.back()));
  }
  {
    BoxWriter tfdt(w, "tfdt", 1, 0);
    w.u64(static_cast<std::uint64_t>(samples.front().dts));
  }
  BoxWriter trun(w, "trun", 1, layout.trun());  // version 1: composition offsets are signed
  w.u32(samples.size());
  const std::size_t offset_at = w.position();
  w.u32(0);
  if (layout.first_flags) w.u32(flags_of(samples.front()));
  for (const Sample& sample : samples) {
    if (layout.durations) w.u32(sample.duration);
    if (layout.sizes) w.u32(sample.size);
    if (layout.flags) w.u32(flags_of(sample));
    if (layout.compositions) w.u32(static_cast<std::uint32_t>(sample.composition));
  }
  return offset_at;
}

constexpr std::size_t least_room = 1024;            // for the head of a large fragment
constexpr std::size_t largest_events = 256 * 1024;  // of one fragment

bool described_by_first_frame(media::Codec codec) { return codec == media::Codec::ac3 || codec == media::Codec::eac3; }

}  // namespace

Fragmenter::Fragmenter(const media::Tracks& tracks) {
  for (const media::Track& track : tracks) {
    if (!track.parameters || !can_carry(track.parameters->codec) || tracks_.size() == largest_tracks) continue;
    const auto id = static_cast<std::uint32_t>(tracks_.size() + 1);
    tracks_.push_back({.given = track,
                       .id = id,
                       .lane = Lane(*track.parameters),
                       .first_frame = {},
                       .bright = is_bright(*track.parameters),
                       .light = {},
                       .samples = {},
                       .payloads = {}});
  }
  const auto video = std::find_if(tracks_.begin(), tracks_.end(), [](const Track& track) {
    return media::kind_of(track.given.parameters->codec) == media::Kind::video;
  });
  if (video != tracks_.end()) bulk_ = static_cast<std::size_t>(video - tracks_.begin());
}

bool Fragmenter::described() const {
  return sequence_ > 0 || std::none_of(tracks_.begin(), tracks_.end(), [](const Track& track) { return track.bright; });
}

const Fragmenter::Track* Fragmenter::find(media::TrackId id) const {
  for (const Track& track : tracks_) {
    if (track.given.id == id) return &track;
  }
  return nullptr;
}
bool Fragmenter::carries(media::TrackId id) const { return find(id) != nullptr; }

std::uint32_t Fragmenter::timescale(media::TrackId id) const {
  const Track* const track = find(id);
  return track ? track->lane.timescale() : 0;
}

base::Result<base::SharedBytes> Fragmenter::init() const {
  if (tracks_.empty()) return Errc::no_tracks;
  base::Buffer out;
  base::ByteWriter w(out);
  {
    BoxWriter ftyp(w, "ftyp");
    w.text("iso6");
    w.u32(0);
    w.text("iso6mp41");
    if (tracks_.size() == 1) w.text("cmfc");  // 23000-19 7.3: a CMAF track is alone in its file
  }
  {
    BoxWriter moov(w, "moov");
    write_mvhd(w, 0, static_cast<std::uint32_t>(tracks_.size() + 1));
    for (const Track& track : tracks_) {
      const media::CodecParameters& parameters = *track.given.parameters;
      TRY(const base::Buffer entry, write_sample_entry(parameters, track.first_frame, track.light));
      const TrackHead head{.id = track.id,
                           .kind = media::kind_of(parameters.codec),
                           .timescale = track.lane.timescale(),
                           .width = parameters.width,
                           .height = parameters.height};
      BoxWriter trak(w, "trak");
      write_tkhd(w, head);
      BoxWriter mdia(w, "mdia");
      write_mdhd(w, head);
      write_hdlr(w, head.kind);
      BoxWriter minf(w, "minf");
      write_media_head(w, head.kind);
      BoxWriter stbl(w, "stbl");
      write_stsd(w, track.rates.told_in(entry, track.lane.timescale()));
      {
        BoxWriter box(w, "stts", 0, 0);
        w.u32(0);
      }
      {
        BoxWriter box(w, "stsc", 0, 0);
        w.u32(0);
      }
      {
        BoxWriter box(w, "stsz", 0, 0);
        w.u64(0);
      }
      {
        BoxWriter box(w, "stco", 0, 0);
        w.u32(0);
      }
    }
    BoxWriter mvex(w, "mvex");
    for (const Track& track : tracks_) {
      BoxWriter trex(w, "trex", 0, 0);
      w.u32(track.id);
      w.u32(1);  // sample description
      w.zeros(12);
    }
  }
  return base::SharedBytes::copy_of(out);
}

bool Fragmenter::add(const media::Frame& frame) {
  Track* const track = const_cast<Track*>(find(frame.track));
  if (!track || frame.payload.empty() || samples_ == largest_samples || bytes_ + frame.payload.size() > largest_bytes) {
    return false;
  }
  if (track->first_frame.empty() && described_by_first_frame(frame.codec)) track->first_frame = frame.payload;
  if (std::exchange(track->bright, false)) track->light = light_of(*track->given.parameters, frame.payload);
  track->lane.append(frame, track->samples);
  keep_payload(*track, frame.payload);
  const std::int64_t scale = track->lane.timescale();
  track->end = frame.dts + base::Ticks{std::int64_t{track->samples.back().duration} * 90'000 / scale};
  begin_ = empty() ? frame.dts : std::min(begin_, frame.dts);
  ++samples_;
  bytes_ += frame.payload.size();
  return true;
}

void Fragmenter::keep_payload(Track& track, base::SharedBytes payload) {
  if (is_ahead(track)) return ahead_.append(payload);
  track.payloads.push_back(std::move(payload));
  if (&track != &tracks_[bulk_] || bytes_ + track.payloads.back().size() < small_bytes) return;
  room_ = last_head_ + last_head_ / 4 + least_room;
  ahead_.begin();
  ahead_.append(base::Buffer(room_).bytes());
  for (const base::SharedBytes& one : std::exchange(track.payloads, {})) ahead_.append(one);
}

base::SharedBytes Fragmenter::take_last_payload(Track& track) {
  if (!is_ahead(track)) {
    base::SharedBytes last = std::move(track.payloads.back());
    track.payloads.pop_back();
    return last;
  }
  const std::size_t left = ahead_.size() - track.samples.back().size;
  base::SharedBytes last = base::SharedBytes::copy_of(ahead_.since(left));
  ahead_.shrink(left);
  if (track.samples.size() == 1) ahead_.begin();
  return last;
}

void Fragmenter::add_event(const id3::Event& event) {
  if (tracks_.empty() || events_.size() + event.tag.size() > largest_events) return;
  base::ByteWriter w(events_);
  BoxWriter emsg(w, "emsg", 1, 0);
  w.u32(90'000);
  w.u64(static_cast<std::uint64_t>(std::max<std::int64_t>(event.at.count(), 0)));
  w.u32(static_cast<std::uint32_t>(std::clamp<std::int64_t>(event.duration.count(), 0, 0xffffffff)));
  w.u32(event.id.value_or(static_cast<std::uint32_t>(event.at.count() / 90 * 16 + (next_event_++ & 15))));
  w.text(event.scheme);
  w.u8(0);
  w.u8(0);  // no value
  w.bytes(event.tag);
}

base::Ticks Fragmenter::end() const {
  base::Ticks end = begin_;
  for (const Track& track : tracks_) {
    if (!track.samples.empty()) end = std::max(end, track.end);
  }
  return end;
}

bool Fragmenter::independent() const {
  for (const Track& track : tracks_) {
    if (media::kind_of(track.given.parameters->codec) == media::Kind::video) {
      return !track.samples.empty() && track.samples.front().key;
    }
  }
  return true;
}

void Fragmenter::write_moof(base::Buffer& out) {
  base::ByteWriter w(out);
  const std::size_t start = out.size();
  std::vector<std::size_t> offsets;
  {
    BoxWriter moof(w, "moof");
    {
      BoxWriter mfhd(w, "mfhd", 0, 0);
      w.u32(++sequence_);
    }
    for (const Track& track : tracks_) {
      if (!track.samples.empty()) offsets.push_back(write_traf(w, track.id, track.samples));
    }
  }
  std::uint64_t data = out.size() - start + 8;  // from the begin of moof to behind the head of mdat
  std::size_t next = 0;
  for (const Track& track : tracks_) {
    if (track.samples.empty()) continue;
    w.patch32(offsets[next++], data);
    for (const Sample& sample : track.samples) data += sample.size;
  }
}

Fragmenter::Span Fragmenter::span(media::TrackId id) const {
  const Track* const track = find(id);
  return track ? track->span : Span{};
}

base::SharedBytes Fragmenter::cut(const Cut& rule) {
  if (empty()) return {};
  struct Held {
    Track* track;
    Sample sample;
    base::SharedBytes payload;
  };
  std::vector<Held> held;
  for (Track& track : tracks_) {
    track.span = {};
    if (track.samples.empty()) continue;
    if (rule.next && rule.next->track == track.given.id) {
      track.lane.end_at(rule.next->dts, track.samples);
    } else if (rule.hold && media::kind_of(track.given.parameters->codec) == media::Kind::video) {
      held.push_back({&track, track.samples.back(), take_last_payload(track)});
      track.samples.pop_back();
      --samples_;
      bytes_ -= held.back().sample.size;
    } else if (rule.at) {
      track.lane.end_at(*rule.at, track.samples);
    }
    if (track.samples.empty()) continue;
    for (const Sample& sample : track.samples) track.rates.add(sample, track.lane.timescale());
    const Sample& last = track.samples.back();
    track.span = {.begin = track.samples.front().dts, .end = last.dts + last.duration};
  }
  base::SharedBytes out = empty() ? base::SharedBytes() : write(rule);
  for (Held& one : held) {
    one.track->samples.push_back(one.sample);
    keep_payload(*one.track, std::move(one.payload));
    const base::Ticks begin{one.sample.dts * 90'000 / one.track->lane.timescale()};
    begin_ = empty() ? begin : std::min(begin_, begin);
    ++samples_;
    bytes_ += one.sample.size;
  }
  return out;
}

// Writes what is held and forgets it.
base::SharedBytes Fragmenter::write(const Cut& rule) {
  base::Buffer head;
  base::ByteWriter w(head);
  if (rule.segment_type) write_segment_type(w);
  if (rule.reference) write_reference(w, *rule.reference);
  w.bytes(events_);
  events_.clear();
  write_moof(head);
  w.u32(bytes_ + 8);
  w.text("mdat");
  const Track& leading = tracks_.front();
  const bool picture = !leading.samples.empty() && leading.samples.front().key &&
                       media::kind_of(leading.given.parameters->codec) == media::Kind::video;
  picture_bytes_ = picture ? head.size() + leading.samples.front().size : 0;
  base::SharedBytes out = with_head(head);
  for (Track& track : tracks_) {
    track.samples.clear();
    track.payloads.clear();
  }
  ahead_.begin();
  last_head_ = head.size();
  samples_ = bytes_ = 0;
  return out;
}

// The tracks' media behind one another, as moof says.
base::SharedBytes Fragmenter::with_head(base::Bytes head) {
  const auto first =
      std::find_if(tracks_.begin(), tracks_.end(), [](const Track& one) { return !one.samples.empty(); });
  copied_late_ = 0;
  if (first != tracks_.end() && is_ahead(*first) && head.size() <= room_) {
    ahead_.overwrite(room_ - head.size(), head);
    for (const Track& track : tracks_) {
      for (const base::SharedBytes& payload : track.payloads) {
        ahead_.append(payload);
        copied_late_ += payload.size();
      }
    }
    return ahead_.since(room_ - head.size());
  }
  const base::Block block = base::Block::allocate(head.size() + bytes_);
  std::uint8_t* at = std::copy_n(head.data(), head.size(), block.data());
  for (const Track& track : tracks_) {
    if (is_ahead(track)) {
      const base::SharedBytes media = ahead_.since(room_);
      at = std::copy_n(media.data(), media.size(), at);
    }
    for (const base::SharedBytes& payload : track.payloads) at = std::copy_n(payload.data(), payload.size(), at);
  }
  copied_late_ = bytes_;
  return {block, block.data(), static_cast<std::size_t>(at - block.data())};
}

base::SharedBytes Fragmenter::nothing(base::Ticks at, bool segment_type) {
  base::Buffer out;
  base::ByteWriter w(out);
  if (segment_type) write_segment_type(w);
  {
    BoxWriter moof(w, "moof");
    {
      BoxWriter mfhd(w, "mfhd", 0, 0);
      w.u32(++sequence_);
    }
    BoxWriter traf(w, "traf");
    {
      BoxWriter tfhd(w, "tfhd", 0, tfhd_base_is_moof | tfhd_empty);
      w.u32(tracks_.front().id);
    }
    BoxWriter tfdt(w, "tfdt", 1, 0);
    w.u64(static_cast<std::uint64_t>(tracks_.front().lane.scaled(at)));
  }
  w.u32(8);
  w.text("mdat");
  return base::SharedBytes::copy_of(out);
}

void Fragmenter::write_reference(base::ByteWriter& w, const Cut::Reference& reference) const {
  constexpr std::uint64_t ntp_of_unix_s = 2'208'988'800;  // RFC 5905 6
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(reference.unix_ms, 0));
  BoxWriter prft(w, "prft", 1, 0);
  w.u32(tracks_.front().id);
  w.u32(ms / 1000 + ntp_of_unix_s);
  w.u32((ms % 1000 << 32) / 1000);
  w.u64(static_cast<std::uint64_t>(tracks_.front().lane.scaled(reference.at)));
}

// The brands say what is true of a segment of one track (23000-19 7.3.3) and of several; there is no index of it.
void Fragmenter::write_segment_type(base::ByteWriter& w) const {
  BoxWriter styp(w, "styp");
  w.text("msdh");
  w.u32(0);
  w.text(tracks_.size() == 1 ? "msdhcmfs" : "msdh");
}

}  // namespace weir::mp4
