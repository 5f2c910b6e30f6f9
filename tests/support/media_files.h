#pragma once

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/clock_unwrap.h"
#include "format/flv/demuxer.h"
#include "format/ts/demuxer.h"
#include "support/bytes.h"
#include "support/placed_ingest.h"

// Real files as tracks and frames, and what ffprobe says of ours. For tests that are linked to the format layer.
namespace weir::test {

struct MediaFile {
  media::Tracks tracks;
  std::vector<media::FrameRef> frames;

  std::size_t count(media::TrackId track) const {
    return static_cast<std::size_t>(
        std::count_if(frames.begin(), frames.end(), [&](const auto& frame) { return frame->track == track; }));
  }
  std::vector<media::FrameRef> of(media::TrackId track) const {
    std::vector<media::FrameRef> out;
    std::copy_if(frames.begin(), frames.end(), std::back_inserter(out),
                 [&](const auto& frame) { return frame->track == track; });
    return out;
  }
};

inline MediaFile read_flv(const std::string& name) {
  MediaFile out;
  flv::Demuxer demuxer;
  (void)demuxer.input(test_file(name));
  PlacedIngest ingest;
  base::MillisUnwrap clock;
  while (const auto tag = demuxer.poll()) {
    (void)ingest.input(tag->type, base::Millis(clock.unwrap(tag->timestamp_ms)), tag->body);
    out.frames.insert(out.frames.end(), ingest.frames.begin(), ingest.frames.end());
  }
  out.tracks = ingest.ingest.tracks();
  return out;
}

inline MediaFile drain(ts::Demuxer& demuxer) {
  MediaFile out;
  while (const auto unit = demuxer.poll()) out.frames.push_back(unit->frame);
  out.tracks = demuxer.tracks();
  return out;
}

inline MediaFile read_ts(base::Bytes file) {
  ts::Demuxer demuxer;
  demuxer.input(file);
  demuxer.finish();
  return drain(demuxer);
}

// A packet as ffprobe shows it, in ticks.
struct ProbedPacket {
  bool video = false;
  std::int64_t pts = 0, dts = 0;
  bool key = false;
};

inline bool has_ffprobe() { return std::system("ffprobe -version >/dev/null 2>&1") == 0; }

// The packets of a file made of these bytes, in the order of the file.
inline std::vector<ProbedPacket> probe(base::Bytes file, const std::string& extension) {
  const auto path =
      std::filesystem::temp_directory_path() / ("weir_probe_" + std::to_string(::getpid()) + "." + extension);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  const std::string command =
      "ffprobe -v error -show_entries packet=codec_type,pts_time,dts_time,flags -of default=nw=1 '" + path.string() +
      "'";
  std::vector<ProbedPacket> out;
  FILE* const pipe = popen(command.c_str(), "r");
  char line[256];
  const auto ticks = [](const std::string& text) { return std::llround(std::strtod(text.c_str(), nullptr) * 90'000); };
  while (pipe && std::fgets(line, sizeof line, pipe)) {
    std::string text(line);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    const auto equals = text.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = text.substr(0, equals), value = text.substr(equals + 1);
    if (name == "codec_type") out.push_back({.video = value == "video"});
    if (out.empty()) continue;
    if (name == "pts_time") out.back().pts = ticks(value);
    if (name == "dts_time") out.back().dts = ticks(value);
    if (name == "flags") out.back().key = value.find('K') != std::string::npos;
  }
  if (pipe) pclose(pipe);
  std::filesystem::remove(path);
  return out;
}

}  // namespace weir::test
