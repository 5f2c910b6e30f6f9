#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/light.h"
#include "media/track.h"

namespace weir::mp4 {

// Writes the sample entry (8.5.2) of a track: avc1, hvc1, av01, vp09, mp4a, Opus, ac-3, ec-3, fLaC. AC-3 and E-AC-3,
// which have no configuration of their own, need a first frame; VP9 without its record is described as well as the
// track allows. `light` of a video of high dynamic range, as light_of() finds it; what the configuration says of that
// is told in any case.
base::Result<base::Buffer> write_sample_entry(const media::CodecParameters& parameters, base::Bytes first_frame = {},
                                              const codec::Light& light = {});

// The configuration in a sample entry with its header, as CodecParameters::extradata has it.
struct SampleEntry {
  media::Codec codec = media::Codec::none;
  base::Buffer extradata;
};
base::Result<SampleEntry> parse_sample_entry(base::Bytes entry);

bool can_carry(media::Codec codec);

// RFC 6381 and the bindings of the codecs: "avc1.64001f", "hvc1.1.6.L93.B0", "av01.0.04M.08", "vp09.00.31.08",
// "mp4a.40.2", "opus". Empty if the configuration cannot be read. MP3 has the object type of its sample entry in a file
// ("mp4a.6B"), and "mp4a.40.34" in a transport stream, where HLS players look for that.
enum class Container : std::uint8_t { mp4, transport_stream };
std::string codec_string(const media::CodecParameters& parameters, Container container = Container::mp4);

}  // namespace weir::mp4
