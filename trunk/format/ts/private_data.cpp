#include "format/ts/private_data.h"

#include <algorithm>

#include "format/ts/content.h"
#include "format/ts/pes.h"

namespace weir::ts {
namespace {

using base::Bytes;

constexpr std::uint8_t type_of_private_pes = 0x06;  // table 2-34
constexpr std::uint8_t tag_of_registration = 0x05, tag_of_metadata = 0x26;
constexpr std::uint8_t tag_teletext = 0x56, tag_vbi_teletext = 0x46, tag_subtitling = 0x59;  // EN 300 468 6.1

bool is_registered(Bytes descriptors, std::string_view name) {
  const auto data = find_descriptor(descriptors, tag_of_registration);
  return data && data->size() >= 4 && base::as_text(data->first(4)) == name;
}

// ISO 13818-1 2.6.60: two bytes of application format, with an identifier behind 0xffff, then the format of the
// metadata, likewise behind 0xff.
std::string_view metadata_format(Bytes descriptors) {
  auto data = find_descriptor(descriptors, tag_of_metadata);
  if (!data || data->size() < 2) return {};
  Bytes rest = data->subspan(2);
  if ((*data)[0] == 0xff && (*data)[1] == 0xff) rest = rest.size() < 4 ? Bytes{} : rest.subspan(4);
  if (rest.size() < 5 || rest[0] != 0xff) return {};
  return base::as_text(rest.subspan(1, 4));
}

void write_pes_time(std::uint8_t* out, std::uint64_t time) {
  out[0] = static_cast<std::uint8_t>((out[0] & 0xf0) | (time >> 30 & 7) << 1 | 1);
  out[1] = static_cast<std::uint8_t>(time >> 22);
  out[2] = static_cast<std::uint8_t>((time >> 15 & 0x7f) << 1 | 1);
  out[3] = static_cast<std::uint8_t>(time >> 7);
  out[4] = static_cast<std::uint8_t>((time & 0x7f) << 1 | 1);
}

}  // namespace

std::string_view data_kind(const PmtStream& stream) {
  if (stream.descriptors.size() > largest_data_descriptors) return {};
  if (stream.stream_type == type_metadata) {
    const std::string_view format = metadata_format(stream.descriptors);
    if (format == "KLVA" || is_registered(stream.descriptors, "KLVA")) return "KLV";
    return format == "ID3 " ? "ID3" : "metadata";
  }
  if (stream.stream_type != type_of_private_pes || content_of(stream).codec != media::Codec::none) return {};
  if (is_registered(stream.descriptors, "KLVA")) return "KLV";
  if (find_descriptor(stream.descriptors, tag_teletext) || find_descriptor(stream.descriptors, tag_vbi_teletext)) {
    return "teletext";
  }
  return find_descriptor(stream.descriptors, tag_subtitling) ? "subtitles" : "private";
}

media::CodecParameters data_parameters(const PmtStream& stream) {
  base::Buffer announced;
  announced.append(stream.stream_type);
  announced.append(Bytes(stream.descriptors));
  media::CodecParameters parameters{.codec = media::Codec::ts_data};
  parameters.extradata = base::SharedBytes::copy_of(announced);
  parameters.profile = data_kind(stream);
  return parameters;
}

PmtStream data_stream(const media::CodecParameters& parameters, Pid pid) {
  const Bytes announced = parameters.extradata;
  PmtStream stream{.stream_type = type_of_private_pes, .pid = pid, .descriptors = {}};
  if (announced.empty()) return stream;
  stream.stream_type = announced[0];
  stream.descriptors.assign(announced.begin() + 1, announced.end());
  return stream;
}

std::vector<std::uint8_t> program_descriptors(const PmtStream& stream, std::uint16_t program) {
  if (stream.stream_type != type_metadata || metadata_format(stream.descriptors) != "ID3 ") return {};
  return metadata_pointer(program);
}

base::Buffer moved_pes(Bytes pes, std::uint64_t pts) {
  base::Buffer out;
  out.append(pes);
  const auto header = parse_pes_header(pes);
  if (!header || !header->pts) return out;
  write_pes_time(out.data() + 9, pts & clock_mask);
  if (header->dts) write_pes_time(out.data() + 14, (pts - (*header->pts - *header->dts)) & clock_mask);
  return out;
}

}  // namespace weir::ts
