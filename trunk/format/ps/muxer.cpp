#include "format/ps/muxer.h"

#include <algorithm>

#include "base/byte_writer.h"
#include "format/ps/syntax.h"
#include "format/ts/pes.h"
#include "format/ts/psi.h"

namespace weir::ps {

using base::Bytes;
using base::Ticks;

namespace {

constexpr std::uint32_t mux_rate = 50'000;  // in units of 50 bytes a second: 20 Mb/s; receivers do not hold us to it

std::uint64_t clock_of(Ticks time) { return static_cast<std::uint64_t>(time.count()) & 0x1ffffffffU; }

}  // namespace

void Muxer::set_tracks(const media::Tracks& tracks) {
  streams_.clear();
  bool has[2] = {false, false};
  for (const media::Track& track : tracks) {
    const auto type = type_of_codec(track.parameters->codec);
    const bool video = media::kind_of(track.parameters->codec) == media::Kind::video;
    if (!type || std::exchange(has[video ? 1 : 0], true)) continue;
    Stream stream;
    stream.id = track.id;
    stream.stream_id = video ? ts::stream_id_video : ts::stream_id_audio;
    stream.type = *type;
    stream.unit = ts::AccessUnitWriter(*track.parameters);
    streams_.push_back(std::move(stream));
  }
  version_ = static_cast<std::uint8_t>((version_ + 1) & 0x1f);
  map_due_ = true;
}

bool Muxer::carries(media::TrackId id) const {
  return std::any_of(streams_.begin(), streams_.end(), [id](const Stream& stream) { return stream.id == id; });
}

// 2.5.3.3
void Muxer::write_pack_header(Ticks time, base::Buffer& out) const {
  const std::uint64_t clock = clock_of(time);
  base::ByteWriter w{out};
  w.u32(0x100 | id_pack);
  // '01', three pieces of the clock with a marker behind each, the extension (0) with one.
  w.u16(0x4000 | (clock >> 30 & 7) << 11 | 0x0400 | (clock >> 20 & 0x3ff));
  w.u16((clock >> 15 & 0x1f) << 11 | 0x0400 | (clock >> 5 & 0x3ff));
  w.u16((clock & 0x1f) << 11 | 0x0400 | 1);
  w.u24(mux_rate << 2 | 3);
  w.u8(0xf8);  // no stuffing
}

// 2.5.3.5
void Muxer::write_system_header(base::Buffer& out) const {
  base::ByteWriter w{out};
  w.u32(0x100 | id_system_header);
  w.u16(6 + 3 * streams_.size());
  w.u24(0x800000 | mux_rate << 1 | 1);
  w.u8(1 << 2);    // audio_bound, no fixed rate, no constrained parameters
  w.u8(0xe0 | 1);  // locked clocks, marker, video_bound
  w.u8(0x7f);
  for (const Stream& stream : streams_) {
    w.u8(stream.stream_id);
    w.u16(0xe000 | (is_video(stream.stream_id) ? 400 : 32));  // 1 KiB or 128 bytes: of the decoder's buffer
  }
}

// 2.5.4.1
void Muxer::write_map(base::Buffer& out) const {
  const std::size_t begin = out.size();
  base::ByteWriter w{out};
  w.u32(0x100 | id_map);
  w.u16(6 + 4 * streams_.size() + 4);
  w.u8(0xe0 | version_);  // it applies now
  w.u8(0xff);
  w.u16(0);
  w.u16(4 * streams_.size());
  for (const Stream& stream : streams_) {
    w.u8(stream.type);
    w.u8(stream.stream_id);
    w.u16(0);
  }
  w.u32(ts::crc32(out.bytes().subspan(begin)));
}

bool Muxer::write(const media::Frame& frame, base::Buffer& out) {
  const auto found =
      std::find_if(streams_.begin(), streams_.end(), [&](const Stream& stream) { return stream.id == frame.track; });
  if (found == streams_.end() || found->unit.bytes(frame.payload, frame.key) == 0) return false;
  const Stream& stream = *found;
  const bool video = is_video(stream.stream_id);
  write_pack_header(frame.dts + options_.offset - options_.lead, out);
  if (map_due_ || (video && frame.key)) {
    write_system_header(out);
    write_map(out);
    map_due_ = false;
  }
  unit_.clear();
  stream.unit.append(frame.payload, frame.key, unit_);
  const std::uint64_t dts = clock_of(frame.dts + options_.offset);
  const std::uint64_t pts = video ? clock_of(frame.dts + frame.composition + options_.offset) : dts;
  Bytes left = unit_;
  for (bool first = true; first || !left.empty(); first = false) {
    const Bytes part = left.first(std::min(left.size(), options_.most_pes_payload));
    left = left.subspan(part.size());
    std::uint8_t header[ts::largest_pes_header];
    std::size_t header_bytes = 9;
    if (first) {
      header_bytes = ts::write_pes_header(header, stream.stream_id, pts, dts, part.size());
    } else {
      const std::size_t length = part.size() + 3;
      const std::uint8_t plain[] = {
          0,    0, 1, stream.stream_id, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length),
          0x80, 0, 0};
      std::copy(std::begin(plain), std::end(plain), header);
    }
    out.append({header, header_bytes});
    out.append(part);
  }
  return true;
}

}  // namespace weir::ps
