// Audio headers: AAC, MP3, Opus, FLAC, AC-3.
#include <cstdlib>

#include "codec/aac.h"
#include "codec/ac3.h"
#include "codec/flac.h"
#include "codec/mp3.h"
#include "codec/opus.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes in(data, size);
  if (const auto configuration = codec::aac::parse_configuration(in)) {
    if (configuration->output_channels() == 0 || configuration->output_sample_rate() == 0) std::abort();
    std::uint8_t adts[codec::aac::adts_header_bytes];
    if (codec::aac::write_adts_header(adts, *configuration, size)) {
      const auto header = codec::aac::parse_adts_header(adts);
      if (!header || header->sample_rate != configuration->sample_rate) std::abort();
    }
  }
  (void)codec::aac::parse_adts_header(in);
  (void)codec::mp3::parse_frame_header(in);
  (void)codec::opus::parse_head(in);
  (void)codec::opus::parse_packet(in);
  (void)codec::flac::parse_stream_info(in);
  (void)codec::ac3::parse_frame_header(in);
  return 0;
}
