#include "format/ts/av1_units.h"

#include <algorithm>

namespace weir::ts {

using base::Bytes;

namespace {

constexpr std::array<std::uint8_t, 3> av1_start_code{0, 0, 1};

// Where the next start code begins; the end if there is none. An OBU may end with zeros: they are its own.
std::size_t find_av1_start(Bytes in) {
  const auto at = std::search(in.begin(), in.end(), av1_start_code.begin(), av1_start_code.end());
  return static_cast<std::size_t>(at - in.begin());
}

}  // namespace

Av1Units::Av1Units(Bytes in) : in_(in) {
  const std::size_t first = find_av1_start(in_);
  in_ = first == in_.size() ? Bytes{} : in_.subspan(first + av1_start_code.size());
}

std::optional<Bytes> Av1Units::next() {
  while (!in_.empty()) {
    const std::size_t end = find_av1_start(in_);
    const Bytes unit = in_.first(end);
    in_ = end == in_.size() ? Bytes{} : in_.subspan(end + av1_start_code.size());
    if (!unit.empty()) return unit;
  }
  return {};
}

// AV1 5.3.2: the header has a second byte with the extension flag, and a size behind it with the size flag.
void append_av1_obu(Bytes escaped, base::Buffer& out) {
  constexpr std::uint8_t has_extension = 4, has_size = 2;
  base::Buffer plain;
  plain.reserve(escaped.size());
  unsigned zeros = 0;
  for (const std::uint8_t byte : escaped) {
    if (zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    plain.append(byte);
    zeros = byte == 0 ? zeros + 1 : 0;
  }
  if (plain.empty() || (plain.data()[0] & has_size) != 0) return out.append(plain);
  const std::size_t head = (plain.data()[0] & has_extension) != 0 ? 2 : 1;
  if (plain.size() < head) return;
  out.append(static_cast<std::uint8_t>(plain.data()[0] | has_size));
  if (head == 2) out.append(plain.data()[1]);
  std::size_t size = plain.size() - head;
  do {  // leb128(), AV1 4.10.5
    const auto low = static_cast<std::uint8_t>(size & 0x7f);
    size >>= 7;
    out.append(static_cast<std::uint8_t>(low | (size != 0 ? 0x80 : 0)));
  } while (size != 0);
  out.append(plain.bytes().subspan(head));
}

}  // namespace weir::ts
