#include "app/probe/report.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace weir::probe {

namespace {

using Json = nlohmann::ordered_json;

constexpr double ms_in_pcr = 27'000;

double in_ms(base::Ticks time) { return std::chrono::duration<double, std::milli>(time).count(); }

// "H264 High 1280x720, 25.00 fps" or "AAC LC 48000 Hz, 2 channels".
std::string words_of(const media::CodecParameters& p, const TrackMeter& meter) {
  std::string words(media::name_of(p.codec));
  if (!p.profile.empty()) words += " " + p.profile;
  if (media::kind_of(p.codec) == media::Kind::video) {
    if (p.width > 0) words += fmt::format(" {}x{}", p.width, p.height);
    words += fmt::format(", {:.2f} frames/s", meter.frame_rate());
  } else {
    if (p.sample_rate > 0) words += fmt::format(" {} Hz", p.sample_rate);
    if (p.channels > 0) words += fmt::format(", {} channel{}", p.channels, p.channels == 1 ? "" : "s");
  }
  return words;
}

std::string track_line(const TrackMeter& meter) {
  const bool video = meter.parameters && media::kind_of(meter.parameters->codec) == media::Kind::video;
  std::string line = meter.parameters ? words_of(*meter.parameters, meter) : "unknown";
  line += fmt::format(", {:.0f} kb/s, {} frames in {:.2f} s", meter.bit_rate() / 1000, meter.frames, meter.seconds());
  if (video) {
    if (meter.key_frames == 0) {
      line += ", no key frame";
    } else if (meter.longest_group > 0) {
      line += fmt::format(", key frame each {} frames ({:.2f} s) at most", meter.longest_group,
                          in_ms(meter.longest_group_time) / 1000);
    } else {
      line += ", one key frame";
    }
    if (meter.reorders) line += ", B-frames";
  }
  line += fmt::format(", longest gap {:.0f} ms", in_ms(meter.longest_gap));
  if (meter.backwards > 0) line += fmt::format(", {} times back", meter.backwards);
  return line;
}

using Named = std::pair<const char*, std::uint64_t>;

std::array<Named, 12> faults_of(const ts::Tr101290& f) {
  return {{{"1.1 sync loss", f.sync_loss},
           {"1.2 sync byte", f.sync_byte},
           {"1.3 PAT", f.pat},
           {"1.4 continuity", f.continuity},
           {"1.5 PMT", f.pmt},
           {"1.6 PID", f.pid},
           {"2.1 transport", f.transport},
           {"2.2 CRC", f.crc},
           {"2.3a PCR repetition", f.pcr_repetition},
           {"2.3b PCR discontinuity", f.pcr_discontinuity},
           {"2.5 PTS", f.pts},
           {"2.6 CAT", f.cat}}};
}

std::string stream_words(const ts::Analyzer::Stream& stream) {
  if (stream.content.codec != media::Codec::none) {
    return std::string(media::name_of(stream.content.codec)) + (stream.content.latm ? " (LATM)" : "");
  }
  return fmt::format("stream type 0x{:02x}, not played", stream.stream_type);
}

void add_ts(const ts::Analyzer& ts, std::string& out) {
  const double seconds = ts.seconds();
  const auto rate = [&](std::uint64_t packets) {
    return seconds > 0 ? static_cast<double>(packets * ts::packet_bytes * 8) / seconds / 1000 : 0;
  };
  fmt::format_to(std::back_inserter(out), "  {} packets of {} bytes, {:.2f} s by its clock, {:.0f} kb/s{}\n",
                 ts.packets(), ts.packet_size(), seconds, rate(ts.packets()), ts.constant_rate() ? ", constant" : "");
  if (ts.skipped_bytes() > 0)
    fmt::format_to(std::back_inserter(out), "  {} bytes were no packets\n", ts.skipped_bytes());
  for (const ts::Analyzer::Program& program : ts.programs()) {
    fmt::format_to(std::back_inserter(out), "program {} (map on PID {})\n", program.number, program.pmt_pid);
    if (program.pcr_pid == ts::null_pid) out += "  no map of it came\n";
    for (const ts::PmtStream& named : program.streams) {
      const auto& stream = ts.streams().at(named.pid);
      fmt::format_to(std::back_inserter(out), "  PID {}: {}, {:.0f} kb/s{}{}\n", named.pid, stream_words(stream),
                     rate(stream.packets), stream.scrambled ? ", scrambled" : "",
                     stream.packets == 0 ? ", nothing came" : "");
    }
    if (const auto clock = ts.clocks().find(program.pcr_pid);
        clock != ts.clocks().end() && clock->second.references > 1) {
      fmt::format_to(
          std::back_inserter(out), "  clock on PID {}: each {:.1f} ms, {:.1f} at most\n", program.pcr_pid,
          static_cast<double>(clock->second.distance) / static_cast<double>(clock->second.references - 1) / ms_in_pcr,
          static_cast<double>(clock->second.longest) / ms_in_pcr);
    }
  }
  fmt::format_to(std::back_inserter(out), "tables: PAT each {:.0f} ms at most, maps {:.0f}\n",
                 static_cast<double>(ts.longest_pat()) / ms_in_pcr, static_cast<double>(ts.longest_pmt()) / ms_in_pcr);
  const auto null = ts.streams().find(ts::null_pid);
  if (null != ts.streams().end())
    fmt::format_to(std::back_inserter(out), "null packets: {:.0f} kb/s\n", rate(null->second.packets));
  out += "TR 101 290:";
  std::size_t wrong = 0;
  for (const auto& [name, count] : faults_of(ts.faults())) {
    if (count == 0) continue;
    fmt::format_to(std::back_inserter(out), "{} {}: {}", wrong++ == 0 ? "" : ",", name, count);
  }
  out += wrong == 0 ? " no fault of first or second priority\n" : "\n";
}

Json track_json(media::TrackId id, const TrackMeter& meter) {
  Json track{{"track", static_cast<unsigned>(id)}};
  if (const auto& p = meter.parameters) {
    track["codec"] = media::name_of(p->codec);
    if (!p->profile.empty()) track["profile"] = p->profile;
    if (p->width > 0) {
      track["width"] = p->width;
      track["height"] = p->height;
    }
    if (p->sample_rate > 0) {
      track["sample_rate"] = p->sample_rate;
      track["channels"] = p->channels;
    }
  }
  track["frames"] = meter.frames;
  track["seconds"] = meter.seconds();
  track["frame_rate"] = meter.frame_rate();
  track["bits_per_second"] = meter.bit_rate();
  track["key_frames"] = meter.key_frames;
  track["longest_group_frames"] = meter.longest_group;
  track["longest_group_ms"] = in_ms(meter.longest_group_time);
  track["longest_gap_ms"] = in_ms(meter.longest_gap);
  track["times_back"] = meter.backwards;
  track["b_frames"] = meter.reorders;
  return track;
}

Json ts_json(const ts::Analyzer& ts) {
  Json faults = Json::object(), programs = Json::array(), pids = Json::array();
  for (const auto& [name, count] : faults_of(ts.faults())) faults[name] = count;
  for (const ts::Analyzer::Program& program : ts.programs()) {
    Json one{{"program", program.number}, {"map_pid", program.pmt_pid}, {"pcr_pid", program.pcr_pid}};
    if (const auto clock = ts.clocks().find(program.pcr_pid); clock != ts.clocks().end()) {
      one["pcr_count"] = clock->second.references;
      one["longest_pcr_ms"] = static_cast<double>(clock->second.longest) / ms_in_pcr;
    }
    programs.push_back(std::move(one));
  }
  for (const auto& [pid, stream] : ts.streams()) {
    Json one{{"pid", pid}, {"packets", stream.packets}, {"continuity_errors", stream.continuity_errors}};
    if (stream.program != 0) {
      one["program"] = stream.program;
      one["stream_type"] = stream.stream_type;
      if (stream.content.codec != media::Codec::none) one["codec"] = media::name_of(stream.content.codec);
    }
    if (stream.scrambled > 0) one["scrambled"] = stream.scrambled;
    pids.push_back(std::move(one));
  }
  return {{"packet_size", ts.packet_size()},
          {"packets", ts.packets()},
          {"skipped_bytes", ts.skipped_bytes()},
          {"seconds", ts.seconds()},
          {"constant_rate", ts.constant_rate()},
          {"longest_pat_ms", static_cast<double>(ts.longest_pat()) / ms_in_pcr},
          {"longest_map_ms", static_cast<double>(ts.longest_pmt()) / ms_in_pcr},
          {"programs", programs},
          {"pids", pids},
          {"tr_101_290", faults}};
}

}  // namespace

