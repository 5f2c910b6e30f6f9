#include "session/gb28181/raw_reader.h"

#include "codec/nal.h"
#include "format/ps/g711.h"

namespace weir::session::gb28181 {

using base::Ticks;
using media::Codec;

namespace {

constexpr std::int64_t ticks_per_sample = 90;  // of eight samples at 8 kHz

bool is_g711(Codec codec) { return codec == Codec::pcma || codec == Codec::pcmu; }

}  // namespace

// GB/T 28181-2022 C.2.4 and C.2.5, RFC 3551 table 4.
Codec codec_of_payload(std::uint8_t payload_type) {
  switch (payload_type) {
    case 0:
      return Codec::pcmu;
    case 8:
      return Codec::pcma;
    case 98:
      return Codec::h264;
    case 99:  // before 2022
    case 100:
      return Codec::hevc;
    case 102:
      return Codec::aac;
    default:
      return Codec::none;
  }
}

RawReader::RawReader(Codec codec, media::TrackId track, std::uint32_t generation)
    : codec_(codec), track_{.id = track, .generation = generation, .parameters = nullptr} {
  if (media::kind_of(codec) == media::Kind::video) {
    assembler_ = std::make_unique<rtp::Assembler>(codec, rtp::make_unpacker(codec));
  }
  if (is_g711(codec)) {
    elementary_ = std::make_unique<ps::G711>(codec);
  } else {
    elementary_ = ts::make_elementary({.codec = codec});
  }
}

void RawReader::input(const rtp::Reorder::Ordered& packet, std::optional<Ticks> near, std::vector<media::Frame>& out) {
  if (!shift_) {
    const std::int64_t count = clock_(packet.packet.timestamp);
    const Ticks own(is_g711(codec_) ? count * ticks_per_sample / 8 : count);
    shift_ = near ? *near - own : Ticks{};
  }
  if (assembler_) {
    assembler_->input(packet);
    take_pictures(out);
  } else {
    take_sound(packet, out);
  }
}

// A picture, or parameter sets that come alone before one.
void RawReader::take_pictures(std::vector<media::Frame>& out) {
  while (const auto frame = assembler_->take()) {
    const Ticks time = Ticks(clock_(frame->timestamp)) + *shift_;
    picture_.clear();
    if (!codec::nal::append_annex_b(frame->bytes, 4, picture_)) continue;
    give(picture_, {.known = true, .pts = time, .dts = time}, out);
  }
}

void RawReader::take_sound(const rtp::Reorder::Ordered& packet, std::vector<media::Frame>& out) {
  if (packet.after_gap) elementary_->lose(0);
  ts::Elementary::Time time;
  // What clock AAC counts by nobody agrees on: after its first time, and after losses, its samples are.
  if (is_g711(codec_)) {
    time.known = true;
    time.pts = Ticks(clock_(packet.packet.timestamp) * ticks_per_sample / 8) + *shift_;
  } else if (elementary_->counts().units == 0) {
    time.known = true;
    time.pts = Ticks(clock_(packet.packet.timestamp)) + *shift_;
  }
  time.dts = time.pts;
  give(packet.packet.payload, time, out);
}

void RawReader::give(base::Bytes unit, const ts::Elementary::Time& time, std::vector<media::Frame>& out) {
  found_.clear();
  elementary_->input(unit, time, found_);
  for (ts::AccessUnit& one : found_) {
    if (one.parameters != track_.parameters) {
      if (track_.parameters) ++track_.generation;
      track_.parameters = one.parameters;
    }
    out.push_back({.track = track_.id,
                   .codec = track_.parameters->codec,
                   .dts = one.dts,
                   .composition = one.composition,
                   .key = one.key,
                   .generation = track_.generation,
                   .payload = std::move(one.payload)});
  }
}

}  // namespace weir::session::gb28181
