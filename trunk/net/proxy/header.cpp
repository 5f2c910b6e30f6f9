#include "net/proxy/header.h"

#include <fmt/format.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "net/proxy/error.h"

namespace weir::proxy {

using base::Bytes;
using base::Result;

namespace {

constexpr std::string_view line_start = "PROXY ";
constexpr std::size_t shortest_line = 15;  // "PROXY UNKNOWN" and its end
constexpr std::array<std::uint8_t, 12> signature{0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                                 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
constexpr std::size_t binary_start = 16;
constexpr std::uint8_t tlv_crc32c = 0x03;  // 2.2.3

struct Family {
  int number;
  std::size_t address_bytes;
};
constexpr Family ipv4{AF_INET, 4}, ipv6{AF_INET6, 16};

// An IPv4 address inside an IPv6 one is told as what it is, as for connections of our own.
std::string address_text(const Family& family, const std::uint8_t* bytes) {
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (family.number == AF_INET6 && std::equal(mapped.begin(), mapped.end(), bytes))
    return address_text(ipv4, bytes + 12);
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family.number, bytes, text.data(), text.size());
  return text.data();
}

bool parse_address(const Family& family, std::string_view text, std::string& out) {
  std::array<std::uint8_t, 16> bytes{};
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos || ::inet_pton(family.number, terminated.c_str(), bytes.data()) != 1)
    return false;
  out = address_text(family, bytes.data());
  return true;
}

bool parse_port(std::string_view text, std::uint16_t& out) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

std::uint16_t big_endian(const std::uint8_t* bytes) { return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]); }

// RFC 4960 appendix B: reflected, polynomial 0x1edc6f41.
std::uint32_t crc32c(Bytes bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
  }
  return ~crc;
}

}  // namespace

Result<std::size_t> HeaderReader::input(Bytes in) {
  std::size_t taken = 0;
  while (!done_ && taken < in.size()) {
    if (error_) return error_;
    seen_.push_back(in[taken++]);
    TRY_VOID(step());
  }
  return taken;
}

std::size_t HeaderReader::wanted() const {
  if (done_) return 0;
  const std::size_t seen = seen_.size();
  if (seen == 0) return shortest_line;
  if (seen_.front() == signature.front()) return binary_start + (seen < binary_start ? 0 : length_) - seen;
  if (seen < shortest_line) return shortest_line - seen;
  if (seen_.back() == '\r') return 1;
  // Each of the five spaces that does not stand yet comes with a field of one character at least. An UNKNOWN line may
  // end before them.
  std::size_t least = 2;
  if (text().substr(line_start.size(), 3) == "TCP") {
    const auto spaces = static_cast<std::size_t>(std::count(seen_.begin(), seen_.end(), ' '));
    least += 2 * (5 - std::min<std::size_t>(5, spaces));
  }
  return std::min(least, most_line_bytes - seen);
}

std::string HeaderReader::complaint() const {
  if (!error_) return {};
  std::string text = "byte " + std::to_string(wrong_at_);
  if (wrong_at_ < seen_.size()) text += fmt::format(" is {:#04x}", seen_[wrong_at_]);
  return text + ": " + error_.message();
}

base::ErrorCode HeaderReader::wrong(base::ErrorCode what, std::size_t at) {
  error_ = what;
  wrong_at_ = at;
  return what;
}

Result<void> HeaderReader::step() {
  if (seen_.front() == line_start.front()) return step_line();
  if (seen_.front() == signature.front()) return step_binary();
  return wrong(Errc::not_a_header, 0);
}

Result<void> HeaderReader::step_line() {
  const std::size_t at = seen_.size() - 1;
  if (at < line_start.size()) {
    if (seen_[at] != static_cast<std::uint8_t>(line_start[at])) return wrong(Errc::not_a_header, at);
    return {};
  }
  const bool after_return = seen_[at - 1] == '\r';
  if (after_return != (seen_[at] == '\n')) return wrong(Errc::bad_line_ending, at);
  if (after_return) return finish_line();
  if (seen_.size() == most_line_bytes) return wrong(Errc::line_too_long, at);
  return {};
}

