#include "format/ts/analyzer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "format/ts/pes.h"

namespace weir::ts {

namespace {

constexpr std::uint64_t millisecond = 27'000;
constexpr std::uint64_t table_limit = 500 * millisecond;
constexpr std::uint64_t pcr_limit = 100 * millisecond;
constexpr std::uint64_t pts_limit = 700 * millisecond;
constexpr std::uint64_t silence_limit = 5'000 * millisecond;
constexpr std::uint64_t pcr_wrap = (std::uint64_t{1} << clock_bits) * 300;
constexpr std::size_t most_programs = 64, most_pids = 512;
constexpr Pid cat_pid = 1;
constexpr std::uint64_t sync_loss_bytes = 2 * packet_bytes;

}  // namespace

bool Analyzer::Beat::late(std::uint64_t now, std::uint64_t limit) {
  const std::uint64_t passed = last && now > *last ? now - *last : 0;
  longest = std::max(longest, passed);
  last = now;
  return !std::exchange(told, false) && passed > limit;
}

bool Analyzer::Beat::missing(std::uint64_t now, std::uint64_t limit) {
  const std::uint64_t passed = last && now > *last ? now - *last : 0;
  longest = std::max(longest, passed);
  return passed > limit && !std::exchange(told, true);
}

void Analyzer::input(base::Bytes in) {
  finder_.input(in, [this](base::Bytes bytes) { packet(bytes); });
}

void Analyzer::finish() {
  finder_.finish([this](base::Bytes bytes) { packet(bytes); });
  look_for_missing();
  if (scrambled_ && !has_cat_ && !std::exchange(told_of_cat_, true)) ++summary_.faults.cat;
}

Analyzer::Stream* Analyzer::stream_of(Pid pid) {
  if (recent_ && recent_pid_ == pid) return recent_;
  auto found = streams_.find(pid);
  if (found == streams_.end()) {
    if (streams_.size() == most_pids) return nullptr;
    found = streams_.try_emplace(pid).first;
    summary_.pids = static_cast<std::uint32_t>(streams_.size());
  }
  recent_pid_ = pid;
  return recent_ = &found->second;
}

void Analyzer::packet(base::Bytes bytes) {
  stride_ = finder_.stride();
  summary_.packet_bytes = static_cast<std::uint32_t>(stride_);
  if (finder_.lost_sync() != seen_lost_sync_) {
    summary_.faults.sync_byte += finder_.lost_sync() - seen_lost_sync_;
    if (finder_.skipped_bytes() - seen_skipped_ >= sync_loss_bytes) ++summary_.faults.sync_loss;
    seen_lost_sync_ = finder_.lost_sync();
  }
  seen_skipped_ = finder_.skipped_bytes();
  ++summary_.packets;
  advance();
  const auto parsed = parse_packet(bytes);
  if (!parsed) return;
  Stream* const stream = stream_of(parsed->pid);
  if (!stream) return;
  ++stream->packets;
  if (parsed->transport_error) {
    ++summary_.faults.transport;  // nothing else in it can be believed
    return;
  }
  if (parsed->pid == null_pid) return;
  if (stream->is_named && stream->present.late(now(), silence_limit)) ++summary_.faults.pid;
  count_continuity(*parsed, *stream);
  if (parsed->pcr) reference(*parsed);
  if (parsed->pid == cat_pid) has_cat_ = true;
  if (parsed->scrambling != 0) {
    ++stream->scrambled;
    scrambled_ = true;
    if (parsed->pid == pat_pid) ++summary_.faults.pat;
    if (stream->is_map) ++summary_.faults.pmt;
    return;
  }
  if (parsed->pid == pat_pid) return take_pat(*parsed);
  if (stream->is_map) return take_pmt(*parsed, maps_[parsed->pid]);
  if (stream->program != 0 && parsed->unit_start) take_pes(*parsed, *stream);
}

void Analyzer::advance() {
  ++packets_since_;
  const auto since = static_cast<std::uint64_t>(ticks_per_packet_ * static_cast<double>(packets_since_));
  summary_.clock = std::max(now(), at_reference_ + since);
}

void Analyzer::count_continuity(const Packet& packet, Stream& stream) {
  const bool repeats = stream.counts && packet.continuity == stream.last_counter;
  const bool follows = packet.has_payload ? packet.continuity == ((stream.last_counter + 1) & 0x0f) : repeats;
  const bool allowed = packet.has_payload && repeats && !stream.repeated;  // a packet may come twice
  if (stream.counts && !packet.discontinuity && !follows && !allowed) {
    ++summary_.faults.continuity;
    ++stream.continuity_errors;
  }
  stream.counts = true;
  stream.repeated = packet.has_payload && repeats;
  stream.last_counter = packet.continuity;
}

void Analyzer::reference(const Packet& packet) {
  Clock& clock = clocks_[packet.pid];
  const auto [last, first] = last_reference_.try_emplace(packet.pid, *packet.pcr);
  const std::uint64_t step = (*packet.pcr + pcr_wrap - last->second) % pcr_wrap;
  last->second = *packet.pcr;
  ++clock.references;
  const bool leads = packet.pid == clock_pid_;
  if (clock_pid_ == null_pid) clock_pid_ = packet.pid;
  if (first || packet.discontinuity || step > pcr_wrap / 2 || step > silence_limit) {
    // The clock begins anew; time goes on from where it is.
    if (!first && !packet.discontinuity) ++summary_.faults.pcr_discontinuity;
    if (clock_pid_ == packet.pid) {
      at_reference_ = now();
      packets_since_ = 0;
    }
    return;
  }
  clock.longest = std::max(clock.longest, step);
  clock.distance += step;
  if (step > pcr_limit) ++summary_.faults.pcr_repetition;
  if (!leads) return;
  at_reference_ += step;
  summary_.clock = std::max(now(), at_reference_);
  if (packets_since_ > 0 && step > 0) {
    ticks_per_packet_ = static_cast<double>(step) / static_cast<double>(packets_since_);
    const double rate = static_cast<double>(packets_since_ * packet_bytes * 8) * 27e6 / static_cast<double>(step);
    least_rate_ = least_rate_ == 0 ? rate : std::min(least_rate_, rate);
    greatest_rate_ = std::max(greatest_rate_, rate);
  }
  packets_since_ = 0;
  if (now() - looked_at_ > table_limit) look_for_missing();
}

void Analyzer::take_pat(const Packet& packet) {
  pat_sections_.input(packet.unit_start, packet.payload, [this](base::Bytes section) {
    const auto pat = parse_pat(section);
    if (!pat) {
      ++(pat.error() == Errc::bad_crc ? summary_.faults.crc : summary_.faults.pat);
      return;
    }
    if (pat_.late(now(), table_limit)) ++summary_.faults.pat;
    if (pat->current) adopt(*pat);
  });
}

void Analyzer::adopt(const Pat& pat) {
  for (const Pat::Program& named : pat.programs) {
    if (named.number == 0 || programs_.size() == most_programs) continue;
    if (std::ranges::find(programs_, named.number, &Program::number) != programs_.end()) continue;
    Stream* const map = stream_of(named.pmt_pid);
    if (!map) return;
    programs_.push_back({.number = named.number, .pmt_pid = named.pmt_pid});
    summary_.programs = static_cast<std::uint32_t>(programs_.size());
    maps_.try_emplace(named.pmt_pid);
    map->is_map = true;
  }
}

void Analyzer::take_pmt(const Packet& packet, Map& map) {
  map.sections.input(packet.unit_start, packet.payload, [&](base::Bytes section) {
    const auto pmt = parse_pmt(section);
    if (!pmt) {
      if (pmt.error() == Errc::bad_crc) ++summary_.faults.crc;
      return;
    }
    if (map.beat.late(now(), table_limit)) ++summary_.faults.pmt;
    longest_pmt_ = std::max(longest_pmt_, map.beat.longest);
    if (pmt->current) adopt(packet.pid, *pmt);
  });
}

void Analyzer::adopt(Pid pid, const Pmt& pmt) {
  const auto program = std::ranges::find_if(
      programs_, [&](const Program& one) { return one.pmt_pid == pid && one.number == pmt.program; });
  if (program == programs_.end()) return;
  program->pcr_pid = pmt.pcr_pid;
  // What this map names no longer is not missed.
  for (const PmtStream& before : program->streams) {
    if (std::ranges::find(pmt.streams, before.pid, &PmtStream::pid) != pmt.streams.end()) continue;
    if (Stream* const stream = stream_of(before.pid)) stream->is_named = false;
  }
  program->streams = pmt.streams;
  for (const PmtStream& named : pmt.streams) {
    Stream* const stream = stream_of(named.pid);
    if (!stream) continue;
    stream->program = pmt.program;
    stream->stream_type = named.stream_type;
    stream->content = content_of(named);
    if (!std::exchange(stream->is_named, true)) stream->present = {.last = now()};
  }
}

void Analyzer::take_pes(const Packet& packet, Stream& stream) {
  const auto header = parse_pes_header(packet.payload);
  if (!header || !header->pts) return;
  if (stream.times.late(now(), pts_limit)) ++summary_.faults.pts;
}

void Analyzer::look_for_missing() {
  looked_at_ = now();
  for (auto& [pid, stream] : streams_) {
    if (stream.is_named && stream.present.missing(now(), silence_limit)) ++summary_.faults.pid;
  }
  if (pat_.missing(now(), table_limit)) ++summary_.faults.pat;
  for (auto& [pid, map] : maps_) {
    if (map.beat.missing(now(), table_limit)) ++summary_.faults.pmt;
  }
  if (scrambled_ && !has_cat_ && now() > silence_limit && !std::exchange(told_of_cat_, true)) ++summary_.faults.cat;
}

}  // namespace weir::ts
