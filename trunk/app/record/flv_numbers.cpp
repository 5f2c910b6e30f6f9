#include "app/record/flv_numbers.h"

#include <array>
#include <bit>
#include <cstdint>
#include <string>

namespace weir::record {

std::size_t open_number_at(base::Bytes script_data, std::string_view property) {
  // The name with two bytes of length, the marker 0, and eight bytes of zero.
  std::string key{'\0', static_cast<char>(property.size())};
  key.append(property).append(9, '\0');
  const std::size_t at = base::as_text(script_data).find(key);
  return at == std::string_view::npos ? 0 : at + 2 + property.size() + 1;
}

base::Buffer number_bytes(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(bits >> (56 - 8 * i));
  base::Buffer out;
  out.append(bytes);
  return out;
}

}  // namespace weir::record
