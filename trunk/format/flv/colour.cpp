#include "format/flv/colour.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "codec/vpx.h"
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

base::Result<media::Colour> parse_colour(base::Bytes body) {
  TRY(const ScriptData data, parse_script_data(body, largest_values));
  if (data.name != "colorInfo" || !data.value.has_properties()) return Errc::bad_script_data;
  media::Colour colour;
  if (const amf0::Value* told = data.value.find("colorConfig"); told && told->has_properties()) {
    codec::Picture& picture = colour.picture;
    const auto point = [told](const char* name) {  // H.273; what is left out, or reserved zero, is not specified
      const auto value = scaled<std::uint8_t>(told->number_at(name), 1);
      return value == 0 ? codec::Picture::unspecified : value;
    };
    picture.primaries = point("colorPrimaries");
    picture.transfer = point("transferCharacteristics");
    // Zero is a value here: pictures of red, green and blue.
    if (told->find("matrixCoefficients")) {
      picture.matrix = scaled<std::uint8_t>(told->number_at("matrixCoefficients"), 1);
    }
    picture.told = picture.primaries != codec::Picture::unspecified ||
                   picture.transfer != codec::Picture::unspecified || picture.matrix != codec::Picture::unspecified;
  }
  codec::Light& light = colour.light;
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
  return colour;
}

base::SharedBytes with_colour(media::Codec codec, const base::SharedBytes& header, const media::Colour& colour) {
  if (codec == media::Codec::vp9 && colour.picture.told) {
    auto record = codec::vpx::parse_configuration(header);
    if (!record || record->picture.told) return header;
    record->picture = colour.picture;
    return base::SharedBytes::copy_of(codec::vpx::build_configuration(*record));
  }
  const codec::Light& light = colour.light;
  if (!light.told()) return header;
  if (codec == media::Codec::hevc) return base::SharedBytes::copy_of(codec::hevc_record_with(header, light));
  if (codec == media::Codec::av1) return base::SharedBytes::copy_of(codec::av1_record_with(header, light));
  return header;
}

}  // namespace weir::flv
