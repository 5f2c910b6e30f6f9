#include <cstddef>
#include <cstdint>
#include <vector>

#include "format/ts/content.h"
#include "format/ts/psi.h"

// Tables as they come, and with the checksum made right, which chance would not find; then joined from packets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const weir::base::Bytes in(data, size);
  const auto read = [](weir::base::Bytes section) {
    (void)weir::ts::parse_pat(section);
    if (const auto pmt = weir::ts::parse_pmt(section)) {
      for (const auto& stream : pmt->streams) (void)weir::ts::content_of(stream);
    }
  };
  read(in);
  std::vector<std::uint8_t> section(in.begin(), in.end());
  if (section.size() >= 12 && section.size() <= weir::ts::largest_section_bytes) {
    section[1] = static_cast<std::uint8_t>(0xb0 | (section.size() - 3) >> 8);
    section[2] = static_cast<std::uint8_t>(section.size() - 3);
    const std::uint32_t crc = weir::ts::crc32(weir::base::Bytes(section).first(section.size() - 4));
    for (std::size_t i = 0; i < 4; ++i)
      section[section.size() - 4 + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
    read(section);
  }
  weir::ts::SectionJoiner joiner;
  for (std::size_t at = 0; at < size; at += 184) {
    joiner.input((data[at] & 1) != 0, in.subspan(at, std::min<std::size_t>(184, size - at)), read);
  }
  return 0;
}
