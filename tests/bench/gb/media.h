#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "codec/avc.h"
#include "format/ps/muxer.h"
#include "media/describe.h"
#include "proto/rtp/packet.h"

// Program streams as devices send them, made once and sent by all.
namespace weir::bench {

inline constexpr int frames_per_second = 25, frames_per_gop = 50;

// Packs of so many pictures, each with a piece of G.711: pictures in shape, filler inside.
inline std::vector<base::Buffer> make_packs(double kbps, int frames) {
  // A stream of 320x180 in Baseline, as x264 begins it.
  static const std::uint8_t sps[] = {0x67, 0x42, 0xc0, 0x0d, 0xd9, 0x01, 0x41, 0xfb, 0x01, 0x10, 0x00, 0x00,
                                     0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0x20, 0xf1, 0x42, 0xa4, 0x80};
  static const std::uint8_t pps[] = {0x68, 0xcb, 0x83, 0xcb, 0x20};
  const base::Bytes sets[] = {sps, pps};
  const auto record = codec::avc::build_configuration(std::span(sets).first(1), std::span(sets).subspan(1));
  media::CodecParameters video{.codec = media::Codec::h264, .extradata = base::SharedBytes::copy_of(record)};
  const media::Tracks tracks{
      {.id = media::TrackId::video, .generation = 0, .parameters = std::make_shared<media::CodecParameters>(video)},
      {.id = media::TrackId::audio,
       .generation = 0,
       .parameters = std::make_shared<media::CodecParameters>(*media::describe_by_frame(media::Codec::pcma, {}))}};
  ps::Muxer muxer;
  muxer.set_tracks(tracks);
  const double bytes_per_second = kbps * 125 - 64'000 / 8.0;
  const auto usual = static_cast<std::size_t>(bytes_per_second / frames_per_second * 0.8);
  std::vector<base::Buffer> packs;
  for (int i = 0; i < frames; ++i) {
    const bool key = i % frames_per_gop == 0;
    const std::size_t size = key ? usual + static_cast<std::size_t>(bytes_per_second * 0.4) : usual;
    base::Buffer unit(4 + size);
    std::memset(unit.data(), 0x5a, unit.size());
    for (int b = 0; b < 4; ++b) unit.data()[b] = static_cast<std::uint8_t>(size >> (24 - 8 * b));
    unit.data()[4] = key ? 0x65 : 0x41;
    unit.data()[5] = 0x9a;
    base::Buffer pack;
    muxer.write({.track = media::TrackId::video,
                 .codec = media::Codec::h264,
                 .dts = base::Ticks(3'600 * i),
                 .key = key,
                 .payload = base::SharedBytes::copy_of(unit)},
                pack);
    base::Buffer samples(320);
    std::memset(samples.data(), 0xd5, samples.size());
    muxer.write({.track = media::TrackId::audio,
                 .codec = media::Codec::pcma,
                 .dts = base::Ticks(3'600 * i),
                 .key = true,
                 .payload = base::SharedBytes::copy_of(samples)},
                pack);
    packs.push_back(std::move(pack));
  }
  return packs;
}

// One device's media, over a socket that is connected. What a TCP connection does not take at once waits here.
struct MediaSender {
  static constexpr std::size_t packet_bytes = 1'400, most_waiting = 4 << 20;

  int socket = -1;
  bool udp = false;
  std::uint32_t ssrc = 0;
  std::uint32_t frame = 0;  // the next one: its pack, and its time in RTP
  std::uint16_t sequence = 0;
  bool failed = false;
  std::vector<std::uint8_t> waiting;

  void send(const std::vector<base::Buffer>& packs) {
    base::Bytes left = packs[frame % packs.size()];
    const std::uint32_t timestamp = frame * 3'600;
    ++frame;
    if (udp) waiting.clear();
    while (!left.empty()) {
      const base::Bytes part = left.first(std::min(packet_bytes, left.size()));
      left = left.subspan(part.size());
      std::uint8_t head[rtp::header_bytes];
      rtp::write_head(
          head,
          {.marker = left.empty(), .payload_type = 96, .sequence = sequence++, .timestamp = timestamp, .ssrc = ssrc});
      const std::size_t size = sizeof head + part.size();
      if (!udp) {
        waiting.push_back(static_cast<std::uint8_t>(size >> 8));
        waiting.push_back(static_cast<std::uint8_t>(size));
      }
      waiting.insert(waiting.end(), head, head + sizeof head);
      waiting.insert(waiting.end(), part.begin(), part.end());
      if (udp) {
        (void)::send(socket, waiting.data(), size, MSG_DONTWAIT);
        waiting.clear();
      }
    }
    if (!udp) flush();
  }
  void flush() {
    if (waiting.empty() || failed) return;
    const ssize_t sent = ::send(socket, waiting.data(), waiting.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != ENOTCONN && errno != EINPROGRESS) failed = true;
    if (sent > 0) waiting.erase(waiting.begin(), waiting.begin() + sent);
    if (waiting.size() > most_waiting) failed = true;
  }
};

}  // namespace weir::bench
