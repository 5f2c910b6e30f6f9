#include "media/describe.h"

#include "codec/aac.h"
#include "codec/ac3.h"
#include "codec/av1.h"
#include "codec/avc.h"
#include "codec/flac.h"
#include "codec/hevc.h"
#include "codec/mp3.h"
#include "codec/opus.h"
#include "codec/vpx.h"

namespace weir::media {

namespace {

using codec::Errc;

constexpr std::uint32_t opus_rate = 48'000;  // what a decoder gives, whatever was encoded

base::Result<void> describe_h264(CodecParameters& p) {
  TRY(const auto record, codec::avc::parse_configuration(p.extradata));
  TRY(const auto sps, codec::avc::parse_sps(record.sps[0]));
  p.nal_length_bytes = record.nal_length_bytes;
  p.width = sps.width;
  p.height = sps.height;
  p.frame_rate = sps.frame_rate;
  p.profile = codec::avc::profile_text(sps.profile, sps.constraints);
  p.level = codec::avc::level_text(sps.profile, sps.constraints, sps.level);
  return {};
}

base::Result<void> describe_hevc(CodecParameters& p) {
  TRY(const auto record, codec::hevc::parse_configuration(p.extradata));
  TRY(const auto sps, codec::hevc::parse_sps(record.sps[0]));
  p.nal_length_bytes = record.nal_length_bytes;
  p.width = sps.width;
  p.height = sps.height;
  p.frame_rate = sps.frame_rate;
  if (p.frame_rate == 0 && !record.vps.empty()) {
    const auto rate = codec::hevc::parse_vps_frame_rate(record.vps[0]);
    if (rate) p.frame_rate = *rate;
  }
  if (p.frame_rate == 0) p.frame_rate = record.average_frame_rate;
  p.profile = codec::hevc::profile_text(sps.profile_tier_level.profile);
  p.level = codec::hevc::level_text(sps.profile_tier_level.level);
  return {};
}

base::Result<void> describe_av1(CodecParameters& p) {
  TRY(const auto record, codec::av1::parse_configuration(p.extradata));
  p.profile = codec::av1::profile_text(record.profile);
  p.level = codec::av1::level_text(record.level);
  codec::av1::Obus obus(record.obus);
  while (const auto obu = obus.next()) {
    if (obu->type != codec::av1::ObuType::sequence_header) continue;
    TRY(const auto header, codec::av1::parse_sequence_header(obu->payload));
    p.width = header.width;
    p.height = header.height;
    p.frame_rate = header.frame_rate;
    return {};
  }
  if (!obus.ok()) return Errc::length_past_end;
  return {};  // the sequence header may stand in the stream alone
}

base::Result<void> describe_vpx(CodecParameters& p) {
  TRY(const auto record, codec::vpx::parse_configuration(p.extradata));
  p.profile = codec::vpx::profile_text(record.profile);
  p.level = codec::vpx::level_text(record.level);
  return {};  // the size stands in the key frames
}

base::Result<void> describe_aac(CodecParameters& p) {
  TRY(const auto configuration, codec::aac::parse_configuration(p.extradata));
  p.sample_rate = configuration.output_sample_rate();
  p.channels = configuration.output_channels();
  p.profile = codec::aac::profile_text(configuration);
  return {};
}

base::Result<void> describe_opus(CodecParameters& p) {
  TRY(const auto head, codec::opus::parse_head(p.extradata));
  p.sample_rate = opus_rate;
  p.channels = head.channels;
  return {};
}

base::Result<void> describe_flac(CodecParameters& p) {
  TRY(const auto info, codec::flac::parse_stream_info(p.extradata));
  p.sample_rate = info.sample_rate;
  p.channels = info.channels;
  return {};
}

}  // namespace

CodecParameters without_description(Codec codec, const base::SharedBytes& extradata) {
  CodecParameters p;
  p.codec = codec;
  p.extradata = extradata;
  // The parameter sets may be garbage, and the record around them good.
  if (codec == Codec::h264) {
    if (const auto record = codec::avc::parse_configuration(extradata)) p.nal_length_bytes = record->nal_length_bytes;
  }
  if (codec == Codec::hevc) {
    if (const auto record = codec::hevc::parse_configuration(extradata)) p.nal_length_bytes = record->nal_length_bytes;
  }
  return p;
}

base::Result<CodecParameters> describe(Codec codec, const base::SharedBytes& extradata) {
  CodecParameters p;
  p.codec = codec;
  p.extradata = extradata;
  const auto described = [&p]() -> base::Result<void> {
    switch (p.codec) {
      case Codec::h264:
        return describe_h264(p);
      case Codec::hevc:
        return describe_hevc(p);
      case Codec::av1:
        return describe_av1(p);
      case Codec::vp8:
      case Codec::vp9:
        return describe_vpx(p);
      case Codec::aac:
        return describe_aac(p);
      case Codec::opus:
        return describe_opus(p);
      case Codec::flac:
        return describe_flac(p);
      case Codec::script_data:
        return {};
      default:
        return Errc::no_configuration;
    }
  }();
  if (!described) return described.error();
  return p;
}

base::Result<CodecParameters> describe_by_frame(Codec codec, base::Bytes frame) {
  CodecParameters p;
  p.codec = codec;
  switch (codec) {
    case Codec::mp2:
    case Codec::mp3: {
      TRY(const auto header, codec::mp3::parse_frame_header(frame));
      p.sample_rate = header.sample_rate;
      p.channels = header.channels;
      return p;
    }
    case Codec::ac3:
    case Codec::eac3: {
      TRY(const auto header, codec::ac3::parse_frame_header(frame));
      p.sample_rate = header.sample_rate;
      p.channels = header.channels;
      return p;
    }
    case Codec::opus: {
      TRY(const auto packet, codec::opus::parse_packet(frame));
      p.sample_rate = opus_rate;
      p.channels = packet.channels;
      return p;
    }
    case Codec::vp8:
    case Codec::vp9: {
      TRY(const auto header,
          codec == Codec::vp8 ? codec::vpx::parse_vp8_frame(frame) : codec::vpx::parse_vp9_frame(frame));
      if (!header.key) return Errc::not_key_frame;
      p.width = header.width;
      p.height = header.height;
      p.profile = codec::vpx::profile_text(header.profile);
      return p;
    }
    case Codec::pcma:
    case Codec::pcmu:
      p.sample_rate = 8000;
      p.channels = 1;
      return p;
    case Codec::speex:
      p.sample_rate = 16'000;
      p.channels = 1;
      return p;
    default:
      return Errc::no_configuration;
  }
}

}  // namespace weir::media
