#include "format/ts/demuxer.h"

#include <algorithm>

#include "format/scte35/section.h"

namespace weir::ts {
namespace {

constexpr std::size_t largest_counted_pids = 64;
constexpr std::size_t largest_programs = 16;

}  // namespace

Demuxer::Demuxer(Options options) : options_(options) {
  counts_.push_back({});  // slot 0: all PIDs beyond the limit together
  continuity_.push_back({});
}

void Demuxer::input(base::Bytes in) {
  finder_.input(in, [this](base::Bytes bytes) { packet(bytes); });
}

void Demuxer::finish() {
  finder_.finish([this](base::Bytes bytes) { packet(bytes); });
  for (Stream& stream : streams_) {
    PidCounts& counts = counts_[slot_of(stream.pid)];
    if (!stream.collecting) continue;
    const bool video = media::kind_of(content_of(stream.announced).codec) == media::Kind::video;
    if (stream.goal != 0 && stream.holes.empty()) {
      ++counts.damaged_units;  // it said that it is longer
      // Audio frames are found by themselves: those that came whole are taken.
      if (!video && has_whole_pes_header(stream.pes)) complete(stream, counts);
      stream.collecting = false;
    } else {
      complete(stream, counts);
    }
  }
}

std::optional<Demuxer::Unit> Demuxer::poll() {
  if (ready_.empty()) return {};
  Unit unit = std::move(ready_.front());
  ready_.pop_front();
  return unit;
}

// The first picture leads; without one, the first sound. Of several programs one is played: that is another stream.
void Demuxer::pass(base::Bytes bytes, const Packet* packet) {
  if (programs_.size() > 1 || options_.program != 0) return passage_.interrupt();
  Passage::Lead lead;
  lead.map_pid = pmts_.empty() ? null_pid : pmts_.front().pid;  // before it is read: the first map is wanted, too
  for (const Stream& stream : streams_) {
    const media::Codec codec = content_of(stream.announced).codec;
    if (lead.codec != media::Codec::none && media::kind_of(codec) != media::Kind::video) continue;
    lead.pid = stream.pid;
    lead.codec = codec;
    if (media::kind_of(codec) == media::Kind::video) break;
  }
  passage_.input(bytes, packet, lead);
}

std::size_t Demuxer::slot_of(Pid pid) {
  if (slots_[pid] != 0) return slots_[pid];
  if (counts_.size() > largest_counted_pids) return 0;
  slots_[pid] = static_cast<std::uint8_t>(counts_.size());
  counts_.push_back({.pid = pid});
  continuity_.push_back({});
  return slots_[pid];
}

void Demuxer::packet(base::Bytes bytes) {
  const auto parsed = parse_packet(bytes);
  if (options_.passes) pass(bytes, parsed ? &*parsed : nullptr);
  if (!parsed) {
    ++counts_[0].malformed;
    return;
  }
  const Packet& packet = *parsed;
  if (packet.pid == null_pid) return;
  const std::size_t slot = slot_of(packet.pid);
  PidCounts& counts = counts_[slot];
  ++counts.packets;
  if (packet.transport_error) {  // nothing in it can be trusted, perhaps not even its PID
    ++counts.transport_errors;
    return;
  }
  if (packet.pcr && packet.pid == pcr_pid_) tell_clock(*packet.pcr);
  if (!packet.has_payload) {
    if (packet.discontinuity) continuity_[slot].started = false;
    return;
  }
  if (packet.scrambling != 0) {
    ++counts.scrambled;
    return;
  }
  if (slot != 0 && !continuous(packet, slot)) return;
  if (packet.pid == pat_pid) {
    pat_sections_.input(packet.unit_start, packet.payload, [&](base::Bytes section) { read_pat(section, counts); });
    return;
  }
  for (Pmts& pmt : pmts_) {
    if (pmt.pid != packet.pid) continue;
    pmt.sections.input(packet.unit_start, packet.payload,
                       [&](base::Bytes section) { read_pmt(packet.pid, section, counts); });
    return;
  }
  for (Cues& cues : cues_) {
    if (cues.pid != packet.pid) continue;
    cues.sections.input(packet.unit_start, packet.payload, [&](base::Bytes section) { read_cue(section, counts); });
    return;
  }
  if (Data* const data = data_of(packet.pid)) return collect_data(*data, packet, counts);
  if (Stream* const stream = stream_of(packet.pid)) collect(*stream, packet, counts);
}

// 2.4.3.3: the counter of a PID grows with every packet that has a payload; one packet may be sent twice. False for the
// second of two.
bool Demuxer::continuous(const Packet& packet, std::size_t slot) {
  Continuity& state = continuity_[slot];
  std::array<std::uint8_t, 4> tail{};
  const std::size_t count = std::min(tail.size(), packet.payload.size());
  std::copy_n(packet.payload.end() - static_cast<std::ptrdiff_t>(count), count, tail.begin());
  const bool first = !state.started || packet.discontinuity;
  const auto expected = static_cast<std::uint8_t>((state.last + 1) & 0x0f);
  if (!first && packet.continuity == state.last && tail == state.tail) {
    ++counts_[slot].duplicates;
    return false;
  }
  if (!first && packet.continuity != expected) {
    ++counts_[slot].continuity_errors;
    lose(packet.pid, counts_[slot], (packet.continuity - expected) & 0x0fU);
  }
  state = {.last = packet.continuity, .started = true, .tail = tail};
  return true;
}

void Demuxer::lose(Pid pid, PidCounts& counts, std::size_t packets) {
  if (pid == pat_pid) return pat_sections_.reset();
  for (Pmts& pmt : pmts_) {
    if (pmt.pid == pid) return pmt.sections.reset();
  }
  for (Cues& cues : cues_) {
    if (cues.pid == pid) return cues.sections.reset();
  }
  if (Data* const data = data_of(pid)) {
    counts.damaged_units += data->collecting ? 1 : 0;
    data->collecting = false;
  }
  if (Stream* const stream = stream_of(pid)) lose(*stream, counts, packets);
}

void Demuxer::lose(Stream& stream, PidCounts& counts, std::size_t packets) {
  if (stream.collecting) ++counts.damaged_units;
  const bool video = media::kind_of(content_of(stream.announced).codec) == media::Kind::video;
  if (video) {
    constexpr std::size_t most_holes = 64;
    if (!has_whole_pes_header(stream.pes) || stream.holes.size() == most_holes) {
      stream.collecting = false;
    } else if (stream.collecting) {
      stream.holes.push_back(stream.pes.size());
    }
    return;
  }
  // Audio frames are found by themselves: what came is taken, and what comes belongs to the same stream of bytes.
  if (stream.collecting && (stream.headless || has_whole_pes_header(stream.pes))) complete(stream, counts);
  stream.elementary->lose(packets * payload_bytes);
  stream.pes.clear();
  stream.goal = 0;
  stream.collecting = stream.headless = true;
}

Demuxer::Stream* Demuxer::stream_of(Pid pid) {
  for (Stream& stream : streams_) {
    if (stream.pid == pid) return &stream;
  }
  return nullptr;
}

void Demuxer::read_pat(base::Bytes section, PidCounts& counts) {
  const auto pat = parse_pat(section);
  if (!pat) {
    ++counts.malformed;
    return;
  }
  if (!pat->current) return;
  std::erase_if(pmts_, [&](const Pmts& pmt) {
    return std::none_of(pat->programs.begin(), pat->programs.end(),
                        [&](const Pat::Program& program) { return program.number != 0 && program.pmt_pid == pmt.pid; });
  });
  programs_.clear();
  for (const Pat::Program& program : pat->programs) {
    if (program.number != 0 && programs_.size() < largest_programs) programs_.push_back(program.number);
    // One that is asked for is found behind any number of others.
    if (options_.program != 0 && program.number != options_.program) continue;
    const bool known =
        std::any_of(pmts_.begin(), pmts_.end(), [&](const Pmts& pmt) { return pmt.pid == program.pmt_pid; });
    if (program.number != 0 && !known && pmts_.size() < largest_programs) pmts_.push_back({program.pmt_pid, {}});
  }
  if (program_pid_ &&
      std::none_of(pmts_.begin(), pmts_.end(), [&](const Pmts& pmt) { return pmt.pid == *program_pid_; })) {
    program_pid_.reset();  // the next program with something known is played
  }
}

void Demuxer::read_pmt(Pid pid, base::Bytes section, PidCounts& counts) {
  if (!section.empty() && section[0] != 0x02) return;  // other tables may share the PID
  const auto pmt = parse_pmt(section);
  if (!pmt) {
    ++counts.malformed;
    return;
  }
  if (!pmt->current || (program_pid_ && *program_pid_ != pid)) return;
  if (options_.program != 0 && pmt->program != options_.program) return;  // maps of several may share a PID
  const bool playable = std::any_of(pmt->streams.begin(), pmt->streams.end(), [](const PmtStream& stream) {
    return content_of(stream).codec != media::Codec::none;
  });
  if (!program_pid_ && !playable) return;
  program_pid_ = pid;
  pcr_pid_ = pmt->pcr_pid;
  adopt(*pmt);
  adopt_cues(*pmt);
  adopt_data(*pmt);
}

void Demuxer::adopt(const Pmt& pmt) {
  const std::size_t before = streams_.size();
  std::erase_if(streams_, [&](Stream& stream) {
    const auto now = std::find_if(pmt.streams.begin(), pmt.streams.end(),
                                  [&](const PmtStream& announced) { return announced.pid == stream.pid; });
    if (now == pmt.streams.end()) return true;
    // Descriptors come and go, of languages or by mistake; the stream is another only if what it carries is.
    const Content content = content_of(*now);
    const bool silent = content.codec == media::Codec::none && now->stream_type == stream.announced.stream_type;
    if (!silent && content != content_of(stream.announced)) return true;
    if (!silent) stream.announced = *now;
    return false;
  });
  if (streams_.size() != before) rebuild_tracks();
  for (const PmtStream& announced : pmt.streams) {
    if (stream_of(announced.pid) || streams_.size() >= options_.largest_streams) continue;
    auto elementary = make_elementary(content_of(announced));
    if (!elementary) continue;
    const media::TrackId track = free_track(media::kind_of(content_of(announced).codec));
    Stream stream;
    stream.pid = announced.pid;
    stream.announced = announced;
    stream.track = track;
    stream.elementary = std::move(elementary);
    streams_.push_back(std::move(stream));
  }
}

media::TrackId Demuxer::free_track(media::Kind kind) const {
  const auto taken = [&](media::TrackId id) {
    return std::any_of(streams_.begin(), streams_.end(), [&](const Stream& stream) { return stream.track == id; }) ||
           std::any_of(data_.begin(), data_.end(), [&](const Data& data) { return data.track == id; });
  };
  media::TrackId id = kind == media::Kind::video ? media::TrackId::video : media::TrackId::audio;
  if (kind != media::Kind::data && !taken(id)) return id;
  id = media::TrackId::further;
  while (taken(id)) id = static_cast<media::TrackId>(static_cast<std::uint8_t>(id) + 1);
  return id;
}

void Demuxer::collect(Stream& stream, const Packet& packet, PidCounts& counts) {
  if (packet.unit_start) {
    if (stream.collecting) {
      if (stream.goal != 0 && stream.holes.empty()) {  // it said that it is longer
        ++counts.damaged_units;
        stream.elementary->lose(0);
      } else {
        complete(stream, counts);
      }
    }
    stream.pes.clear();
    stream.holes.clear();
    stream.goal = 0;
    stream.collecting = true;
    stream.headless = false;
    stream.began.reset();
    if (pcr_ && stream.references != references_) stream.began = *pcr_ / 300 & clock_mask;
    stream.references = references_;
  }
  if (!stream.collecting) return;
  const bool head_known = stream.headless || stream.pes.size() >= 6;
  if (stream.pes.size() + packet.payload.size() > options_.largest_pes_bytes) {
    ++counts.damaged_units;
    stream.collecting = false;
    return;
  }
  stream.pes.append(packet.payload);
  if (!head_known && stream.pes.size() >= 6) {
    const std::size_t length = static_cast<std::size_t>(stream.pes.data()[4] << 8 | stream.pes.data()[5]);
    stream.goal = length == 0 ? 0 : 6 + length;
  }
  if (stream.goal != 0 && stream.pes.size() >= stream.goal) {
    stream.pes.resize(stream.goal);
    complete(stream, counts);
  }
}

void Demuxer::complete(Stream& stream, PidCounts& counts) {
  stream.collecting = false;
  std::size_t header_bytes = 0;
  Elementary::Time time;
  if (!stream.headless) {
    const auto header = parse_pes_header(stream.pes);
    if (!header) {
      ++counts.malformed;
      ++counts.damaged_units;
      stream.elementary->lose(0);
      return;
    }
    header_bytes = header->header_bytes;
    if (header->pts) {
      const std::uint64_t dts = header->dts.value_or(*header->pts);
      learn_lead(stream, dts);
      stream.timed = time.known = true;
      stream.by_clock = false;
      stream.untimed = stream.since_clock = 0;
      time.dts = base::Ticks{clock_.unwrap(dts)};
      newest_ = time.dts;
      base::ClockUnwrap beside = clock_;  // the pts may be far from the next dts, and must not move it
      time.pts = base::Ticks{beside.unwrap(*header->pts)};
    } else if (!time_by_clock(stream, time, counts)) {
      return stream.elementary->lose(0);
    }
  }
  for (std::size_t& hole : stream.holes) hole -= std::min(hole, header_bytes);
  stream.elementary->mark_holes(stream.holes);
  found_.clear();
  stream.elementary->input(stream.pes.bytes().subspan(header_bytes), time, found_);
  for (AccessUnit& unit : found_) yield(stream, std::move(unit));
}

void Demuxer::yield(Stream& stream, AccessUnit unit) {
  if (unit.parameters != stream.parameters) {
    stream.generation = next_generation_++;
    stream.parameters = unit.parameters;
    rebuild_tracks();
  }
  media::Frame frame{.track = stream.track,
                     .codec = stream.parameters->codec,
                     .dts = unit.dts,
                     .composition = unit.composition,
                     .key = unit.key,
                     .generation = stream.generation,
                     .payload = std::move(unit.payload)};
  give(std::move(frame));
}

void Demuxer::give(media::Frame frame) {
  Unit out{.tracks = nullptr, .frame = std::make_shared<const media::Frame>(std::move(frame))};
  if (tracks_changed_) out.tracks = std::make_shared<const media::Tracks>(tracks_);
  tracks_changed_ = false;
  ready_.push_back(std::move(out));
}

void Demuxer::rebuild_tracks() {
  tracks_.clear();
  for (const Stream& stream : streams_) {
    if (stream.parameters) {
      tracks_.push_back({.id = stream.track, .generation = stream.generation, .parameters = stream.parameters});
    }
  }
  for (const Data& data : data_) tracks_.push_back({.id = data.track, .generation = 0, .parameters = data.parameters});
  if (!cues_.empty()) {
    static const auto described =
        std::make_shared<const media::CodecParameters>(media::CodecParameters{.codec = media::Codec::scte35});
    tracks_.push_back({.id = media::TrackId::data, .generation = 0, .parameters = described});
  }
  tracks_changed_ = true;
}

}  // namespace weir::ts
