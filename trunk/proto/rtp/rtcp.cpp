#include "proto/rtp/rtcp.h"

#include <algorithm>

#include "base/byte_reader.h"

namespace weir::rtp {

using base::Bytes;
using base::Result;

namespace {

// RFC 3550 12.1, RFC 4585 6.1, RFC 3611 2.
constexpr std::uint8_t sender_report = 200, receiver_report = 201, source_description = 202, goodbye = 203,
                       transport_layer = 205, payload_specific = 206, extended = 207;
constexpr std::uint8_t format_nack = 1, format_transport_cc = 15, format_pli = 1, format_fir = 4,
                       format_application = 15;
constexpr std::uint32_t remb_name = 0x52454d42;
constexpr std::uint8_t block_reference_time = 4, block_delay = 5;

ReportBlock parse_block(base::ByteReader& r) {
  ReportBlock block;
  block.ssrc = r.u32();
  block.fraction_lost = r.u8();
  block.lost = r.i24();
  block.highest = r.u32();
  block.jitter = r.u32();
  block.last_report = r.u32();
  block.delay = r.u32();
  return block;
}

std::vector<ReportBlock> parse_blocks(base::ByteReader& r, unsigned count) {
  std::vector<ReportBlock> blocks;
  for (unsigned i = 0; i < count && r.ok(); ++i) blocks.push_back(parse_block(r));
  return blocks;
}

Result<void> parse_nack(base::ByteReader& r, std::uint32_t media, std::vector<RtcpItem>& out) {
  Nack nack{media, {}};
  while (r.left() >= 4 && nack.lost.size() < most_nacked) {
    const std::uint16_t first = r.u16(), mask = r.u16();
    nack.lost.push_back(first);
    for (unsigned bit = 0; bit < 16; ++bit) {
      if ((mask >> bit & 1) != 0) nack.lost.push_back(static_cast<std::uint16_t>(first + bit + 1));
    }
  }
  if (nack.lost.empty()) return Errc::bad_feedback;
  out.emplace_back(std::move(nack));
  return {};
}

Result<void> parse_payload_specific(std::uint8_t format, base::ByteReader& r, std::uint32_t media,
                                    std::vector<RtcpItem>& out) {
  if (format == format_pli) {
    out.emplace_back(KeyFrameRequest{media, false, 0});
  } else if (format == format_fir) {
    while (r.left() >= 8 && out.size() < most_items) {
      KeyFrameRequest request{r.u32(), true, r.u8()};
      r.skip(3);
      out.emplace_back(request);
    }
  } else if (format == format_application && r.left() >= 8 && r.u32() == remb_name) {
    r.skip(1);
    const std::uint32_t packed = r.u24();
    out.emplace_back(MaximumBitrate{std::uint64_t{packed & 0x3ffffU} << (packed >> 18)});
  }
  if (!r.ok()) return Errc::bad_feedback;
  return {};
}

Result<void> parse_extended(base::ByteReader& r, std::uint32_t ssrc, std::vector<RtcpItem>& out) {
  while (r.left() >= 4 && out.size() < most_items) {
    const std::uint8_t type = r.u8();
    r.skip(1);
    base::ByteReader block{r.take(std::size_t{4} * r.u16())};
    if (!r.ok()) return Errc::bad_rtcp;
    if (type == block_reference_time && block.left() >= 8) out.emplace_back(ReferenceTime{ssrc, block.u64()});
    while (type == block_delay && block.left() >= 12 && out.size() < most_items) {
      const std::uint32_t source = block.u32(), reference = block.u32(), delay = block.u32();
      out.emplace_back(DelaySinceReference{source, reference, delay});
    }
  }
  return {};
}

Result<void> parse_one(std::uint8_t type, std::uint8_t count, Bytes body, std::vector<RtcpItem>& out) {
  base::ByteReader r{body};
  const std::uint32_t ssrc = type == source_description ? 0 : r.u32();
  switch (type) {
    case sender_report: {
      SenderReport report;
      report.ssrc = ssrc;
      report.ntp = r.u64();
      report.timestamp = r.u32();
      report.packets = r.u32();
      report.octets = r.u32();
      report.blocks = parse_blocks(r, count);
      if (!r.ok()) return Errc::bad_rtcp;
      out.emplace_back(std::move(report));
      return {};
    }
    case receiver_report: {
      ReceiverReport report{ssrc, parse_blocks(r, count)};
      if (!r.ok()) return Errc::bad_rtcp;
      out.emplace_back(std::move(report));
      return {};
    }
    case goodbye: {
      Bye bye;
      if (count > 0) bye.sources.push_back(ssrc);
      for (unsigned i = 1; i < count; ++i) bye.sources.push_back(r.u32());
      if (count > 0 && !r.ok()) return Errc::bad_rtcp;
      out.emplace_back(std::move(bye));
      return {};
    }
    case transport_layer: {
      const std::uint32_t media = r.u32();
      if (!r.ok()) return Errc::bad_feedback;
      if (count == format_nack) return parse_nack(r, media, out);
      if (count == format_transport_cc) out.emplace_back(TransportFeedback{r.rest()});
      return {};
    }
    case payload_specific: {
      const std::uint32_t media = r.u32();
      if (!r.ok()) return Errc::bad_feedback;
      return parse_payload_specific(count, r, media, out);
    }
    case extended:
      if (!r.ok()) return Errc::bad_rtcp;
      return parse_extended(r, ssrc, out);
    default:
      return {};
  }
}

// Writes the header and gives the place where the length is patched by close().
std::size_t open(base::ByteWriter& w, unsigned count, std::uint8_t type) {
  const std::size_t at = w.position();
  w.u8(0x80U | count);
  w.u8(type);
  w.u16(0);
  return at;
}
void close(base::ByteWriter& w, std::size_t at) { w.patch16(at + 2, (w.position() - at) / 4 - 1); }

void write_blocks(base::ByteWriter& w, std::span<const ReportBlock> blocks) {
  for (const ReportBlock& block : blocks) {
    w.u32(block.ssrc);
    w.u8(block.fraction_lost);
    w.u24(static_cast<std::uint32_t>(std::clamp(block.lost, -0x800000, 0x7fffff)) & 0xffffffU);
    w.u32(block.highest);
    w.u32(block.jitter);
    w.u32(block.last_report);
    w.u32(block.delay);
  }
}

}  // namespace

Result<std::vector<RtcpItem>> parse_rtcp(Bytes datagram) {
  std::vector<RtcpItem> out;
  base::ByteReader r{datagram};
  if (datagram.size() < 8) return Errc::bad_rtcp;
  while (r.left() >= 4 && out.size() < most_items) {
    const std::uint8_t first = r.u8(), type = r.u8();
    const std::size_t size = std::size_t{4} * r.u16();
    if (first >> 6 != 2) return Errc::bad_version;
    Bytes body = r.take(size);
    if (!r.ok()) return Errc::bad_rtcp;
    if ((first & 0x20) != 0) {
      const std::size_t padding = body.empty() ? 0 : body.back();
      if (padding == 0 || padding > body.size()) return Errc::bad_padding;
      body = body.first(body.size() - padding);
    }
    TRY_VOID(parse_one(type, first & 31, body, out));
  }
  return out;
}

void write_sender_report(base::ByteWriter& w, const SenderReport& report) {
  const std::size_t at = open(w, static_cast<unsigned>(report.blocks.size()), sender_report);
  w.u32(report.ssrc);
  w.u64(report.ntp);
  w.u32(report.timestamp);
  w.u32(report.packets);
  w.u32(report.octets);
  write_blocks(w, report.blocks);
  close(w, at);
}

void write_receiver_report(base::ByteWriter& w, std::uint32_t ssrc, std::span<const ReportBlock> blocks) {
  const std::size_t at = open(w, static_cast<unsigned>(blocks.size()), receiver_report);
  w.u32(ssrc);
  write_blocks(w, blocks);
  close(w, at);
}

void write_description(base::ByteWriter& w, std::uint32_t ssrc, std::string_view cname) {
  const std::size_t at = open(w, 1, source_description);
  w.u32(ssrc);
  w.u8(1);  // CNAME
  cname = cname.substr(0, 255);
  w.u8(cname.size());
  w.text(cname);
  w.zeros(4 - (w.position() - at) % 4);  // at least one ends the items
  close(w, at);
}

void write_bye(base::ByteWriter& w, std::uint32_t ssrc) {
  const std::size_t at = open(w, 1, goodbye);
  w.u32(ssrc);
  close(w, at);
}

void write_nack(base::ByteWriter& w, std::uint32_t sender, std::uint32_t media, std::span<const std::uint16_t> lost) {
  const std::size_t at = open(w, format_nack, transport_layer);
  w.u32(sender);
  w.u32(media);
  for (std::size_t i = 0; i < lost.size();) {
    const std::uint16_t first = lost[i++];
    std::uint16_t mask = 0;
    for (; i < lost.size(); ++i) {
      const auto step = static_cast<std::uint16_t>(lost[i] - first);
      if (step == 0 || step > 16) break;
      mask = static_cast<std::uint16_t>(mask | 1U << (step - 1));
    }
    w.u16(first);
    w.u16(mask);
  }
  close(w, at);
}

void write_picture_loss(base::ByteWriter& w, std::uint32_t sender, std::uint32_t media) {
  const std::size_t at = open(w, format_pli, payload_specific);
  w.u32(sender);
  w.u32(media);
  close(w, at);
}

void write_full_intra(base::ByteWriter& w, std::uint32_t sender, std::uint32_t media, std::uint8_t command) {
  const std::size_t at = open(w, format_fir, payload_specific);
  w.u32(sender);
  w.u32(0);
  w.u32(media);
  w.u8(command);
  w.zeros(3);
  close(w, at);
}

void write_maximum_bitrate(base::ByteWriter& w, std::uint32_t sender, std::uint64_t bits_per_second,
                           std::span<const std::uint32_t> sources) {
  const std::size_t at = open(w, format_application, payload_specific);
  w.u32(sender);
  w.u32(0);
  w.u32(remb_name);
  unsigned exponent = 0;
  while (bits_per_second >> exponent > 0x3ffff) ++exponent;
  w.u8(sources.size());
  w.u24(exponent << 18 | static_cast<std::uint32_t>(bits_per_second >> exponent));
  for (const std::uint32_t source : sources) w.u32(source);
  close(w, at);
}

void write_reference_time(base::ByteWriter& w, std::uint32_t sender, std::uint64_t ntp) {
  const std::size_t at = open(w, 0, extended);
  w.u32(sender);
  w.u8(block_reference_time);
  w.u8(0);
  w.u16(2);
  w.u64(ntp);
  close(w, at);
}

}  // namespace weir::rtp
