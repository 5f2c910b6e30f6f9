#include <cstddef>
#include <cstdint>
#include <vector>

#include "format/ts/elementary.h"
#include "format/ts/pes.h"

// A PES header, then the payload as one kind of elementary stream, in two packets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using weir::media::Codec;
  if (size == 0) return 0;
  const weir::base::Bytes in(data + 1, size - 1);
  (void)weir::ts::has_whole_pes_header(in);
  const auto header = weir::ts::parse_pes_header(in);
  const weir::base::Bytes payload = header ? in.subspan(header->header_bytes) : in;
  static constexpr weir::ts::Content kinds[] = {{Codec::h264}, {Codec::hevc}, {Codec::aac},  {Codec::aac, true},
                                                {Codec::mp3},  {Codec::ac3},  {Codec::eac3}, {Codec::opus, false, 2}};
  const auto elementary = weir::ts::make_elementary(kinds[data[0] & 7]);
  std::vector<weir::ts::AccessUnit> found;
  const std::size_t cut = payload.size() * (data[0] >> 3) / 32;
  elementary->input(payload.first(cut), {.known = true}, found);
  elementary->input(payload.subspan(cut), {.known = (size & 1) != 0}, found);
  elementary->lose(184);
  elementary->input(payload, {.known = true}, found);
  return 0;
}
