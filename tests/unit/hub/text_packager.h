#pragma once

#include <fmt/format.h>

#include "hub/packager.h"

namespace weir::test {

inline constexpr hub::FormatId text_format{1};

// Frames as text: "v40k1 " is a key frame of generation 1 at 40 ms, "a40.0 " sound; a change of tracks is "T1 ", with
// the highest generation.
class TextPackager final : public hub::Packager {
 public:
  void set_tracks(const media::Tracks& tracks, std::vector<hub::Wire>& out) override {
    std::uint32_t generation = 0;
    for (const media::Track& track : tracks) generation = std::max(generation, track.generation);
    if (std::exchange(told_, true)) out.push_back(wire(fmt::format("T{} ", generation), {}));
  }
  void package(const media::Frame& frame, bool entry, std::vector<hub::Wire>& out) override {
    const bool sound = media::kind_of(frame.codec) == media::Kind::audio;
    out.push_back(wire(fmt::format("{}{}{}{} ", sound ? 'a' : 'v', base::to_millis(frame.dts), frame.key ? 'k' : '.',
                                   frame.generation),
                       frame.dts));
    out.back().entry = entry;
  }
  bool carries_media() const override { return true; }
  base::SharedBytes header() const override { return {}; }

  static hub::Formats formats() {
    return {{text_format, [](const config::Vhost&) { return std::make_unique<TextPackager>(); }}};
  }

 private:
  static hub::Wire wire(const std::string& text, base::Ticks time) {
    hub::Wire made;
    made.bytes = base::SharedBytes::copy_of(base::as_bytes(text));
    made.dts = time;
    return made;
  }
  bool told_ = false;
};

inline media::Track track(media::TrackId id, media::Codec codec, std::uint32_t generation = 0) {
  auto parameters = std::make_shared<media::CodecParameters>();
  parameters->codec = codec;
  return {id, generation, std::move(parameters)};
}

inline media::Tracks picture_and_sound() {
  return {track(media::TrackId::video, media::Codec::h264), track(media::TrackId::audio, media::Codec::aac)};
}

inline media::FrameRef picture(std::int64_t millis, bool key = false) {
  auto frame = std::make_shared<media::Frame>();
  frame->track = media::TrackId::video;
  frame->codec = media::Codec::h264;
  frame->dts = std::chrono::milliseconds(millis);
  frame->key = key;
  frame->payload = base::SharedBytes::copy_of(base::as_bytes("picture"));
  return frame;
}

inline media::FrameRef sound(std::int64_t millis) {
  auto frame = std::make_shared<media::Frame>();
  frame->track = media::TrackId::audio;
  frame->codec = media::Codec::aac;
  frame->dts = std::chrono::milliseconds(millis);
  frame->payload = base::SharedBytes::copy_of(base::as_bytes("sound"));
  return frame;
}

}  // namespace weir::test
