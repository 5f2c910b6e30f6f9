#pragma once

#include "codec/aac.h"
#include "support/media_files.h"

// Sound of the test clips as files without a container.
namespace weir::test {

inline std::vector<media::FrameRef> sound_of(const std::string& flv) { return read_flv(flv).of(media::TrackId::audio); }
inline std::size_t sound_units(const std::string& flv) { return sound_of(flv).size(); }

inline ByteVector mp3_file() {
  ByteVector out;
  for (const auto& frame : sound_of("flv/h264_mp3.flv"))
    out.insert(out.end(), frame->payload.bytes().begin(), frame->payload.bytes().end());
  return out;
}

inline ByteVector adts_file() {
  const MediaFile clip = read_flv("flv/h264_aac.flv");
  codec::aac::Configuration configuration;
  for (const media::Track& track : clip.tracks) {
    if (track.id == media::TrackId::audio)
      configuration = *codec::aac::parse_configuration(track.parameters->extradata.bytes());
  }
  ByteVector out;
  for (const auto& frame : clip.of(media::TrackId::audio)) {
    ByteVector head(codec::aac::adts_header_bytes);
    (void)codec::aac::write_adts_header(head, configuration, frame->payload.size());
    out.insert(out.end(), head.begin(), head.end());
    out.insert(out.end(), frame->payload.bytes().begin(), frame->payload.bytes().end());
  }
  return out;
}

}  // namespace weir::test
