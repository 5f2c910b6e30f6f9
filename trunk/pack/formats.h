#pragma once

#include <array>

#include "hub/packager.h"
#include "pack/envelope.h"
#include "pack/piped.h"

namespace weir::pack {

// The formats that players read. The hub knows them by number alone.
inline constexpr hub::FormatId rtmp{3};             // RTMP messages, chunked
inline constexpr hub::FormatId rtmp_multitrack{4};  // the same with all tracks, for players that know Enhanced RTMP v2

inline constexpr hub::FormatId rtp{5};          // payloads of RTP packets, frame by frame
inline constexpr hub::FormatId pushed{6};       // messages for other RTMP servers, each as an FLV tag; see pack/push.h
inline constexpr hub::FormatId ts_messages{8};  // a transport stream for SRT: like that of HTTP, sooner
inline constexpr hub::FormatId ps{9};           // a program stream, pack by pack, for platforms of GB/T 28181

// The same with other tracks than the first ones: which of each kind, from 1 to most_choices.
inline constexpr unsigned most_choices = 4;
constexpr hub::FormatId rtp_of(unsigned video, unsigned audio) {
  if (video <= 1 && audio <= 1) return rtp;
  return hub::FormatId{static_cast<std::uint8_t>(64 + most_choices * (video - 1) + audio - 1)};
}

// What is streamed over HTTP without end.
enum class Live : std::uint8_t { flv, ts, mp4, aac, mp3 };
inline constexpr std::array all_live{Live::flv, Live::ts, Live::mp4, Live::aac, Live::mp3};

constexpr hub::FormatId format_of(Live live, Envelope envelope) {
  return hub::FormatId{static_cast<std::uint8_t>(16 + 4 * static_cast<int>(live) + static_cast<int>(envelope))};
}

// What programs read on their standard input: FLV, or a transport stream.
constexpr hub::FormatId piped_format(bool ts, Only only) {
  return hub::FormatId{static_cast<std::uint8_t>(48 + (ts ? 4 : 0) + static_cast<int>(only))};
}

// Every format of this server with the way to make its packager.
hub::Formats all_formats();

}  // namespace weir::pack
