#include "format/ts/content.h"

#include "codec/av1.h"
#include "format/ts/pes.h"

namespace weir::ts {
namespace {

using media::Codec;

// Table 2-34; 0x81 and 0x87 from ATSC A/52 and A/53, which HLS uses too.
constexpr std::uint8_t type_mpeg1_audio = 0x03;
constexpr std::uint8_t type_mpeg2_audio = 0x04;
constexpr std::uint8_t type_private_pes = 0x06;
constexpr std::uint8_t type_aac_adts = 0x0f;
constexpr std::uint8_t type_aac_latm = 0x11;
constexpr std::uint8_t type_h264 = 0x1b;
constexpr std::uint8_t type_hevc = 0x24;
constexpr std::uint8_t type_ac3 = 0x81;
constexpr std::uint8_t type_eac3 = 0x87;

constexpr std::uint8_t tag_registration = 0x05;  // 2.6.8
constexpr std::uint8_t tag_metadata_pointer = 0x25, tag_metadata = 0x26;
constexpr std::uint8_t tag_dvb_ac3 = 0x6a;  // ETSI EN 300 468 annex D
constexpr std::uint8_t tag_dvb_eac3 = 0x7a;
constexpr std::uint8_t tag_dvb_extension = 0x7f;
constexpr std::uint8_t extension_opus = 0x80;  // "Opus in MPEG-2 TS", user-defined extension
constexpr std::uint8_t tag_av1_video = 0x80;   // "Carriage of AV1 in MPEG-2 TS" 2.2

bool registered_as(base::Bytes descriptors, std::string_view name) {
  const auto data = find_descriptor(descriptors, tag_registration);
  return data && data->size() >= 4 && base::as_text(data->first(4)) == name;
}

std::vector<std::uint8_t> registration(std::string_view name) {
  std::vector<std::uint8_t> out{tag_registration, 4};
  out.insert(out.end(), name.begin(), name.end());
  return out;
}

Content private_content(base::Bytes descriptors) {
  if (registered_as(descriptors, "Opus")) {
    const auto data = find_descriptor(descriptors, tag_dvb_extension);
    std::uint8_t channels = 2;
    if (data && data->size() >= 2 && (*data)[0] == extension_opus) channels = (*data)[1];
    return {.codec = Codec::opus, .latm = false, .channels = channels};
  }
  // GStreamer has a name of its own for OBUs without start codes.
  if (registered_as(descriptors, "AV01") || registered_as(descriptors, "AV1G")) return {.codec = Codec::av1};
  if (registered_as(descriptors, "HEVC")) return {.codec = Codec::hevc};
  if (registered_as(descriptors, "AC-3") || find_descriptor(descriptors, tag_dvb_ac3)) return {.codec = Codec::ac3};
  if (registered_as(descriptors, "EAC3") || find_descriptor(descriptors, tag_dvb_eac3)) return {.codec = Codec::eac3};
  return {};
}

// "Carriage of AV1 in MPEG-2 TS" 2.2.2: 0 is usual colours, 1 a wide gamut, 2 a wide range of brightness, 3 says
// nothing.
std::uint8_t range_of(base::Bytes sequence_header) {
  constexpr std::uint8_t primaries_bt2020 = 9;
  const auto obu = codec::av1::Obus(sequence_header).next();
  if (!obu || obu->type != codec::av1::ObuType::sequence_header) return 3;
  const auto header = codec::av1::parse_sequence_header(obu->payload);
  if (!header || !header->picture.told) return 3;
  const codec::Picture& picture = header->picture;
  if (picture.transfer == codec::Picture::transfer_pq || picture.transfer == codec::Picture::transfer_hlg) return 2;
  return picture.primaries == primaries_bt2020 ? 1 : 0;
}

// The registration first, then the descriptor, which is the first four bytes of av1C but for two bits.
Carriage carriage_of_av1(base::Bytes record) {
  Carriage carriage{type_private_pes, stream_id_private, registration("AV01")};
  const auto parsed = codec::av1::parse_configuration(record);
  if (!parsed) return carriage;
  const auto last = static_cast<std::uint8_t>((record[3] & 0x1f) | range_of(parsed->obus) << 6);
  carriage.descriptors.insert(carriage.descriptors.end(), {tag_av1_video, 4, record[0], record[1], record[2], last});
  return carriage;
}

}  // namespace

Content content_of(const PmtStream& stream) {
  switch (stream.stream_type) {
    case type_mpeg1_audio:
    case type_mpeg2_audio:
      return {.codec = Codec::mp3};
    case type_private_pes:
      return private_content(stream.descriptors);
    case type_aac_adts:
      return {.codec = Codec::aac};
    case type_aac_latm:
      return {.codec = Codec::aac, .latm = true};
    case type_h264:
      return {.codec = Codec::h264};
    case type_hevc:
      return {.codec = Codec::hevc};
    case type_ac3:
      return {.codec = Codec::ac3};
    case type_eac3:
      return {.codec = Codec::eac3};
    default:
      return {};
  }
}

std::optional<Carriage> carriage_of(const media::CodecParameters& parameters) {
  switch (parameters.codec) {
    case Codec::h264:
      return Carriage{type_h264, stream_id_video, {}};
    case Codec::hevc:
      return Carriage{type_hevc, stream_id_video, registration("HEVC")};
    case Codec::av1:
      return carriage_of_av1(parameters.extradata);
    case Codec::aac:
      return Carriage{type_aac_adts, stream_id_audio, {}};
    case Codec::mp2:
    case Codec::mp3: {
      const bool low_rate = parameters.sample_rate != 0 && parameters.sample_rate < 32'000;  // ISO 13818-3
      return Carriage{low_rate ? type_mpeg2_audio : type_mpeg1_audio, stream_id_audio, {}};
    }
    case Codec::ac3:
      return Carriage{type_ac3, stream_id_private, registration("AC-3")};
    case Codec::eac3:
      return Carriage{type_eac3, stream_id_private, registration("EAC3")};
    case Codec::opus: {
      Carriage carriage{type_private_pes, stream_id_private, registration("Opus")};
      const std::uint8_t channels = parameters.channels == 0 ? 2 : parameters.channels;
      carriage.descriptors.insert(carriage.descriptors.end(), {tag_dvb_extension, 2, extension_opus, channels});
      return carriage;
    }
    default:
      return {};
  }
}

std::vector<std::uint8_t> metadata_pointer(std::uint16_t program) {
  // The format of the application and of the metadata are named by 'ID3 '; service 0, carried in this program.
  std::vector<std::uint8_t> out{
      tag_metadata_pointer, 15, 0xff, 0xff, 'I', 'D', '3', ' ', 0xff, 'I', 'D', '3', ' ', 0, 0x1f};
  out.push_back(static_cast<std::uint8_t>(program >> 8));
  out.push_back(static_cast<std::uint8_t>(program));
  return out;
}

std::vector<std::uint8_t> metadata_descriptor() {
  return {tag_metadata, 13, 0xff, 0xff, 'I', 'D', '3', ' ', 0xff, 'I', 'D', '3', ' ', 0, 0x0f};
}

bool can_carry(Codec codec) {
  switch (codec) {
    case Codec::h264:
    case Codec::hevc:
    case Codec::av1:
    case Codec::aac:
    case Codec::mp2:
    case Codec::mp3:
    case Codec::ac3:
    case Codec::eac3:
    case Codec::opus:
      return true;
    default:
      return false;
  }
}

bool can_carry_in_hls(Codec codec) { return codec != Codec::av1 && can_carry(codec); }

}  // namespace weir::ts
