#include "format/ts/muxer.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "format/ts/content.h"
#include "format/ts/muxer_parts.h"

namespace weir::ts {
namespace {

using base::Ticks;

constexpr Ticks closest_tables = std::chrono::milliseconds(100);
constexpr Ticks clock_without_frames = std::chrono::milliseconds(80);  // 2.7.2 allows 100 ms
constexpr Ticks clock_with_frames = std::chrono::milliseconds(90);     // where the next packet has one anyway
constexpr Ticks least_lead = std::chrono::milliseconds(80);            // of the clock before any frame
constexpr Ticks longest_lag = std::chrono::milliseconds(900);  // a stream may be so late before it is known how late
constexpr Ticks pause = std::chrono::milliseconds(250);        // so much later than usual, and it is not waited for
constexpr std::uint32_t frames_to_know = 16;
constexpr Ticks largest_step_back = std::chrono::seconds(1), largest_step_on = std::chrono::seconds(10);
constexpr Ticks largest_clock_hold = std::chrono::milliseconds(90);  // where audio has the clock: likewise
constexpr Ticks largest_audio_gap = std::chrono::milliseconds(5);

// True if so much time has passed, or if time went back further than frames are ever out of order.
bool passed(Ticks since, Ticks now, Ticks interval) {
  return now - since >= interval || since - now > std::chrono::seconds(1);
}

}  // namespace

Muxer::Muxer(Options options) : options_(options) {
  // Held audio comes late, and must not come after its time.
  if (options_.audio_hold > Ticks{}) {
    options_.pcr_lead = std::max(options_.pcr_lead, options_.audio_hold + clock_without_frames);
  }
  if (options_.offset > Ticks{}) options_.pcr_lead = std::min(options_.pcr_lead, options_.offset);
  announce();
}

const Muxer::Stream* Muxer::find(media::TrackId id) const {
  for (const Stream& stream : streams_) {
    if (stream.id == id) return &stream;
  }
  return nullptr;
}
Muxer::Stream* Muxer::find(media::TrackId id) { return const_cast<Stream*>(std::as_const(*this).find(id)); }
bool Muxer::carries(media::TrackId id) const { return find(id) != nullptr; }

void Muxer::set_tracks(const media::Tracks& tracks) {
  std::vector<Stream> before = std::move(streams_);
  for (const Stream& stream : before) {
    std::erase_if(counters_, [&](const auto& entry) { return entry.first == stream.pid; });
    counters_.emplace_back(stream.pid, stream.continuity);
  }
  streams_.clear();
  std::vector<PmtStream> program;
  for (const media::Track& track : tracks) {
    if (!track.parameters || streams_.size() == largest_tracks) continue;
    const auto carriage = carriage_of(*track.parameters);
    if (!carriage) continue;
    Stream stream;
    stream.id = track.id;
    stream.unit = AccessUnitWriter(*track.parameters);
    stream.timing = format::AudioTiming(*track.parameters);
    stream.pid = pid_of(track.id, stream.unit.is_video() ? options_.first_video_pid : options_.first_audio_pid);
    stream.stream_id = carriage->stream_id;
    for (const auto& [pid, continuity] : counters_) {
      if (pid == stream.pid) stream.continuity = continuity;
    }
    const auto old = std::find_if(before.begin(), before.end(), [&](const Stream& s) { return s.id == track.id; });
    if (old != before.end()) {
      stream.begun = old->begun;
      stream.last = old->last;
      stream.shift = old->shift;
      stream.lag = old->lag;
      stream.step = old->step;
      stream.frames = old->frames;
      if (old->unit.codec() == stream.unit.codec()) take_held(*old, stream);
    }
    program.push_back({carriage->stream_type, stream.pid, carriage->descriptors});
    streams_.push_back(std::move(stream));
  }
  set_data(tracks, program);
  const auto video = std::find_if(streams_.begin(), streams_.end(), [](const Stream& s) { return s.unit.is_video(); });
  const std::size_t clock_stream = video == streams_.end() ? 0 : static_cast<std::size_t>(video - streams_.begin());
  const bool cues = std::any_of(tracks.begin(), tracks.end(), [](const media::Track& track) {
    return track.parameters && track.parameters->codec == media::Codec::scte35;
  });
  const bool cues_before = std::exchange(has_cues_, has_cues_ || cues);
  if (program == announced_ && clock_stream == clock_stream_ && has_cues_ == cues_before) return;
  if (!announced_.empty()) version_ = static_cast<std::uint8_t>((version_ + 1) & 0x1f);
  announced_ = std::move(program);
  clock_stream_ = clock_stream;
  announce();
  begin_segment();
}

// Counted again, as it will be written with the new parameters: ADTS, for one, cannot say all that LATM can.
void Muxer::take_held(Stream& from, Stream& to) {
  to.held = std::move(from.held);
  to.held_since = from.held_since;
  to.held_until = from.held_until;
  std::erase_if(to.held, [&](const base::SharedBytes& frame) { return to.unit.bytes(frame, true) == 0; });
  for (const base::SharedBytes& frame : to.held) to.held_bytes += to.unit.bytes(frame, true);
}

Pid Muxer::pid_of(media::TrackId id, Pid wanted) {
  for (const auto& [known, pid] : assigned_) {
    if (known == id) return pid;
  }
  const auto taken = [&](Pid pid) {
    return pid == options_.pmt_pid || pid == options_.metadata_pid || pid == options_.cue_pid ||
           std::any_of(assigned_.begin(), assigned_.end(), [&](const auto& entry) { return entry.second == pid; });
  };
  Pid pid = wanted;
  if (taken(pid) && pid < options_.first_data_pid)
    pid = static_cast<Pid>(std::max(options_.first_video_pid, options_.first_audio_pid) + 1);
  while (taken(pid)) ++pid;
  assigned_.emplace_back(id, pid);
  return pid;
}

void Muxer::begin_discontinuity() {
  begin_segment();
  restart();
}

// The time base is another from here on.
void Muxer::restart() {
  discontinuity_ = running_;
  running_ = clock_runs_ = false;
  clock_due_ = true;
  for (Stream& stream : streams_) {
    stream.begun = false;
    stream.lag = stream.step = {};
    stream.frames = 0;
  }
}

base::Buffer Muxer::resumption() const {
  base::Buffer out;
  const auto tables = [&](const base::Buffer& packets, std::uint8_t next) {
    const std::size_t at = out.size();
    out.append(packets);
    auto continuity = static_cast<std::uint8_t>(next - packets.size() / packet_bytes);
    for (std::size_t i = at; i < out.size(); i += packet_bytes) out.data()[i + 3] |= continuity++ & 0x0f;
  };
  tables(pat_, pat_continuity_);
  tables(pmt_, pmt_continuity_);
  const auto jump = [&](Pid pid, std::uint8_t next) {
    const std::size_t at = out.size();
    out.resize(at + packet_bytes);
    const PacketHead head{
        .pid = pid, .continuity = static_cast<std::uint8_t>((next + 15) & 0x0f), .discontinuity = true};
    write_packet_head(out.data() + at, head, 0);
  };
  for (const Stream& stream : streams_) jump(stream.pid, stream.continuity);
  for (const Data& data : data_) jump(data.pid, data.continuity);
  return out;
}

std::uint64_t Muxer::clock(Ticks time) const {
  return static_cast<std::uint64_t>((time + options_.offset).count()) & clock_mask;
}

std::size_t Muxer::flush_bound() const {
  std::size_t total = 0;
  for (const Stream& stream : streams_) {
    if (!stream.held.empty()) total += due_bound() + bytes_for(stream.held_bytes);
  }
  return total;
}

// What a clock that is late may need: a reference each 80 ms, and the tables in between.
std::size_t Muxer::catch_up_bound(Ticks dts) const {
  if (!clock_runs_ || dts > newest_ + largest_step_on) return due_bound();
  const Ticks late = std::max(newest_, dts) - options_.pcr_lead - last_clock_;
  const auto references = static_cast<std::size_t>(std::max<std::int64_t>(late / clock_without_frames, 0)) + 1;
  const Ticks between = std::max(options_.table_interval, closest_tables);
  const auto tables = static_cast<std::size_t>(std::max<std::int64_t>(late / between, 0)) + 1;
  return references * packet_bytes + tables * (pat_.size() + pmt_.size());
}

std::size_t Muxer::bound(const media::Frame& frame) const {
  const Stream* const stream = find(frame.track);
  if (!stream) return 0;
  // A frame may be written together with held ones or apart from them: both are counted as if apart.
  return flush_bound() + 2 * due_bound() + catch_up_bound(frame.dts) +
         bytes_for(stream->unit.bytes(frame.payload, frame.key));
}

std::size_t Muxer::write(const media::Frame& frame, base::MutableBytes room) {
  Stream* const stream = find(frame.track);
  if (!stream) return 0;
  const std::size_t bytes = stream->unit.bytes(frame.payload, frame.key);
  if (bytes == 0) return 0;
  Out out{room.data(), room.data() + room.size()};
  const bool back = stream->begun && frame.dts - stream->shift < stream->last - largest_step_back;
  if (running_ && (back || frame.dts > newest_ + largest_step_on)) {
    for (Stream& one : streams_) write_held(out, one);
    restart();
  }
  const Ticks dts = decoded_at(*stream, frame);
  in_hand_ = stream;
  write_stale(out, frame.dts);
  catch_up(out, *stream);
  if (stream->unit.is_video()) {
    write_video(out, *stream, frame, dts, bytes);
  } else {
    hold(out, *stream, frame, bytes);
  }
  in_hand_ = nullptr;
  return static_cast<std::size_t>(out.at - room.data());
}

// 2.4.3.7: nothing is shown before it is decoded. Where an encoder says so, its frames are decoded that much earlier.
Ticks Muxer::decoded_at(Stream& stream, const media::Frame& frame) {
  stream.shift = std::max(stream.shift, -frame.composition);
  Ticks dts = frame.dts - stream.shift;
  if (stream.begun) dts = std::max(dts, stream.last + Ticks(1));
  newest_ = running_ ? std::max(newest_, dts) : dts;
  if (!std::exchange(running_, true)) started_at_ = dts;
  if (stream.begun) {
    // As close as its frames have come lately: nothing comes before that.
    const Ticks distance = stream.frames < 2 ? dts - stream.last : std::min(dts - stream.last, 4 * stream.step);
    stream.step = stream.frames < 2 || distance < stream.step ? distance : stream.step + (distance - stream.step) / 16;
  }
  stream.begun = true;
  stream.last = dts;
  stream.lag = std::max(stream.lag, std::min(newest_ - dts, longest_lag));
  if (stream.frames < frames_to_know) ++stream.frames;
  return dts;
}

// Where the clock should be: as long before the newest frame as was asked for, and before all that may still come of
// those streams that are late. One that pauses is not waited for.
Ticks Muxer::goal() const {
  Ticks goal = newest_ - options_.pcr_lead;
  for (const Stream& stream : streams_) {
    if (!stream.begun) {
      // Sound often comes before its pictures, pictures before their sound hardly ever.
      const Ticks before = stream.unit.is_video() ? longest_lag + least_lead : options_.pcr_lead;
      if (newest_ - started_at_ < longest_lag) goal = std::min(goal, started_at_ - before);
      continue;
    }
    const Ticks known = stream.lag + stream.step + pause;
    const Ticks patience = stream.frames < frames_to_know ? std::max(longest_lag, known) : known;
    if (newest_ - stream.last > patience) continue;
    const Ticks after = &stream == in_hand_ ? stream.last : stream.last + stream.step;
    const Ticks next = stream.held.empty() ? after : std::min(stream.held_since, stream.last);
    goal = std::min(goal, next - std::min(least_lead, options_.pcr_lead));
  }
  return clock_runs_ ? std::max(goal, last_clock_) : std::max(goal, -options_.offset);
}

// References in packets of their own until the next frame's is close enough, with the tables among them.
void Muxer::catch_up(Out& out, const Stream& next) {
  const Ticks end = goal();
  const Ticks close =
      &next == &streams_[clock_stream_] && next.unit.is_video() ? clock_with_frames : clock_without_frames;
  while (clock_runs_ && end - last_clock_ >= close) {
    const Ticks at = std::min(last_clock_ + clock_without_frames, end);
    if (tables_due_ || at - last_tables_ >= options_.table_interval) write_tables(out);
    write_clock(out, at);
  }
}

std::size_t Muxer::flush(base::MutableBytes room) {
  Out out{room.data(), room.data() + room.size()};
  for (Stream& stream : streams_) write_held(out, stream);
  return static_cast<std::size_t>(out.at - room.data());
}

void Muxer::append(const media::Frame& frame, base::Buffer& out) {
  const std::size_t size = out.size();
  out.resize(size + bound(frame));
  out.resize(size + write(frame, {out.data() + size, out.size() - size}));
}

void Muxer::append_flush(base::Buffer& out) {
  const std::size_t size = out.size();
  out.resize(size + flush_bound());
  out.resize(size + flush({out.data() + size, out.size() - size}));
}

void Muxer::hold(Out& out, Stream& stream, const media::Frame& frame, std::size_t bytes) {
  const Ticks duration = stream.timing.duration(frame.payload);
  // A decoder counts the time of the second and later frames of a PES packet itself (2.7.4), so they must follow
  // closely.
  const Ticks gap = frame.dts > stream.held_until ? frame.dts - stream.held_until : stream.held_until - frame.dts;
  if (gap > largest_audio_gap || stream.held_bytes + bytes > largest_audio_pes) write_held(out, stream);
  if (stream.held.empty()) stream.held_since = stream.held_until = frame.dts;
  stream.held.push_back(frame.payload);
  stream.held_bytes += bytes;
  stream.held_until += duration;
  // Not one that lasts past the limit, nor one of unknown duration.
  const bool has_clock = &stream == &streams_[clock_stream_];
  const Ticks limit = has_clock ? std::min(options_.audio_hold, largest_clock_hold) : options_.audio_hold;
  if (duration == Ticks{} || stream.held_until + duration - stream.held_since > limit) {
    write_held(out, stream);
  }
}

// Audio that has waited long enough, by the time of another track.
void Muxer::write_stale(Out& out, Ticks now) {
  for (Stream& stream : streams_) {
    if (!stream.held.empty() && passed(stream.held_since, now, options_.audio_hold)) write_held(out, stream);
  }
}

void Muxer::write_tables(Out& out) {
  out.at = put_packets(out.at, pat_, pat_continuity_);
  out.at = put_packets(out.at, pmt_, pmt_continuity_);
  tables_due_ = false;
  last_tables_ = clock_runs_ ? last_clock_ : goal();
}

void Muxer::write_due(Out& out, const Stream& next, bool key) {
  const Ticks interval =
      key && next.unit.is_video() ? std::min(closest_tables, options_.table_interval) : options_.table_interval;
  if (tables_due_ || passed(last_tables_, goal(), interval)) write_tables(out);
  if (clock_due_ && &next != &streams_[clock_stream_]) write_clock(out, goal());
}

// The stream with the clock is late: a packet of its PID without payload, whose counter stays. 2.4.3.3
void Muxer::write_clock(Out& out, Ticks time) {
  const Stream& master = streams_[clock_stream_];
  const PacketHead head{.pid = master.pid,
                        .continuity = static_cast<std::uint8_t>((master.continuity + 15) & 0x0f),
                        .discontinuity = discontinuity_,
                        .pcr_base = clock(time)};
  out.at += write_packet_head(out.at, head, 0);
  clock_due_ = discontinuity_ = false;
  clock_runs_ = true;
  last_clock_ = time;
}

PacketHead Muxer::head_of(const Stream& stream, bool key) {
  PacketHead head{.pid = stream.pid, .unit_start = true, .continuity = stream.continuity, .random_access = key};
  const Ticks time = goal();
  const bool due = clock_due_ || (key && stream.unit.is_video()) || time - last_clock_ >= options_.pcr_interval;
  if (&stream == &streams_[clock_stream_] && due) {
    head.pcr_base = clock(time);
    head.discontinuity = discontinuity_;
    clock_due_ = discontinuity_ = false;
    clock_runs_ = true;
    last_clock_ = time;
  }
  return head;
}

void Muxer::write_video(Out& out, Stream& stream, const media::Frame& frame, Ticks dts, std::size_t bytes) {
  write_due(out, stream, frame.key);
  const PacketHead first = head_of(stream, frame.key);
  const Ticks pts = std::max(frame.dts + frame.composition, dts);
  std::uint8_t header[largest_pes_header];
  const std::size_t header_bytes = write_pes_header(header, stream.stream_id, clock(pts), clock(dts), bytes);
  PacketFiller filler(out.at, first, header_bytes + bytes);
  filler.put({header, header_bytes});
  stream.unit.put(frame.payload, frame.key, filler);
  assert(filler.complete() && filler.end() <= out.end && "as many bytes as were counted");
  stream.continuity = filler.next_continuity();
  out.at = filler.end();
}

void Muxer::write_held(Out& out, Stream& stream) {
  if (stream.held.empty()) return;
  const bool audio_only = &stream == &streams_[clock_stream_];
  write_due(out, stream, audio_only);
  const PacketHead first = head_of(stream, audio_only);
  std::uint8_t header[largest_pes_header];
  const std::uint64_t time = clock(stream.held_since);
  const std::size_t header_bytes = write_pes_header(header, stream.stream_id, time, time, stream.held_bytes);
  PacketFiller filler(out.at, first, header_bytes + stream.held_bytes);
  filler.put({header, header_bytes});
  for (const base::SharedBytes& frame : stream.held) stream.unit.put(frame, true, filler);
  assert(filler.complete() && filler.end() <= out.end && "as many bytes as were counted");
  stream.continuity = filler.next_continuity();
  out.at = filler.end();
  stream.held.clear();
  stream.held_bytes = 0;
}

}  // namespace weir::ts
