// AV1, VP8 and VP9: OBUs, sequence headers, configuration records, frame headers.
#include <cstdlib>

#include "codec/av1.h"
#include "codec/light.h"
#include "codec/vpx.h"
#include "media/describe.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes in(data, size);
  (void)codec::av1::parse_sequence_header(in);
  (void)codec::av1::is_key(in);
  codec::av1::Obus obus(codec::av1::without_temporal_delimiter(in));
  while (const auto obu = obus.next()) {
    const auto record = codec::av1::build_configuration(obu->whole);
    if (!record.empty() && !codec::av1::parse_configuration(record)) std::abort();
  }
  const auto shared = base::SharedBytes::copy_of(in);
  (void)media::describe(media::Codec::av1, shared);
  (void)media::describe(media::Codec::vp9, shared);
  (void)codec::light_of_obus(in);
  (void)codec::av1_record_with(in, {.mastering = {}, .level = codec::Light::Level{1, 1}});
  (void)codec::vpx::parse_vp8_frame(in);
  (void)codec::vpx::parse_vp9_frame(in);
  return 0;
}
