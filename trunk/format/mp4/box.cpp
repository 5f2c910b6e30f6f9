#include "format/mp4/box.h"

namespace weir::mp4 {

base::Result<std::optional<BoxHeader>> parse_box_header(base::Bytes in) {
  if (in.size() < 8) return std::optional<BoxHeader>{};
  base::ByteReader r{in};
  BoxHeader header;
  header.bytes = r.u32();
  header.type = r.u32();
  if (header.bytes == 1) {
    if (in.size() < 16) return std::optional<BoxHeader>{};
    header.bytes = r.u64();
    header.header_bytes = 16;
  }
  if (header.bytes != 0 && header.bytes < header.header_bytes) return Errc::box_too_small;
  return std::optional{header};
}

std::optional<Box> Boxes::next() {
  if (in_.empty() || !error_) return {};
  const auto parsed = parse_box_header(in_);
  if (!parsed || !*parsed) {
    error_ = parsed ? base::ErrorCode(Errc::truncated) : parsed.error();
    return {};
  }
  const BoxHeader header = **parsed;
  const std::uint64_t bytes = header.bytes == 0 ? in_.size() : header.bytes;
  if (bytes > in_.size()) {
    error_ = Errc::box_past_end;
    return {};
  }
  const auto size = static_cast<std::size_t>(bytes);
  const Box box{header.type, in_.subspan(header.header_bytes, size - header.header_bytes)};
  in_ = in_.subspan(size);
  return box;
}

std::optional<base::Bytes> find_box(base::Bytes in, FourCc type) {
  Boxes boxes(in);
  while (const auto box = boxes.next()) {
    if (box->type == type) return box->payload;
  }
  return {};
}

}  // namespace weir::mp4
