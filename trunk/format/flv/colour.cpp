#include "format/flv/colour.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "format/flv/error.h"
#include "format/flv/script_data.h"

namespace weir::flv {
namespace {

constexpr unsigned largest_values = 100;

// Not a number is zero, and what is too large is the largest.
template <class Number>
Number scaled(double value, double scale) {
  const double most = static_cast<double>(std::numeric_limits<Number>::max());
  return std::isfinite(value) ? static_cast<Number>(std::clamp(std::round(value * scale), 0.0, most)) : Number{0};
}

}  // namespace

base::Result<codec::Light> parse_colour(base::Bytes body) {
  TRY(const ScriptData data, parse_script_data(body, largest_values));
  if (data.name != "colorInfo" || !data.value.has_properties()) return Errc::bad_script_data;
  codec::Light light;
  if (const amf0::Value* told = data.value.find("hdrMdcv"); told && told->has_properties()) {
    codec::Light::Mastering read;
    constexpr const char* names[] = {"greenX", "greenY", "blueX",       "blueY",
                                     "redX",   "redY",   "whitePointX", "whitePointY"};
    for (std::size_t i = 0; i < read.chromaticity.size(); ++i) {
      read.chromaticity[i] = scaled<std::uint16_t>(told->number_at(names[i]), 50'000);
    }
    read.most = scaled<std::uint32_t>(told->number_at("maxLuminance"), 10'000);
    read.least = scaled<std::uint32_t>(told->number_at("minLuminance"), 10'000);
    if (read.most > 0) light.mastering = read;
  }
  if (const amf0::Value* told = data.value.find("hdrCll"); told && told->has_properties()) {
    const codec::Light::Level read{.most = scaled<std::uint16_t>(told->number_at("maxCLL"), 1),
                                   .most_average = scaled<std::uint16_t>(told->number_at("maxFall"), 1)};
    if (read.most > 0 || read.most_average > 0) light.level = read;
  }
  return light;
}

base::SharedBytes with_light(media::Codec codec, const base::SharedBytes& header, const codec::Light& light) {
  if (!light.told()) return header;
  if (codec == media::Codec::hevc) return base::SharedBytes::copy_of(codec::hevc_record_with(header, light));
  if (codec == media::Codec::av1) return base::SharedBytes::copy_of(codec::av1_record_with(header, light));
  return header;
}

}  // namespace weir::flv
