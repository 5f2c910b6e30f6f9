#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenario/support/rtmp_peer.h"
#include "support/gb_sender.h"
#include "support/media_files.h"
#include "support/ps_maker.h"

// A clip as a camera of GB/T 28181 sends it, and as players of RTMP get it.
namespace weir::test {

inline const MediaFile& clip() {
  static const MediaFile file = read_ts(test_file("ts/h264_aac.ts"));
  return file;
}

// Sends the clip, once; with its times as far on as `shift` says, and without the first packet of one of its pictures.
inline void send_clip(GbSender& sender, PsFaults faults, base::Ticks shift = {},
                      std::optional<std::size_t> lossy_picture = {}) {
  PsMaker maker(clip().tracks, faults);
  std::size_t number = 0;
  for (const auto& frame : clip().frames) {
    media::Frame moved = *frame;
    moved.dts += shift;
    const bool picture = frame->track == media::TrackId::video;
    const bool loses = picture && lossy_picture == number;
    number += picture ? 1 : 0;
    sender.send(maker.pack(moved), static_cast<std::uint32_t>(moved.dts.count()),
                loses ? std::optional<std::size_t>(0) : std::nullopt);
  }
}

// What a player of RTMP was given: bodies of pictures behind the five bytes of their tag.
inline std::vector<std::string> bodies(const RtmpPeer& player) {
  std::vector<std::string> out;
  for (const auto& message : player.media) {
    const base::Bytes body = message.payload;
    if (message.type == rtmp::MessageType::video && body.size() > 5 && body[1] == 1) {
      out.push_back(hex(body.subspan(5)));
    }
  }
  return out;
}
inline std::vector<std::string> sent_bodies() {
  std::vector<std::string> out;
  for (const auto& frame : clip().of(media::TrackId::video)) out.push_back(hex(frame->payload));
  return out;
}

}  // namespace weir::test
