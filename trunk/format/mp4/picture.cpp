#include "format/mp4/picture.h"

#include "codec/av1.h"
#include "codec/avc.h"
#include "codec/hevc.h"
#include "codec/vpx.h"
#include "media/colour.h"

namespace weir::mp4 {
namespace {

codec::Picture picture_in_record(const media::CodecParameters& parameters) {
  const base::Bytes extradata = parameters.extradata;
  switch (parameters.codec) {
    case media::Codec::h264: {
      const auto record = codec::avc::parse_configuration(extradata);
      if (!record) return {};
      const auto sps = codec::avc::parse_sps(record->sps[0]);
      return sps ? sps->picture : codec::Picture{};
    }
    case media::Codec::hevc: {
      const auto record = codec::hevc::parse_configuration(extradata);
      if (!record) return {};
      const auto sps = codec::hevc::parse_sps(record->sps[0]);
      return sps ? sps->picture : codec::Picture{};
    }
    case media::Codec::av1: {
      const auto record = codec::av1::parse_configuration(extradata);
      if (!record) return {};
      codec::av1::Obus obus(record->obus);
      while (const auto obu = obus.next()) {
        if (obu->type != codec::av1::ObuType::sequence_header) continue;
        const auto header = codec::av1::parse_sequence_header(obu->payload);
        return header ? header->picture : codec::Picture{};
      }
      return {};
    }
    case media::Codec::vp9: {
      const auto record = codec::vpx::parse_configuration(extradata);
      return record ? record->picture : codec::Picture{};
    }
    default:
      return {};
  }
}

}  // namespace

codec::Picture picture_of(const media::CodecParameters& parameters) {
  codec::Picture picture = picture_in_record(parameters);
  if (picture.told || !parameters.colour || !parameters.colour->picture.told) return picture;
  const codec::Picture& told = parameters.colour->picture;
  picture.primaries = told.primaries;
  picture.transfer = told.transfer;
  picture.matrix = told.matrix;
  picture.told = true;
  return picture;
}

bool is_bright(const media::CodecParameters& parameters) {
  const std::uint8_t transfer = picture_of(parameters).transfer;
  return transfer == codec::Picture::transfer_pq || transfer == codec::Picture::transfer_hlg;
}

codec::Light light_of(const media::CodecParameters& parameters, base::Bytes frame) {
  const auto both = [](codec::Light first, const codec::Light& second) {
    if (!first.mastering) first.mastering = second.mastering;
    if (!first.level) first.level = second.level;
    return first;
  };
  const codec::Light beside = parameters.colour ? parameters.colour->light : codec::Light{};
  switch (parameters.codec) {
    case media::Codec::h264:
      return both(codec::light_of_units(frame, parameters.nal_length_bytes, false), beside);
    case media::Codec::vp9:
      return beside;
    case media::Codec::hevc:
      return both(codec::light_of_units(frame, parameters.nal_length_bytes, true),
                  both(codec::light_of_hevc_record(parameters.extradata), beside));
    case media::Codec::av1: {
      const auto record = codec::av1::parse_configuration(parameters.extradata);
      return both(codec::light_of_obus(frame),
                  both(record ? codec::light_of_obus(record->obus) : codec::Light{}, beside));
    }
    default:
      return {};
  }
}

}  // namespace weir::mp4
