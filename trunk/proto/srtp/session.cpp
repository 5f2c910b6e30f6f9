#include "proto/srtp/session.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/digest.h"

namespace weir::srtp {

using base::Bytes;
using base::MutableBytes;
using base::Result;

namespace {

constexpr std::size_t rtcp_head = 8;  // what RTCP leaves in the clear: the first header and SSRC
constexpr std::uint32_t encrypted_bit = 0x80000000U;

struct RtpHead {
  std::size_t size;  // with CSRCs and extension: what stays in the clear
  std::uint16_t sequence;
  std::uint32_t ssrc;
};

// RFC 3550 5.1.
Result<RtpHead> parse_head(Bytes packet) {
  if (packet.size() < 12 || packet[0] >> 6 != 2) return Errc::bad_packet;
  base::ByteReader r{packet};
  const std::uint8_t first = r.u8();
  r.skip(1);
  RtpHead head{};
  head.sequence = r.u16();
  r.skip(4);
  head.ssrc = r.u32();
  r.skip(std::size_t{4} * (first & 15U));
  if ((first & 0x10) != 0) {
    r.skip(2);
    r.skip(std::size_t{4} * r.u16());
  }
  if (!r.ok()) return Errc::bad_packet;
  head.size = r.position();
  return head;
}

std::uint32_t read_u32(Bytes bytes, std::size_t at) { return base::ByteReader{bytes.subspan(at)}.u32(); }

void write_u32(MutableBytes room, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) room[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

std::array<std::uint8_t, 4> big_endian(std::uint32_t value) {
  std::array<std::uint8_t, 4> bytes;
  write_u32(bytes, value);
  return bytes;
}

bool fits(const MasterKeys& keys) {
  return keys.key.size() == key_bytes(keys.profile) && keys.salt.size() == salt_bytes(keys.profile);
}

// RFC 7714 9.2: what stays in the clear of RTCP is authenticated, then the index.
std::array<std::uint8_t, 12> rtcp_associated(Bytes packet, Bytes index) {
  std::array<std::uint8_t, 12> out;
  std::copy_n(packet.begin(), rtcp_head, out.begin());
  std::copy_n(index.begin(), 4, out.begin() + rtcp_head);
  return out;
}

}  // namespace

Sender::Sender(const Algorithms& algorithms, const MasterKeys& keys)
    : profile_(keys.profile),
      rtp_(std::make_unique<Cipher>(algorithms, keys.profile, keys.key, keys.salt, false)),
      rtcp_(std::make_unique<Cipher>(algorithms, keys.profile, keys.key, keys.salt, true)) {}

Result<Sender> Sender::make(const Algorithms& algorithms, const MasterKeys& keys) {
  if (!fits(keys)) return Errc::bad_key_length;
  return Sender(algorithms, keys);
}

Result<std::size_t> Sender::protect(MutableBytes room, std::size_t size) {
  if (size > room.size()) return Errc::bad_packet;
  const std::size_t tag_size = rtp_overhead();
  if (room.size() - size < tag_size) return Errc::no_room;
  TRY(const RtpHead head, parse_head(room.first(size)));
  auto source = std::find_if(sources_.begin(), sources_.end(), [&](const Source& s) { return s.ssrc == head.ssrc; });
  if (source == sources_.end()) {
    if (sources_.size() == most_sources) return Errc::too_many_sources;
    source = sources_.insert(sources_.end(), {head.ssrc, head.sequence});
  }
  const std::uint64_t index = ReplayWindow::nearest(source->highest, head.sequence);
  source->highest = std::max(source->highest, index);
  const MutableBytes payload = room.subspan(head.size, size - head.size);
  const MutableBytes tag = room.subspan(size, tag_size);
  if (is_aead(profile_)) {
    rtp_->seal(head.ssrc, index, room.first(head.size), payload, tag);
  } else {
    rtp_->crypt(head.ssrc, index, payload);
    const auto rollover = big_endian(static_cast<std::uint32_t>(index >> 16));  // RFC 3711 4.2
    const auto digest = rtp_->authenticate(room.first(size), rollover);
    std::copy_n(digest.begin(), tag_size, tag.begin());
  }
  return size + tag_size;
}

Result<std::size_t> Sender::protect_rtcp(MutableBytes room, std::size_t size) {
  if (size < rtcp_head || size > room.size()) return Errc::bad_packet;
  if (room.size() - size < rtcp_overhead()) return Errc::no_room;
  const std::uint32_t ssrc = read_u32(room, 4);
  rtcp_index_ = (rtcp_index_ + 1) & ~encrypted_bit;
  const auto trailer = big_endian(rtcp_index_ | encrypted_bit);
  const MutableBytes payload = room.subspan(rtcp_head, size - rtcp_head);
  const std::size_t tag_size = tag_bytes(profile_);
  if (is_aead(profile_)) {  // RFC 7714 9: cipher text, tag, index
    rtcp_->seal(ssrc, rtcp_index_, rtcp_associated(room, trailer), payload, room.subspan(size, tag_size));
    std::copy(trailer.begin(), trailer.end(), room.begin() + static_cast<std::ptrdiff_t>(size + tag_size));
  } else {  // RFC 3711 3.4: cipher text, index, tag
    rtcp_->crypt(ssrc, rtcp_index_, payload);
    std::copy(trailer.begin(), trailer.end(), room.begin() + static_cast<std::ptrdiff_t>(size));
    const auto digest = rtcp_->authenticate(room.first(size + 4), {});
    std::copy_n(digest.begin(), tag_size, room.begin() + static_cast<std::ptrdiff_t>(size + 4));
  }
  return size + rtcp_overhead();
}

Receiver::Receiver(const Algorithms& algorithms, const MasterKeys& keys)
    : profile_(keys.profile),
      rtp_(std::make_unique<Cipher>(algorithms, keys.profile, keys.key, keys.salt, false)),
      rtcp_(std::make_unique<Cipher>(algorithms, keys.profile, keys.key, keys.salt, true)) {}

Result<Receiver> Receiver::make(const Algorithms& algorithms, const MasterKeys& keys) {
  if (!fits(keys)) return Errc::bad_key_length;
  return Receiver(algorithms, keys);
}

Receiver::Source* Receiver::find(std::vector<Source>& sources, std::uint32_t ssrc) {
  const auto found = std::find_if(sources.begin(), sources.end(), [&](const Source& s) { return s.ssrc == ssrc; });
  return found == sources.end() ? nullptr : &*found;
}

// Remembers a packet whose tag was right.
Result<void> Receiver::accept(std::vector<Source>& sources, Source* source, std::uint32_t ssrc, std::uint64_t index) {
  if (!source) {
    if (sources.size() == most_sources) return Errc::too_many_sources;
    source = &sources.emplace_back(Source{ssrc, {}});
  }
  source->window.note(index);
  return {};
}

namespace {

Result<void> judge(const ReplayWindow& window, std::uint64_t index) {
  switch (window.judge(index)) {
    case ReplayWindow::Verdict::fresh:
      return {};
    case ReplayWindow::Verdict::replayed:
      return Errc::replayed;
    case ReplayWindow::Verdict::too_old:
      return Errc::too_old;
  }
  return Errc::too_old;
}

}  // namespace

Result<std::size_t> Receiver::unprotect(MutableBytes packet) {
  const std::size_t tag_size = tag_bytes(profile_);
  if (packet.size() < 12 + tag_size) return Errc::bad_packet;
  const std::size_t size = packet.size() - tag_size;
  TRY(const RtpHead head, parse_head(packet.first(size)));
  Source* const source = find(sources_, head.ssrc);
  const std::uint64_t index = source ? source->window.guess(head.sequence) : head.sequence;
  if (source) TRY_VOID(judge(source->window, index));
  const MutableBytes payload = packet.subspan(head.size, size - head.size);
  const Bytes tag = packet.subspan(size);
  if (is_aead(profile_)) {
    if (!rtp_->open(head.ssrc, index, packet.first(head.size), payload, tag)) return Errc::bad_tag;
  } else {
    const auto digest = rtp_->authenticate(packet.first(size), big_endian(static_cast<std::uint32_t>(index >> 16)));
    if (!base::equal_secret(Bytes(digest).first(tag_size), tag)) return Errc::bad_tag;
    rtp_->crypt(head.ssrc, index, payload);
  }
  TRY_VOID(accept(sources_, source, head.ssrc, index));
  return size;
}

Result<std::size_t> Receiver::unprotect_rtcp(MutableBytes packet) {
  const std::size_t tag_size = tag_bytes(profile_);
  if (packet.size() < rtcp_head + tag_size + 4 || packet[0] >> 6 != 2) return Errc::bad_packet;
  const std::size_t size = packet.size() - tag_size - 4;
  const std::size_t trailer_at = is_aead(profile_) ? size + tag_size : size;
  const std::uint32_t trailer = read_u32(packet, trailer_at);
  const std::uint32_t ssrc = read_u32(packet, 4), index = trailer & ~encrypted_bit;
  const bool encrypted = (trailer & encrypted_bit) != 0;
  Source* const source = find(rtcp_sources_, ssrc);
  if (source) TRY_VOID(judge(source->window, index));
  const MutableBytes payload = packet.subspan(rtcp_head, size - rtcp_head);
  if (is_aead(profile_)) {
    const Bytes tag = packet.subspan(size, tag_size);
    if (encrypted) {
      const auto associated = rtcp_associated(packet, packet.subspan(trailer_at));
      if (!rtcp_->open(ssrc, index, associated, payload, tag)) return Errc::bad_tag;
    } else {  // RFC 7714 9.3: all of it is associated data, and nothing is secret
      base::Buffer associated;
      associated.append(packet.first(size));
      associated.append(packet.subspan(trailer_at));
      if (!rtcp_->open(ssrc, index, associated, payload.first(0), tag)) return Errc::bad_tag;
    }
  } else {
    const auto digest = rtcp_->authenticate(packet.first(size + 4), {});
    if (!base::equal_secret(Bytes(digest).first(tag_size), packet.subspan(size + 4))) return Errc::bad_tag;
    if (encrypted) rtcp_->crypt(ssrc, index, payload);
  }
  TRY_VOID(accept(rtcp_sources_, source, ssrc, index));
  return size;
}

}  // namespace weir::srtp
