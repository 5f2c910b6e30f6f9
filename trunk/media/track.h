#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "media/codec_id.h"

namespace weir::media {

// Small numbers, unique in a stream. The first video track is 0, the first audio track 1, data 2; further tracks of a
// multitrack publisher follow from 3.
enum class TrackId : std::uint8_t { video = 0, audio = 1, data = 2, further = 3 };

struct Colour;

// What a decoder must know before the first frame. Immutable once in a Track.
struct CodecParameters {
  Codec codec = Codec::none;
  // The codec's own configuration: avcC, hvcC, av1C, vpcC, AudioSpecificConfig, OpusHead, FLAC STREAMINFO; for
  // script_data the AMF0 bytes of the metadata message ("onMetaData" and its object); for ts_data the stream type and
  // the descriptors of the program map. Empty where the codec has none.
  base::SharedBytes extradata;
  std::uint32_t width = 0, height = 0;   // video, in luma samples, cropped; 0 = unknown
  double frame_rate = 0;                 // video, frames a second as the parameter sets say; 0 = unknown
  std::uint32_t sample_rate = 0;         // audio, Hz
  std::uint8_t channels = 0;             // audio
  std::uint8_t nal_length_bytes = 4;     // h264 and hevc: size of the length before each NAL unit
  std::string profile, level;            // as the HTTP API says them: "High", "3.1"; empty = unknown
  std::shared_ptr<const Colour> colour;  // what is said of it beside the bitstream; null: nothing
};

struct Track {
  TrackId id = TrackId::video;
  std::uint32_t generation = 0;  // grows with every change of the parameters
  std::shared_ptr<const CodecParameters> parameters;
};

inline bool is_video(const Track& track) { return kind_of(track.parameters->codec) == Kind::video; }

using Tracks = std::vector<Track>;

}  // namespace weir::media
