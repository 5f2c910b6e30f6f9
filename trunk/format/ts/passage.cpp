#include "format/ts/passage.h"

#include <algorithm>
#include <array>

#include "format/ts/pes.h"

namespace weir::ts {
namespace {

using media::Codec;

constexpr std::size_t most_table_packets = 8;  // of one table: a section has 1,024 bytes at most, and some stuffing
constexpr std::size_t most_counters = 32;
constexpr std::uint64_t sound_distance = 90'000;  // of two places to begin

// Whether a picture that begins with these bytes is one that a decoder may begin with, as far as they tell. Encoders
// that do not mark it in the adaptation field (2.4.3.5) write its parameters before it, so that one packet is enough.
bool is_key(Codec codec, base::Bytes in) {
  for (std::size_t at = 0; at + 3 < in.size(); ++at) {
    if (in[at] != 0 || in[at + 1] != 0 || in[at + 2] != 1) continue;
    const std::uint8_t head = in[at + 3];
    if (codec == Codec::h264) {  // ISO 14496-10 table 7-1
      const unsigned type = head & 0x1f;
      if (type == 5 || type == 7) return true;
      if (type >= 1 && type <= 4) return false;
    } else if (codec == Codec::hevc) {  // ISO 23008-2 table 7-1
      const unsigned type = head >> 1 & 0x3f;
      if ((type >= 16 && type <= 21) || (type >= 32 && type <= 34)) return true;
      if (type < 16) return false;
    }
    if (codec == Codec::av1) {  // AV1 6.2.2: before a key frame stands its sequence header
      const unsigned type = head >> 3 & 0xf;
      if (type == 1) return true;
      if (type == 3 || type == 6) return false;
    }
    at += 2;
  }
  return false;
}

}  // namespace

void Passage::input(base::Bytes bytes, const Packet* packet, const Lead& lead) {
  if (packet && !packet->transport_error && packet->has_payload) {
    if (map_.pid != lead.map_pid) map_ = {.pid = lead.map_pid, .packets = {}};
    if (packet->pid == pat_pid) {
      keep(association_, bytes, *packet);
    } else if (packet->pid == map_.pid) {
      keep(map_, bytes, *packet);
    } else if (packet->pid != null_pid) {
      if (packet->unit_start && begins(*packet, lead)) begin_piece();
      note_counter(*packet);
    }
  }
  if (!begun_) return;
  if (waiting_bytes_ >= most_bytes) return interrupt();
  if (pieces_.empty()) {
    pieces_.push_back({});
    pieces_.back().bytes.append(std::uint8_t{0});
  }
  pieces_.back().bytes.append(bytes);
  waiting_bytes_ += bytes.size();
  ++packets_;
}

void Passage::clear() {
  pieces_.clear();
  waiting_bytes_ = 0;
}

void Passage::interrupt() {
  clear();
  if (std::exchange(begun_, false)) ++generation_;
  sound_began_.reset();
}

void Passage::keep(Table& table, base::Bytes bytes, const Packet& packet) {
  if (packet.unit_start) table.packets.clear();
  if (table.packets.empty() && !packet.unit_start) return;
  if (table.packets.size() < most_table_packets * packet_bytes) table.packets.append(bytes);
}

void Passage::note_counter(const Packet& packet) {
  const auto found = std::ranges::find(counters_, packet.pid, &Counter::pid);
  if (found != counters_.end()) {
    found->last = packet.continuity;
  } else if (counters_.size() < most_counters) {
    counters_.push_back({packet.pid, packet.continuity});
  }
}

bool Passage::begins(const Packet& packet, const Lead& lead) {
  if (packet.pid != lead.pid || lead.codec == Codec::none || association_.packets.empty() || map_.packets.empty()) {
    return false;
  }
  const auto header = parse_pes_header(packet.payload);
  if (!header || !header->pts) return false;
  time_ = header->dts.value_or(*header->pts);
  if (media::kind_of(lead.codec) == media::Kind::video) {
    return packet.random_access || is_key(lead.codec, packet.payload.subspan(header->header_bytes));
  }
  if (sound_began_ && ((time_ - *sound_began_) & clock_mask) < sound_distance) return false;
  sound_began_ = time_;
  return true;
}

// The tables as they came last; and for each stream, for a receiver that was here before, that its counter may jump: a
// packet without payload has the counter of the one before (2.4.3.3).
void Passage::begin_piece() {
  begun_ = true;
  Piece piece{.bytes = {}, .begins = true, .time = time_};
  const std::size_t tables = association_.packets.size() + map_.packets.size();
  piece.bytes.append(static_cast<std::uint8_t>(tables / packet_bytes + counters_.size()));
  piece.bytes.append(association_.packets);
  piece.bytes.append(map_.packets);
  for (const Counter& counter : counters_) {
    std::array<std::uint8_t, packet_bytes> jump{};
    write_packet_head(jump.data(), {.pid = counter.pid, .continuity = counter.last, .discontinuity = true}, 0);
    piece.bytes.append(jump);
  }
  pieces_.push_back(std::move(piece));
}

}  // namespace weir::ts
