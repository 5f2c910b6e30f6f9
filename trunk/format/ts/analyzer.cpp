#include "format/ts/analyzer.h"

#include <algorithm>
#include <cmath>

#include "format/ts/pes.h"

namespace weir::ts {

namespace {

constexpr std::uint64_t millisecond = 27'000;
constexpr std::uint64_t table_limit = 500 * millisecond;
constexpr std::uint64_t pcr_limit = 100 * millisecond;
constexpr std::uint64_t pts_limit = 700 * millisecond;
constexpr std::uint64_t silence_limit = 5'000 * millisecond;
constexpr std::uint64_t pcr_wrap = (std::uint64_t{1} << clock_bits) * 300;
constexpr std::size_t most_programs = 64;
constexpr Pid cat_pid = 1;
constexpr std::uint64_t sync_loss_bytes = 2 * packet_bytes;

}  // namespace

bool Analyzer::Beat::late(std::uint64_t now, std::uint64_t limit) {
  const std::uint64_t passed = last && now > *last ? now - *last : 0;
  longest = std::max(longest, passed);
  last = now;
  return passed > limit;
}

void Analyzer::input(base::Bytes in) {
  finder_.input(in, [this](base::Bytes bytes) { packet(bytes); });
}

void Analyzer::finish() {
  finder_.finish([this](base::Bytes bytes) { packet(bytes); });
  look_for_silent();
  if (scrambled_ && !has_cat_) ++faults_.cat;
}

void Analyzer::packet(base::Bytes bytes) {
  stride_ = finder_.stride();
  if (finder_.lost_sync() != seen_lost_sync_) {
    faults_.sync_byte += finder_.lost_sync() - seen_lost_sync_;
    if (finder_.skipped_bytes() - seen_skipped_ >= sync_loss_bytes) ++faults_.sync_loss;
    seen_lost_sync_ = finder_.lost_sync();
  }
  seen_skipped_ = finder_.skipped_bytes();
  ++packets_;
  advance();
  const auto parsed = parse_packet(bytes);
  if (!parsed) return;
  Stream& stream = streams_[parsed->pid];
  ++stream.packets;
  if (parsed->transport_error) {
    ++faults_.transport;  // nothing else in it can be believed
    return;
  }
  if (parsed->pid == null_pid) return;
  if (const auto named = present_.find(parsed->pid); named != present_.end()) {
    if (named->second.late(now_, silence_limit)) ++faults_.pid;
  }
  count_continuity(*parsed, stream);
  if (parsed->pcr) reference(*parsed);
  if (parsed->pid == cat_pid) has_cat_ = true;
  if (parsed->scrambling != 0) {
    ++stream.scrambled;
    scrambled_ = true;
    if (parsed->pid == pat_pid) ++faults_.pat;
    if (maps_.contains(parsed->pid)) ++faults_.pmt;
    return;
  }
  if (parsed->pid == pat_pid) return take_pat(*parsed);
  if (const auto map = maps_.find(parsed->pid); map != maps_.end()) return take_pmt(*parsed, map->second);
  if (stream.program != 0 && parsed->unit_start) take_pes(*parsed);
}

void Analyzer::advance() {
  ++packets_since_;
  now_ = std::max(now_,
                  at_reference_ + static_cast<std::uint64_t>(ticks_per_packet_ * static_cast<double>(packets_since_)));
}

void Analyzer::count_continuity(const Packet& packet, Stream& stream) {
  Counter& counter = counters_[packet.pid];
  const bool repeats = counter.started && packet.continuity == counter.last;
  const bool follows = packet.has_payload ? packet.continuity == ((counter.last + 1) & 0x0f) : repeats;
  const bool allowed = packet.has_payload && repeats && !counter.repeated;  // a packet may come twice
  if (counter.started && !packet.discontinuity && !follows && !allowed) {
    ++faults_.continuity;
    ++stream.continuity_errors;
  }
  counter = {.started = true, .repeated = packet.has_payload && repeats, .last = packet.continuity};
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
    if (!first && !packet.discontinuity) ++faults_.pcr_discontinuity;
    if (clock_pid_ == packet.pid) {
      at_reference_ = now_;
      packets_since_ = 0;
    }
    return;
  }
  clock.longest = std::max(clock.longest, step);
  clock.distance += step;
  if (step > pcr_limit) ++faults_.pcr_repetition;
  if (!leads) return;
  at_reference_ += step;
  now_ = std::max(now_, at_reference_);
  if (packets_since_ > 0 && step > 0) {
    ticks_per_packet_ = static_cast<double>(step) / static_cast<double>(packets_since_);
    const double rate = static_cast<double>(packets_since_ * packet_bytes * 8) * 27e6 / static_cast<double>(step);
    least_rate_ = least_rate_ == 0 ? rate : std::min(least_rate_, rate);
    greatest_rate_ = std::max(greatest_rate_, rate);
  }
  packets_since_ = 0;
}

void Analyzer::take_pat(const Packet& packet) {
  pat_sections_.input(packet.unit_start, packet.payload, [this](base::Bytes section) {
    const auto pat = parse_pat(section);
    if (!pat) {
      ++(pat.error() == Errc::bad_crc ? faults_.crc : faults_.pat);
      return;
    }
    if (pat_.late(now_, table_limit)) ++faults_.pat;
    if (pat->current) adopt(*pat);
  });
}

void Analyzer::adopt(const Pat& pat) {
  for (const Pat::Program& named : pat.programs) {
    if (named.number == 0 || programs_.size() == most_programs) continue;
    if (std::ranges::find(programs_, named.number, &Program::number) != programs_.end()) continue;
    programs_.push_back({.number = named.number, .pmt_pid = named.pmt_pid});
    maps_.try_emplace(named.pmt_pid);
  }
}

void Analyzer::take_pmt(const Packet& packet, Map& map) {
  map.sections.input(packet.unit_start, packet.payload, [&](base::Bytes section) {
    const auto pmt = parse_pmt(section);
    if (!pmt) {
      if (pmt.error() == Errc::bad_crc) ++faults_.crc;
      return;
    }
    if (map.beat.late(now_, table_limit)) ++faults_.pmt;
    longest_pmt_ = std::max(longest_pmt_, map.beat.longest);
    if (pmt->current) adopt(packet.pid, *pmt);
  });
}

void Analyzer::adopt(Pid pid, const Pmt& pmt) {
  const auto program = std::ranges::find_if(
      programs_, [&](const Program& one) { return one.pmt_pid == pid && one.number == pmt.program; });
  if (program == programs_.end()) return;
  program->pcr_pid = pmt.pcr_pid;
  program->streams = pmt.streams;
  for (const PmtStream& named : pmt.streams) {
    Stream& stream = streams_[named.pid];
    stream.program = pmt.program;
    stream.stream_type = named.stream_type;
    stream.content = content_of(named);
    present_.try_emplace(named.pid, Beat{.last = now_});
  }
}

void Analyzer::take_pes(const Packet& packet) {
  const auto header = parse_pes_header(packet.payload);
  if (!header || !header->pts) return;
  if (times_[packet.pid].late(now_, pts_limit)) ++faults_.pts;
}

void Analyzer::look_for_silent() {
  for (auto& [pid, beat] : present_) {
    if (beat.late(now_, silence_limit)) ++faults_.pid;
  }
  if (pat_.last && pat_.late(now_, table_limit)) ++faults_.pat;
}

}  // namespace weir::ts
