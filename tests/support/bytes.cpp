#include "support/bytes.h"

#include <cctype>
#include <fstream>
#include <iterator>

namespace weir::test {
namespace {

std::uint8_t digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  return static_cast<std::uint8_t>((std::tolower(static_cast<unsigned char>(c)) - 'a') + 10);
}

}  // namespace

ByteVector bytes(std::string_view text) {
  ByteVector out;
  bool half = false;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c))) continue;
    if (half) {
      out.back() = static_cast<std::uint8_t>(out.back() << 4 | digit(c));
    } else {
      out.push_back(digit(c));
    }
    half = !half;
  }
  return out;
}

ByteVector repeat(std::uint8_t byte, std::size_t count) { return ByteVector(count, byte); }

ByteVector operator+(ByteVector left, const ByteVector& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

std::string hex(base::Bytes bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

ByteVector test_file(std::string_view name) {
  std::ifstream file(std::string(WEIR_TEST_DATA) + "/" + std::string(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace weir::test
