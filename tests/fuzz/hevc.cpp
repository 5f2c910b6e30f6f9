// HEVC: configuration records and parameter sets.
#include <cstdlib>

#include "codec/hevc.h"
#include "codec/light.h"
#include "media/describe.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes in(data, size);
  const auto sps = codec::hevc::parse_sps(in);
  if (sps && (sps->width == 0 || sps->height == 0)) std::abort();
  (void)codec::hevc::parse_vps_frame_rate(in);
  if (const auto record = codec::hevc::parse_configuration(in)) {
    const auto built = codec::hevc::build_configuration(record->vps, record->sps, record->pps);
    if (!built.empty() && !codec::hevc::parse_configuration(built)) std::abort();
  }
  const auto shared = base::SharedBytes::copy_of(in);
  if (!media::describe(media::Codec::hevc, shared)) (void)media::without_description(media::Codec::hevc, shared);
  (void)codec::hevc::has_random_access(in, 2);
  (void)codec::light_of_units(in, 2, true);
  const codec::Light light{.mastering = codec::Light::Mastering{.most = 1}, .level = codec::Light::Level{1, 1}};
  const base::Buffer with = codec::hevc_record_with(in, light);
  if (with.size() != in.size() && codec::light_of_hevc_record(with) != light) std::abort();
  return 0;
}
