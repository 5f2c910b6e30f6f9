#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "base/byte_writer.h"
#include "base/bytes.h"
#include "proto/rtp/error.h"

namespace weir::rtp {

// What a receiver says of one source (RFC 3550 6.4.1).
struct ReportBlock {
  std::uint32_t ssrc = 0;
  std::uint8_t fraction_lost = 0;  // of 256
  std::int32_t lost = 0;           // cumulative; 24 bits with sign
  std::uint32_t highest = 0;       // sequence number with its cycles
  std::uint32_t jitter = 0;        // in the units of the timestamp
  std::uint32_t last_report = 0;   // the middle 32 bits of the NTP time of the last SR
  std::uint32_t delay = 0;         // since then, in 1/65536 s
};

struct SenderReport {
  std::uint32_t ssrc = 0;
  std::uint64_t ntp = 0;  // 32.32 fixed point, seconds since 1900
  std::uint32_t timestamp = 0;
  std::uint32_t packets = 0, octets = 0;
  std::vector<ReportBlock> blocks;
};
struct ReceiverReport {
  std::uint32_t ssrc = 0;
  std::vector<ReportBlock> blocks;
};
struct Bye {
  std::vector<std::uint32_t> sources;
};
struct Nack {  // RFC 4585 6.2.1: each item is a number and a mask of the 16 behind it, unpacked here
  std::uint32_t media = 0;
  std::vector<std::uint16_t> lost;
};
struct KeyFrameRequest {  // PLI (RFC 4585 6.3.1), or FIR (RFC 5104 4.3.1) with its command number
  std::uint32_t media = 0;
  bool full_intra = false;
  std::uint8_t command = 0;
};
struct MaximumBitrate {  // REMB, draft-alvestrand-rmcat-remb-03
  std::uint64_t bits_per_second = 0;
};
struct TransportFeedback {  // parsed further by parse_transport_feedback() of twcc.h
  base::Bytes body;         // from the base sequence number on
};
struct ReferenceTime {  // XR RRTR, RFC 3611 4.4
  std::uint32_t ssrc = 0;
  std::uint64_t ntp = 0;
};
struct DelaySinceReference {  // XR DLRR, RFC 3611 4.5
  std::uint32_t ssrc = 0, last_reference = 0, delay = 0;
};

using RtcpItem = std::variant<SenderReport, ReceiverReport, Bye, Nack, KeyFrameRequest, MaximumBitrate,
                              TransportFeedback, ReferenceTime, DelaySinceReference>;

// A compound packet, or a reduced one (RFC 5506). Kinds that we do not know are left out. At most most_items of it.
inline constexpr std::size_t most_items = 64, most_nacked = 1000;
base::Result<std::vector<RtcpItem>> parse_rtcp(base::Bytes datagram);

// Each appends one RTCP packet.
void write_sender_report(base::ByteWriter& w, const SenderReport& report);
void write_receiver_report(base::ByteWriter& w, std::uint32_t ssrc, std::span<const ReportBlock> blocks);
void write_description(base::ByteWriter& w, std::uint32_t ssrc, std::string_view cname);  // SDES, RFC 3550 6.5
void write_bye(base::ByteWriter& w, std::uint32_t ssrc);
// `lost` in rising order.
void write_nack(base::ByteWriter& w, std::uint32_t sender, std::uint32_t media, std::span<const std::uint16_t> lost);
void write_picture_loss(base::ByteWriter& w, std::uint32_t sender, std::uint32_t media);
void write_full_intra(base::ByteWriter& w, std::uint32_t sender, std::uint32_t media, std::uint8_t command);
void write_maximum_bitrate(base::ByteWriter& w, std::uint32_t sender, std::uint64_t bits_per_second,
                           std::span<const std::uint32_t> sources);
void write_reference_time(base::ByteWriter& w, std::uint32_t sender, std::uint64_t ntp);

}  // namespace weir::rtp