std::string as_text(const Probe& probe, const std::string& name) {
  std::string out = fmt::format("{}: {}, {} bytes\n", name, probe.is_flv() ? "FLV" : "MPEG-TS", probe.bytes());
  if (probe.analyzer()) add_ts(*probe.analyzer(), out);
  for (const auto& [id, meter] : probe.tracks()) {
    fmt::format_to(std::back_inserter(out), "track {}: {}\n", static_cast<unsigned>(id), track_line(meter));
  }
  if (probe.malformed() > 0) fmt::format_to(std::back_inserter(out), "{} malformed messages\n", probe.malformed());
  if (!probe.fault().empty()) out += "fault: " + probe.fault() + "\n";
  return out;
}

std::string as_json(const Probe& probe, const std::string& name) {
  Json tracks = Json::array();
  for (const auto& [id, meter] : probe.tracks()) tracks.push_back(track_json(id, meter));
  Json all{
      {"name", name}, {"format", probe.is_flv() ? "FLV" : "MPEG-TS"}, {"bytes", probe.bytes()}, {"tracks", tracks}};
  if (probe.analyzer()) all["transport_stream"] = ts_json(*probe.analyzer());
  if (probe.is_flv()) all["malformed_messages"] = probe.malformed();
  if (!probe.fault().empty()) all["fault"] = probe.fault();
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace weir::probe
