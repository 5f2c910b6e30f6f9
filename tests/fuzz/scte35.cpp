// Sections of SCTE 35, with a right length and checksum as well, and what messages of RTMP say of breaks.
#include <cstdlib>

#include "format/scte35/section.h"
#include "format/ts/psi.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes in(data, size);
  (void)scte35::parse(in);
  if (const base::Buffer found = scte35::of_message(in); !found.empty() && !scte35::parse(found)) std::abort();
  if (size < 4 || size > 4000) return 0;
  base::Buffer section;
  section.append(in);
  section.data()[0] = 0xfc;
  section.data()[1] = static_cast<std::uint8_t>((section.data()[1] & 0xf0) | (size + 1) >> 8);
  section.data()[2] = static_cast<std::uint8_t>(size + 1);
  const std::uint32_t crc = ts::crc32(section);
  for (int shift = 24; shift >= 0; shift -= 8) section.append(static_cast<std::uint8_t>(crc >> shift));
  const auto said = scte35::parse(section);
  if (!said || !said->pts) return 0;
  const base::Buffer moved = scte35::moved(section, *said->pts, 5);
  const auto again = scte35::parse(moved);
  if (!again || again->pts != 5 || again->event != said->event) std::abort();
  return 0;
}
