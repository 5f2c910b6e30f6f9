#include "proto/stun/message.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/crc32.h"
#include "base/digest.h"

namespace weir::stun {

using base::Bytes;

namespace {

constexpr std::uint32_t magic_cookie = 0x2112a442;
constexpr std::uint32_t fingerprint_mask = 0x5354554e;  // RFC 8489 14.7: "STUN"
constexpr std::size_t header_bytes = 20;
constexpr std::size_t integrity_bytes = 20;
constexpr std::size_t most_attributes = 32;
constexpr std::size_t most_unknown = 8;

std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

// RFC 8489 14.2: the port and an IPv4 address are xored with the cookie, an IPv6 address also with the transaction id.
void toggle_mask(Address& address, const TransactionId& transaction) {
  address.port ^= magic_cookie >> 16;
  std::array<std::uint8_t, 16> mask{};
  for (std::size_t i = 0; i < 4; ++i) mask[i] = static_cast<std::uint8_t>(magic_cookie >> (24 - 8 * i));
  for (std::size_t i = 0; i < transaction.size(); ++i) mask[4 + i] = transaction[i];
  for (std::size_t i = 0; i < (address.v6 ? 16u : 4u); ++i) address.bytes[i] ^= mask[i];
}

base::Result<Address> parse_xor_address(Bytes value, const TransactionId& transaction) {
  base::ByteReader r{value};
  r.skip(1);
  const std::uint8_t family = r.u8();
  Address address;
  address.port = r.u16();
  address.v6 = family == 2;
  const Bytes raw = r.take(address.v6 ? 16 : 4);
  if (!r.ok() || (family != 1 && family != 2)) return Errc::bad_attribute;
  std::copy(raw.begin(), raw.end(), address.bytes.begin());
  toggle_mask(address, transaction);
  return address;
}

// Where the attribute of that type begins in a message that was parsed.
std::optional<std::size_t> find(Bytes datagram, Attribute wanted) {
  for (std::size_t at = header_bytes; at + 4 <= datagram.size();) {
    base::ByteReader r{datagram.subspan(at)};
    const std::uint16_t type = r.u16();
    if (type == static_cast<std::uint16_t>(wanted)) return at;
    at += 4 + padded(r.u16());
  }
  return std::nullopt;
}

// The digest over the message up to `at`, whose header says that it ends behind an attribute of `size_bytes` there.
base::Sha1 integrity(Bytes datagram, std::size_t at, std::string_view password) {
  std::array<std::uint8_t, header_bytes> header;
  std::copy_n(datagram.begin(), header_bytes, header.begin());
  const std::size_t length = at + 4 + integrity_bytes - header_bytes;
  header[2] = static_cast<std::uint8_t>(length >> 8);
  header[3] = static_cast<std::uint8_t>(length);
  return base::hmac_sha1(base::as_bytes(password), {header, datagram.subspan(header_bytes, at - header_bytes)});
}

base::Result<void> take_attribute(Message& message, std::uint16_t type, Bytes value, Bytes datagram, std::size_t at) {
  base::ByteReader r{value};
  const auto exactly = [&](std::size_t size) { return value.size() == size; };
  switch (static_cast<Attribute>(type)) {
    case Attribute::username:
      if (value.size() > 513) return Errc::bad_attribute;  // RFC 8489 14.3
      message.username = base::as_text(value);
      return {};
    case Attribute::priority:
      if (!exactly(4)) return Errc::bad_attribute;
      message.priority = r.u32();
      return {};
    case Attribute::use_candidate:
      if (!exactly(0)) return Errc::bad_attribute;
      message.use_candidate = true;
      return {};
    case Attribute::ice_controlled:
      if (!exactly(8)) return Errc::bad_attribute;
      message.controlled = r.u64();
      return {};
    case Attribute::ice_controlling:
      if (!exactly(8)) return Errc::bad_attribute;
      message.controlling = r.u64();
      return {};
    case Attribute::xor_mapped_address: {
      TRY(message.mapped, parse_xor_address(value, message.transaction));
      return {};
    }
    case Attribute::error_code: {
      r.skip(2);
      const unsigned hundreds = r.u8() & 7;
      message.error_code = static_cast<std::uint16_t>(hundreds * 100 + r.u8());
      if (!r.ok()) return Errc::bad_attribute;
      return {};
    }
    case Attribute::fingerprint: {
      if (!exactly(4) || at + 8 != datagram.size()) return Errc::bad_attribute;  // it is the last
      if (r.u32() != (base::crc32(datagram.first(at)) ^ fingerprint_mask)) return Errc::bad_fingerprint;
      return {};
    }
    case Attribute::message_integrity:
      if (!exactly(integrity_bytes)) return Errc::bad_attribute;
      return {};
    case Attribute::unknown_attributes:
    case Attribute::software:
      return {};
  }
  if (type < 0x8000 && message.unknown.size() < most_unknown) message.unknown.push_back(type);
  return {};
}

}  // namespace

base::Result<Message> parse(Bytes datagram) {
  if (datagram.size() < header_bytes) return Errc::too_short;
  base::ByteReader r{datagram};
  Message message;
  message.type = static_cast<MessageType>(r.u16());
  const std::size_t length = r.u16();
  if (!looks_like_stun(datagram) || r.u32() != magic_cookie) return Errc::not_stun;
  if (length % 4 != 0 || header_bytes + length != datagram.size()) return Errc::bad_length;
  const Bytes transaction = r.take(message.transaction.size());
  std::copy(transaction.begin(), transaction.end(), message.transaction.begin());

  bool sealed = false;  // by MESSAGE-INTEGRITY: what follows is not protected
  for (std::size_t count = 0; r.left() > 0; ++count) {
    if (count == most_attributes) return Errc::too_many_attributes;
    const std::size_t at = r.position();
    const std::uint16_t type = r.u16();
    const std::size_t size = r.u16();
    const Bytes value = r.take(size);
    r.skip(padded(size) - size);
    if (!r.ok()) return Errc::attribute_cut_off;
    const bool is_fingerprint = type == static_cast<std::uint16_t>(Attribute::fingerprint);
    if (sealed && !is_fingerprint) continue;
    TRY_VOID(take_attribute(message, type, value, datagram, at));
    sealed = sealed || type == static_cast<std::uint16_t>(Attribute::message_integrity);
  }
  return message;
}

base::Result<void> check_integrity(Bytes datagram, std::string_view password) {
  const auto at = find(datagram, Attribute::message_integrity);
  if (!at) return Errc::no_integrity;
  const base::Sha1 expected = integrity(datagram, *at, password);
  if (!base::equal_secret(expected, datagram.subspan(*at + 4, integrity_bytes))) return Errc::bad_integrity;
  return {};
}

Writer::Writer(MessageType type, const TransactionId& transaction) {
  base::ByteWriter w{out_};
  w.u16(static_cast<std::uint16_t>(type));
  w.u16(0);
  w.u32(magic_cookie);
  w.bytes(transaction);
}

void Writer::attribute(Attribute type, Bytes value) {
  base::ByteWriter w{out_};
  w.u16(static_cast<std::uint16_t>(type));
  w.u16(value.size());
  w.bytes(value);
  w.zeros(padded(value.size()) - value.size());
}

void Writer::set_length(std::size_t length) { base::ByteWriter{out_}.patch16(2, length); }

Writer& Writer::username(std::string_view name) {
  attribute(Attribute::username, base::as_bytes(name));
  return *this;
}

Writer& Writer::priority(std::uint32_t value) {
  base::Buffer bytes;
  base::ByteWriter{bytes}.u32(value);
  attribute(Attribute::priority, bytes);
  return *this;
}

Writer& Writer::use_candidate() {
  attribute(Attribute::use_candidate, {});
  return *this;
}

Writer& Writer::controlling(std::uint64_t tie_breaker) {
  base::Buffer bytes;
  base::ByteWriter{bytes}.u64(tie_breaker);
  attribute(Attribute::ice_controlling, bytes);
  return *this;
}

Writer& Writer::xor_mapped_address(const Address& address) {
  TransactionId transaction;
  std::copy_n(out_.data() + 8, transaction.size(), transaction.begin());
  Address masked = address;
  toggle_mask(masked, transaction);
  base::Buffer bytes;
  base::ByteWriter w{bytes};
  w.u8(0);
  w.u8(address.v6 ? 2 : 1);
  w.u16(masked.port);
  w.bytes(Bytes(masked.bytes).first(address.v6 ? 16 : 4));
  attribute(Attribute::xor_mapped_address, bytes);
  return *this;
}

Writer& Writer::error_code(unsigned code, std::string_view reason) {
  base::Buffer bytes;
  base::ByteWriter w{bytes};
  w.u16(0);
  w.u8(code / 100);
  w.u8(code % 100);
  w.text(reason);
  attribute(Attribute::error_code, bytes);
  return *this;
}

Writer& Writer::unknown_attributes(const std::vector<std::uint16_t>& types) {
  base::Buffer bytes;
  for (const std::uint16_t type : types) base::ByteWriter{bytes}.u16(type);
  attribute(Attribute::unknown_attributes, bytes);
  return *this;
}

base::Buffer Writer::finish(std::string_view password) {
  if (!password.empty()) {
    const base::Sha1 digest = integrity(out_, out_.size(), password);
    attribute(Attribute::message_integrity, digest);
  }
  set_length(out_.size() + 8 - header_bytes);  // FINGERPRINT counts its own attribute
  base::Buffer bytes;
  base::ByteWriter{bytes}.u32(base::crc32(out_) ^ fingerprint_mask);
  attribute(Attribute::fingerprint, bytes);
  return std::move(out_);
}

base::Buffer Writer::without_fingerprint() {
  set_length(out_.size() - header_bytes);
  return std::move(out_);
}

}  // namespace weir::stun
