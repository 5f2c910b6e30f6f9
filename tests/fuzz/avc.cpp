// H.264: configuration records, parameter sets, and NAL units both ways.
#include <cstdlib>

#include "codec/avc.h"
#include "codec/nal.h"
#include "media/describe.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes in(data, size);
  const auto sps = codec::avc::parse_sps(in);
  if (sps && (sps->width == 0 || sps->height == 0)) std::abort();
  if (const auto record = codec::avc::parse_configuration(in)) {
    (void)codec::avc::build_configuration(record->sps, record->pps);
  }
  const auto shared = base::SharedBytes::copy_of(in);
  if (!media::describe(media::Codec::h264, shared)) (void)media::without_description(media::Codec::h264, shared);

  base::Buffer stream, units;
  (void)codec::nal::append_annex_b(in, 4, stream);
  codec::nal::append_length_prefixed(in, units);
  (void)codec::avc::has_idr(in, 1);
  // What was cut into units must come out of them whole again.
  base::Buffer again, twice;
  if (!codec::nal::append_annex_b(units, 4, again)) std::abort();
  codec::nal::append_length_prefixed(again, twice);
  if (base::as_text(units) != base::as_text(twice)) std::abort();
  return 0;
}
