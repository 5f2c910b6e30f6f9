#include <algorithm>
#include <utility>

#include "format/scte35/section.h"
#include "format/ts/content.h"
#include "format/ts/muxer.h"
#include "format/ts/muxer_parts.h"
#include "format/ts/packet_filler.h"
#include "format/ts/private_data.h"

// The program map, and what it has beside pictures and sound: timed metadata, breaks, private data.
namespace weir::ts {

using base::Ticks;

namespace {

constexpr std::size_t most_map_bytes = 900;  // of a section of 1,024

}  // namespace

// Its streams come behind those with a time of their own; what the map has no room for is left out.
void Muxer::set_data(const media::Tracks& tracks, std::vector<PmtStream>& program) {
  std::vector<Data> before = std::exchange(data_, {});
  std::size_t bytes = 0;
  for (const PmtStream& stream : program) bytes += 5 + stream.descriptors.size();
  for (const media::Track& track : tracks) {
    if (!track.parameters || track.parameters->codec != media::Codec::ts_data || streams_.empty()) continue;
    Data data{.id = track.id, .pid = null_pid, .announced = data_stream(*track.parameters, null_pid)};
    bytes += 5 + data.announced.descriptors.size();
    if (data_.size() == largest_tracks || bytes > most_map_bytes) break;
    data.pid = data.announced.pid = pid_of(track.id, options_.first_data_pid);
    const auto old = std::find_if(before.begin(), before.end(), [&](const Data& one) { return one.id == track.id; });
    if (old != before.end()) data.continuity = old->continuity;
    program.push_back(data.announced);
    data_.push_back(std::move(data));
  }
}

void Muxer::announce() {
  const Pat pat{.programs = {{.number = 1, .pmt_pid = options_.pmt_pid}}};
  const Pid clock_pid = streams_.empty() ? null_pid : streams_[clock_stream_].pid;
  pat_ = in_packets(write_pat(pat), pat_pid);
  Pmt pmt{.version = version_, .pcr_pid = clock_pid, .streams = announced_};
  if (has_metadata_ && !streams_.empty()) {
    pmt.descriptors = metadata_pointer(pmt.program);
    pmt.streams.push_back({type_metadata, options_.metadata_pid, metadata_descriptor()});
  }
  for (const Data& data : data_) {
    const auto more = program_descriptors(data.announced, pmt.program);
    if (pmt.descriptors.empty()) pmt.descriptors = more;
  }
  if (has_cues_ && !streams_.empty()) {  // SCTE 35 8.1
    pmt.descriptors.insert(pmt.descriptors.end(), {0x05, 4, 'C', 'U', 'E', 'I'});
    pmt.streams.push_back({scte35::stream_type, options_.cue_pid, {}});
  }
  pmt_ = in_packets(write_pmt(pmt), options_.pmt_pid);
}

void Muxer::append_metadata(Ticks at, base::Bytes tag, base::Buffer& out) {
  if (streams_.empty() || tag.empty()) return;
  if (!std::exchange(has_metadata_, true)) {
    version_ = static_cast<std::uint8_t>((version_ + 1) & 0x1f);
    announce();
    tables_due_ = true;
  }
  const std::size_t size = out.size();
  out.resize(size + due_bound() + bytes_for(tag.size()));
  Out room{out.data() + size, out.data() + out.size()};
  if (tables_due_) write_tables(room);
  std::uint8_t header[largest_pes_header];
  const std::size_t header_bytes = write_pes_header(header, stream_id_private, clock(at), clock(at), tag.size());
  PacketFiller filler(room.at, {.pid = options_.metadata_pid, .unit_start = true, .continuity = metadata_continuity_},
                      header_bytes + tag.size());
  filler.put({header, header_bytes});
  filler.put(tag);
  metadata_continuity_ = filler.next_continuity();
  out.resize(static_cast<std::size_t>(filler.end() - out.data()));
}

void Muxer::append_cue(Ticks at, base::Bytes section, base::Buffer& out) {
  const auto said = scte35::parse(section);
  if (streams_.empty() || !said) return;
  if (!std::exchange(has_cues_, true)) {
    version_ = static_cast<std::uint8_t>((version_ + 1) & 0x1f);
    announce();
    tables_due_ = true;
  }
  base::Buffer moved;
  if (said->pts) {
    moved = scte35::moved(section, *said->pts, clock(at));
  } else {
    moved.append(section);
  }
  const base::Buffer packets = in_packets(moved, options_.cue_pid);
  const std::size_t size = out.size();
  out.resize(size + due_bound() + packets.size());
  Out room{out.data() + size, out.data() + out.size()};
  if (tables_due_) write_tables(room);
  room.at = put_packets(room.at, packets, cue_continuity_);
  out.resize(static_cast<std::size_t>(room.at - out.data()));
}

// The times of the packet are its stream's; it is written for the moment that they became here.
void Muxer::append_data(const media::Frame& frame, base::Buffer& out) {
  const auto data = std::find_if(data_.begin(), data_.end(), [&](const Data& one) { return one.id == frame.track; });
  if (data == data_.end() || !has_whole_pes_header(frame.payload)) return;
  const base::Buffer pes = moved_pes(frame.payload, clock(frame.dts + frame.composition));
  const std::size_t size = out.size();
  out.resize(size + due_bound() + bytes_for(pes.size()));
  Out room{out.data() + size, out.data() + out.size()};
  if (tables_due_) write_tables(room);
  PacketFiller filler(room.at, {.pid = data->pid, .unit_start = true, .continuity = data->continuity}, pes.size());
  filler.put(pes);
  data->continuity = filler.next_continuity();
  out.resize(static_cast<std::size_t>(filler.end() - out.data()));
}

}  // namespace weir::ts
