#pragma once

#include <cstdint>
#include <string_view>

namespace weir::media {

enum class Kind : std::uint8_t { video, audio, data };

enum class Codec : std::uint8_t {
  none,
  h264,
  hevc,
  av1,
  vp8,
  vp9,  // video
  aac,
  mp3,
  mp2,  // layers I and II of MPEG audio: of broadcasts
  opus,
  pcma,
  pcmu,
  ac3,
  eac3,
  flac,
  speex,        // audio
  script_data,  // AMF0 data messages: onMetaData, onTextData, onCuePoint
  scte35,       // splice_info_section; dts is when it came, dts + composition the moment that it is about
  ts_data,      // a PES packet of a transport stream that is neither picture nor sound: KLV, teletext, subtitles
  ts_packets,   // of a transport stream, as they came: beside the frames that were made of them
};

constexpr Kind kind_of(Codec codec) {
  if (codec >= Codec::h264 && codec <= Codec::vp9) return Kind::video;
  if (codec >= Codec::aac && codec <= Codec::speex) return Kind::audio;
  return Kind::data;
}

// As the HTTP API and the logs call it: "H264", "HEVC", "AV1", "AAC", "MP3", "Opus", ...
constexpr std::string_view name_of(Codec codec) {
  switch (codec) {
    case Codec::h264:
      return "H264";
    case Codec::hevc:
      return "HEVC";
    case Codec::av1:
      return "AV1";
    case Codec::vp8:
      return "VP8";
    case Codec::vp9:
      return "VP9";
    case Codec::aac:
      return "AAC";
    case Codec::mp3:
      return "MP3";
    case Codec::mp2:
      return "MP2";
    case Codec::opus:
      return "Opus";
    case Codec::pcma:
      return "G711A";
    case Codec::pcmu:
      return "G711U";
    case Codec::ac3:
      return "AC3";
    case Codec::eac3:
      return "EAC3";
    case Codec::flac:
      return "FLAC";
    case Codec::speex:
      return "Speex";
    case Codec::script_data:
      return "Script";
    case Codec::scte35:
      return "SCTE35";
    case Codec::ts_data:
      return "Data";
    case Codec::ts_packets:
      return "TS";
    case Codec::none:
      break;
  }
  return "Other";
}

}  // namespace weir::media