Result<void> HeaderReader::finish_line() {
  header_.version = 1;
  const std::string_view line = text().substr(0, seen_.size() - 2);
  std::vector<std::string_view> fields;
  for (std::size_t from = 0; from <= line.size();) {
    const std::size_t to = std::min(line.find(' ', from), line.size());
    fields.push_back(line.substr(from, to - from));
    from = to + 1;
  }
  const auto offset = [&](std::string_view field) { return static_cast<std::size_t>(field.data() - line.data()); };
  if (fields[1] == "UNKNOWN") {
    done_ = true;
    return {};
  }
  if (fields[1] != "TCP4" && fields[1] != "TCP6") return wrong(Errc::bad_family_name, offset(fields[1]));
  if (fields.size() != 6) return wrong(Errc::bad_fields, fields.size() > 6 ? offset(fields[6]) : line.size());
  const Family& family = fields[1] == "TCP4" ? ipv4 : ipv6;
  net::Peer* const ends[] = {&header_.source, &header_.destination};
  for (std::size_t i = 0; i < 2; ++i) {
    if (!parse_address(family, fields[2 + i], ends[i]->address)) return wrong(Errc::bad_address, offset(fields[2 + i]));
    if (!parse_port(fields[4 + i], ends[i]->port)) return wrong(Errc::bad_port, offset(fields[4 + i]));
  }
  header_.relayed = true;
  done_ = true;
  return {};
}

Result<void> HeaderReader::step_binary() {
  const std::size_t at = seen_.size() - 1;
  if (at < signature.size()) {
    if (seen_[at] != signature[at]) return wrong(Errc::not_a_header, at);
    return {};
  }
  switch (at) {
    case 12:
      if (seen_[at] >> 4 != 2) return wrong(Errc::bad_version, at);
      if ((seen_[at] & 0x0f) > 1) return wrong(Errc::bad_command, at);
      break;
    case 13: {
      const bool local = (seen_[12] & 0x0f) == 0;  // whose family is ignored
      if (!local && (seen_[at] >> 4 > 3 || (seen_[at] & 0x0f) > 2)) return wrong(Errc::bad_family, at);
      break;
    }
    case 15:
      length_ = big_endian(&seen_[14]);
      if (binary_start + length_ > most_binary_bytes) return wrong(Errc::length_too_large, 14);
      if (length_ == 0) return finish_binary();
      break;
    default:
      if (seen_.size() == binary_start + length_) return finish_binary();
  }
  return {};
}

Result<void> HeaderReader::finish_binary() {
  header_.version = 2;
  const bool relayed = (seen_[12] & 0x0f) == 1;
  const unsigned family = seen_[13] >> 4U;
  constexpr std::array<std::size_t, 4> address_block{0, 12, 36, 216};  // unspecified, IPv4, IPv6, Unix
  const std::size_t block = relayed ? address_block[family] : 0;
  if (length_ < block) return wrong(Errc::length_too_small, 14);
  // 2.2.3: a checksum is among the fields behind the addresses. What LOCAL carries has no form that could be checked.
  if (relayed && (family == 1 || family == 2)) TRY_VOID(read_fields(binary_start + block));
  constexpr unsigned stream = 1;
  if (relayed && (family == 1 || family == 2) && (seen_[13] & 0x0fU) == stream) {
    const Family& kind = family == 1 ? ipv4 : ipv6;
    const std::uint8_t* const addresses = &seen_[binary_start];
    const std::uint8_t* const ports = addresses + 2 * kind.address_bytes;
    header_.source = {address_text(kind, addresses), big_endian(ports)};
    header_.destination = {address_text(kind, addresses + kind.address_bytes), big_endian(ports + 2)};
    header_.relayed = true;
  }
  done_ = true;
  return {};
}

Result<void> HeaderReader::read_fields(std::size_t at) {
  while (at < seen_.size()) {
    if (seen_.size() - at < 3) return wrong(Errc::bad_tlv, at);
    const std::size_t size = big_endian(&seen_[at + 1]);
    const std::size_t value = at + 3;
    if (size > seen_.size() - value) return wrong(Errc::bad_tlv, at + 1);
    if (seen_[at] == tlv_crc32c) {
      if (size != 4) return wrong(Errc::bad_tlv, at + 1);
      std::vector<std::uint8_t> blank = seen_;
      std::fill_n(blank.begin() + static_cast<std::ptrdiff_t>(value), 4, std::uint8_t{0});
      const std::uint32_t said =
          std::uint32_t{big_endian(&seen_[value])} << 16 | std::uint32_t{big_endian(&seen_[value + 2])};
      if (crc32c(blank) != said) return wrong(Errc::bad_checksum, value);
    }
    at = value + size;
  }
  return {};
}

}  // namespace weir::proxy
