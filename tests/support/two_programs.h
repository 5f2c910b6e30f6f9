#pragma once

#include "format/ts/psi.h"
#include "support/bytes.h"

namespace weir::test {

// Two transport streams of one program each as one with the programs 1 and 2, packet by packet in turn.
inline ByteVector two_programs(base::Bytes first, base::Bytes second) {
  constexpr std::size_t size = 188;
  constexpr unsigned shift = 0x400;  // of the PIDs of the second
  const auto pid_of = [](const std::uint8_t* packet) {
    return static_cast<ts::Pid>((packet[1] & 0x1f) << 8 | packet[2]);
  };
  const auto section_of = [](base::Bytes packet) {
    const std::size_t skipped = (packet[3] & 0x20) != 0 ? 5 + std::size_t{packet[4]} : 4;
    const base::Bytes rest = packet.subspan(skipped + 1);
    return rest.first(3 + (static_cast<std::size_t>(rest[1] & 0x0f) << 8 | rest[2]));
  };
  const auto map_pid_of = [&](base::Bytes file) {
    for (std::size_t at = 0; at + size <= file.size(); at += size) {
      if (pid_of(file.data() + at) == ts::pat_pid) {
        return ts::parse_pat(section_of(file.subspan(at, size)))->programs.front().pmt_pid;
      }
    }
    return ts::null_pid;
  };
  ByteVector out;
  const auto put_section = [&out](ts::Pid pid, std::uint8_t counter, base::Bytes section) {
    ByteVector packet{0x47, static_cast<std::uint8_t>(0x40 | pid >> 8), static_cast<std::uint8_t>(pid),
                      static_cast<std::uint8_t>(0x10 | counter), 0};
    packet.insert(packet.end(), section.begin(), section.end());
    packet.resize(size, 0xff);
    out.insert(out.end(), packet.begin(), packet.end());
  };
  const ts::Pid map_pids[] = {map_pid_of(first), map_pid_of(second)};
  const auto moved = [](ts::Pid pid) { return static_cast<ts::Pid>(pid + shift); };
  const base::Buffer pat = ts::write_pat({.programs = {{1, map_pids[0]}, {2, moved(map_pids[1])}}});
  std::uint8_t counters[] = {0, 0, 0};
  for (std::size_t at = 0; at < std::max(first.size(), second.size()); at += size) {
    if (at + size <= first.size()) {
      const base::Bytes packet = first.subspan(at, size);
      const ts::Pid pid = pid_of(packet.data());
      if (pid == ts::pat_pid) {
        put_section(ts::pat_pid, counters[0]++ & 0x0f, pat);
      } else if (pid == map_pids[0]) {
        ts::Pmt pmt = *ts::parse_pmt(section_of(packet));
        pmt.program = 1;
        put_section(pid, counters[1]++ & 0x0f, ts::write_pmt(pmt));
      } else {
        out.insert(out.end(), packet.begin(), packet.end());
      }
    }
    if (at + size > second.size()) continue;
    const base::Bytes packet = second.subspan(at, size);
    const ts::Pid pid = pid_of(packet.data());
    if (pid == ts::pat_pid || pid == ts::null_pid) continue;
    if (pid == map_pids[1]) {
      ts::Pmt pmt = *ts::parse_pmt(section_of(packet));
      pmt.program = 2;
      pmt.pcr_pid = moved(pmt.pcr_pid);
      for (ts::PmtStream& stream : pmt.streams) stream.pid = moved(stream.pid);
      put_section(moved(pid), counters[2]++ & 0x0f, ts::write_pmt(pmt));
      continue;
    }
    const std::size_t begin = out.size();
    out.insert(out.end(), packet.begin(), packet.end());
    out[begin + 1] = static_cast<std::uint8_t>((out[begin + 1] & 0xe0) | moved(pid) >> 8);
    out[begin + 2] = static_cast<std::uint8_t>(moved(pid));
  }
  return out;
}

}  // namespace weir::test
