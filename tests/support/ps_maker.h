#pragma once

#include <algorithm>
#include <optional>

#include "codec/nal.h"
#include "format/ps/syntax.h"
#include "format/ts/access_unit.h"
#include "format/ts/pes.h"
#include "media/frame.h"
#include "support/bytes.h"

namespace weir::test {

// Packs as devices write them, well or badly. Written apart from ps::Muxer, byte by byte.
struct PsFaults {
  std::size_t most_payload = 65'000;  // of a PES packet
  enum class Times : std::uint8_t { first, each, none } times = Times::first;
  enum class Map : std::uint8_t { right, none, late, wrong, wrong_checksum } map = Map::right;
  enum class Length : std::uint8_t { right, zero, too_short, too_long } length = Length::right;  // of video
  bool private_data = false;                                                                     // between the packets
  bool pack_for_each_nal = false;  // slices in packs of their own
  bool pack_header = true;
  bool audio_in_samples = false;  // times of audio count samples of 8 kHz
  bool stuffing = false;
  std::optional<std::uint8_t> audio_type;  // in place of what it is
  std::uint8_t video_id = 0xe0, audio_id = 0xc0;
};

class PsMaker {
 public:
  PsMaker(const media::Tracks& tracks, PsFaults faults) : faults_(faults) {
    for (const media::Track& track : tracks) {
      const bool video = media::kind_of(track.parameters->codec) == media::Kind::video;
      const auto type = ps::type_of_codec(track.parameters->codec);
      if (!type) continue;
      Stream& stream = video ? video_ : audio_;
      stream.writer = ts::AccessUnitWriter(*track.parameters);
      stream.type = *type;
      if (!video && faults_.audio_type) stream.type = *faults_.audio_type;
    }
  }

  ByteVector pack(const media::Frame& frame) {
    const bool video = media::kind_of(frame.codec) == media::Kind::video;
    base::Buffer unit;
    (video ? video_ : audio_).writer.append(frame.payload, frame.key, unit);
    ByteVector out;
    if (!video || !faults_.pack_for_each_nal) {
      put_pack(out, frame, video, unit, true);
    } else {
      codec::nal::AnnexB nals(unit);
      bool first = true;
      while (const auto nal = nals.next()) {
        ByteVector one = bytes("000001");
        one.insert(one.end(), nal->begin(), nal->end());
        put_pack(out, frame, video, one, std::exchange(first, false));
      }
    }
    return out;
  }

 private:
  struct Stream {
    ts::AccessUnitWriter writer;
    std::uint8_t type = 0;
  };

  void put_pack(ByteVector& out, const media::Frame& frame, bool video, base::Bytes unit, bool first) {
    if (faults_.pack_header) {
      out = out + bytes("000001ba 44 00 04 00 04 01 01 89 c3") + (faults_.stuffing ? bytes("fb ffffff") : bytes("f8"));
    }
    const bool maps = video && frame.key && first && faults_.map != PsFaults::Map::none;
    if (maps) {
      out = out + bytes("000001bb 000c 80c351 04e17f e0e190 c0c020");
      if (faults_.map != PsFaults::Map::late) put_map(out);
    }
    bool first_part = true;
    do {
      const base::Bytes part = unit.first(std::min(unit.size(), faults_.most_payload));
      unit = unit.subspan(part.size());
      put_pes(out, frame, video, part, first_part);
      first_part = false;
    } while (!unit.empty());
    if (maps && faults_.map == PsFaults::Map::late) put_map(out);
  }

  void put_map(ByteVector& out) const {
    ByteVector list;
    if (video_.type != 0) {
      const bool lies = faults_.map == PsFaults::Map::wrong;
      const std::uint8_t type = !lies ? video_.type : video_.type == 0x1b ? 0x24 : 0x1b;
      list = list + ByteVector{type, faults_.video_id, 0, 0};
    }
    if (audio_.type != 0) list = list + ByteVector{audio_.type, faults_.audio_id, 0, 0};
    const auto size = static_cast<std::uint8_t>(list.size());
    out = out + bytes("000001bc 00") + ByteVector{static_cast<std::uint8_t>(10 + size)} + bytes("e1ff 0000 00") +
          ByteVector{size} + list +
          (faults_.map == PsFaults::Map::wrong_checksum ? bytes("deadbeef") : bytes("00000000"));
  }

  void put_pes(ByteVector& out, const media::Frame& frame, bool video, base::Bytes part, bool first) {
    const bool timed = faults_.times == PsFaults::Times::each || (faults_.times == PsFaults::Times::first && first);
    ByteVector fields;
    if (timed) {
      const std::int64_t scale = !video && faults_.audio_in_samples ? 8'000 : 90'000;
      const auto pts = static_cast<std::uint64_t>((frame.dts + frame.composition).count() * scale / 90'000);
      const auto dts = static_cast<std::uint64_t>(frame.dts.count() * scale / 90'000);
      std::uint8_t header[ts::largest_pes_header];
      const std::size_t size = ts::write_pes_header(header, 0, pts, dts, 0);
      fields.assign(header + 9, header + size);
    }
    std::size_t length = 3 + fields.size() + part.size();
    if (video && faults_.length == PsFaults::Length::zero) length = 0;
    if (video && faults_.length == PsFaults::Length::too_short) length -= part.size() / 2;
    if (video && faults_.length == PsFaults::Length::too_long) length += 40;
    const std::uint8_t flags = fields.empty() ? 0 : fields.size() == 5 ? 0x80 : 0xc0;
    out = out + ByteVector{0,
                           0,
                           1,
                           video ? faults_.video_id : faults_.audio_id,
                           static_cast<std::uint8_t>(length >> 8),
                           static_cast<std::uint8_t>(length),
                           0x80,
                           flags,
                           static_cast<std::uint8_t>(fields.size())};
    out = out + fields;
    out.insert(out.end(), part.begin(), part.end());
    if (faults_.private_data) out = out + bytes("000001bd 0008 8000 05 48494b0001");
  }

  PsFaults faults_;
  Stream video_, audio_;
};

}  // namespace weir::test
