#include <fmt/format.h>

#include "codec/aac.h"
#include "codec/av1.h"
#include "codec/avc.h"
#include "codec/hevc.h"
#include "codec/vpx.h"
#include "format/mp4/sample_entry.h"

namespace weir::mp4 {
namespace {

using media::Codec;

// ISO 14496-15 E.3: profile, compatibility with its bits reversed, tier and level, constraints without zeros at the
// end.
std::string hevc_string(const codec::hevc::ProfileTierLevel& told) {
  std::uint32_t reversed = 0;
  for (int bit = 0; bit < 32; ++bit) reversed |= (told.compatibility >> bit & 1) << (31 - bit);
  static constexpr std::string_view spaces[] = {"", "A", "B", "C"};
  std::string out = fmt::format("hvc1.{}{}.{:X}.{}{}", spaces[told.profile_space & 3], told.profile, reversed,
                                told.high_tier ? 'H' : 'L', told.level);
  std::size_t count = told.constraints.size();
  while (count != 0 && told.constraints[count - 1] == 0) --count;
  for (std::size_t i = 0; i < count; ++i) out += fmt::format(".{:X}", told.constraints[i]);
  return out;
}

int av1_bits(base::Bytes obus) {
  codec::av1::Obus walk(obus);
  while (const auto obu = walk.next()) {
    if (obu->type != codec::av1::ObuType::sequence_header) continue;
    const auto header = codec::av1::parse_sequence_header(obu->payload);
    return header ? header->bits : 8;
  }
  return 8;
}

}  // namespace

std::string codec_string(const media::CodecParameters& parameters, Container container) {
  const base::Bytes extradata = parameters.extradata;
  switch (parameters.codec) {
    case Codec::h264: {
      const auto record = codec::avc::parse_configuration(extradata);
      if (!record) return {};
      return fmt::format("avc1.{:02x}{:02x}{:02x}", record->profile, record->constraints, record->level);
    }
    case Codec::hevc: {
      const auto record = codec::hevc::parse_configuration(extradata);
      return record ? hevc_string(record->profile_tier_level) : std::string();
    }
    case Codec::av1: {
      const auto record = codec::av1::parse_configuration(extradata);
      if (!record) return {};
      return fmt::format("av01.{}.{:02}{}.{:02}", record->profile, record->level, record->high_tier ? 'H' : 'M',
                         av1_bits(record->obus));
    }
    case Codec::vp9: {
      const auto record = codec::vpx::parse_configuration(extradata);
      if (!record) return "vp09.00.31.08";
      return fmt::format("vp09.{:02}.{:02}.{:02}", record->profile, record->level, record->bits);
    }
    case Codec::aac: {
      const auto configuration = codec::aac::parse_configuration(extradata);
      if (!configuration) return {};
      const int type = configuration->ps ? 29 : configuration->sbr ? 5 : configuration->object_type;
      return fmt::format("mp4a.40.{}", type);
    }
    case Codec::mp3:
      if (container == Container::transport_stream) return "mp4a.40.34";
      return parameters.sample_rate < 32'000 ? "mp4a.69" : "mp4a.6B";
    case Codec::opus:
      return "opus";
    case Codec::ac3:
      return "ac-3";
    case Codec::eac3:
      return "ec-3";
    case Codec::flac:
      return "fLaC";
    default:
      return {};
  }
}

}  // namespace weir::mp4
