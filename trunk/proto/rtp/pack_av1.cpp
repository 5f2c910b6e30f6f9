#include "proto/rtp/pack_av1.h"

#include <algorithm>

#include "codec/av1.h"

namespace weir::rtp {

using base::Bytes;

namespace {

namespace av1 = codec::av1;

// The bits of the aggregation header (4.4).
constexpr std::uint8_t continues = 0x80, to_be_continued = 0x40, new_sequence = 0x08;
constexpr std::uint8_t has_size = 0x02, has_extension = 0x04;  // of an OBU header, 5.3.2 of the bitstream

bool left_out(av1::ObuType type) {
  return type == av1::ObuType::temporal_delimiter || type == av1::ObuType::tile_list || type == av1::ObuType::padding;
}

class Av1Packer {
 public:
  Av1Packer(std::size_t most, bool key, Payloads& out) : most_(most), key_(key), out_(out) {}

  void add(const av1::Obu& obu) {
    base::Buffer element;
    element.append(static_cast<std::uint8_t>(obu.whole[0] & ~has_size));
    if ((obu.whole[0] & has_extension) != 0) element.append(obu.whole[1]);
    element.append(obu.payload);
    Bytes left = element;
    bool continuation = false;
    while (!left.empty()) {
      if (open_ && room() < smallest_part) close(false);
      if (!open_) begin(continuation);
      const std::size_t size = std::min(left.size(), room());
      write_length(size);
      out_.bytes.append(left.first(size));
      left = left.subspan(size);
      continuation = true;
      if (!left.empty()) close(true);
    }
  }
  void finish() {
    if (open_) close(false);
  }

 private:
  static constexpr std::size_t length_bytes = 2, smallest_part = 16;

  std::size_t used() const { return out_.bytes.size() - begin_; }
  std::size_t room() const { return used() + length_bytes >= most_ ? 0 : most_ - used() - length_bytes; }
  void begin(bool continuation) {
    open_ = true;
    begin_ = out_.bytes.size();
    out_.bytes.append(static_cast<std::uint8_t>((continuation ? continues : 0) | (key_ ? new_sequence : 0)));
    key_ = false;
  }
  // Two bytes of leb128 hold what fits into a packet (4.10.5 of the bitstream allows leading zeros).
  void write_length(std::size_t size) {
    out_.bytes.append(static_cast<std::uint8_t>((size & 0x7f) | 0x80));
    out_.bytes.append(static_cast<std::uint8_t>(size >> 7));
  }
  void close(bool more) {
    if (more) out_.bytes.data()[begin_] |= to_be_continued;
    out_.sizes.push_back(static_cast<std::uint16_t>(used()));
    open_ = false;
  }

  const std::size_t most_;
  bool key_;
  Payloads& out_;
  bool open_ = false;
  std::size_t begin_ = 0;
};

}  // namespace

bool pack_av1(Bytes temporal_unit, bool key, std::size_t most, Payloads& out) {
  Av1Packer packer(most, key, out);
  av1::Obus obus(temporal_unit);
  while (const auto obu = obus.next()) {
    if (!left_out(obu->type)) packer.add(*obu);
  }
  packer.finish();
  return obus.ok();
}

}  // namespace weir::rtp
