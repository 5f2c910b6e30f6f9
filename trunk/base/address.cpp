#include "base/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace weir::base {

namespace {

using V6 = std::array<std::uint8_t, 16>;

std::optional<V6> parse_v6(const std::string& text) {
  V6 bytes{};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

bool is_mapped(const V6& bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t b) { return b == 0; }) && bytes[10] == 0xff &&
         bytes[11] == 0xff;
}

std::string text_of(int family, const void* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, bytes, text.data(), text.size());
  return text.data();
}

}  // namespace

std::optional<std::string> numeric_address(std::string_view text) {
  constexpr std::size_t longest = 45;  // an IPv6 address with an embedded IPv4 one
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.' || c == ':';
  });
  if (text.size() > longest || !plain) return std::nullopt;
  const std::string terminated(text);
  in_addr v4{};
  if (::inet_pton(AF_INET, terminated.c_str(), &v4) == 1) return text_of(AF_INET, &v4);
  const auto v6 = parse_v6(terminated);
  if (!v6) return std::nullopt;
  return is_mapped(*v6) ? text_of(AF_INET, v6->data() + 12) : text_of(AF_INET6, v6->data());
}

std::string address_block(std::string_view address) {
  const auto one = numeric_address(address);
  if (!one) return std::string(address.substr(0, 64));
  auto v6 = parse_v6(*one);
  if (!v6) return *one;
  std::fill(v6->begin() + 8, v6->end(), std::uint8_t{0});
  return text_of(AF_INET6, v6->data()) + "/64";
}

}  // namespace weir::base
