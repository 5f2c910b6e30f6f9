#include "app/bench/clip.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <tuple>

#include "app/bench/errc.h"
#include "app/bench/stamp.h"
#include "base/byte_reader.h"

namespace weir::bench {

namespace {

constexpr std::uint8_t audio = 8, video = 9, script = 18;

// 640x360, baseline 3.0: AVCDecoderConfigurationRecord, ISO 14496-15 5.3.3.1.2, behind key frame, AVC, header, no
// offset.
constexpr std::uint8_t avc_header[] = {0x17, 0x00, 0x00, 0x00, 0x00, 0x01, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0x00,
                                       0x19, 0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x70, 0x11,
                                       0x00, 0x00, 0x03, 0x00, 0x01, 0x00, 0x00, 0x03, 0x00, 0x3c, 0x0f, 0x16,
                                       0x2e, 0x48, 0x01, 0x00, 0x05, 0x68, 0xcb, 0x83, 0xcb, 0x20};
// AAC LC, 44100 Hz, stereo: AudioSpecificConfig 12 10.
constexpr std::uint8_t aac_header[] = {0xaf, 0x00, 0x12, 0x10};

ClipMessage append(Clip& clip, std::uint8_t type, std::uint32_t time_ms, std::size_t size) {
  ClipMessage m{.type = type, .time_ms = time_ms, .offset = clip.bytes.size(), .size = size};
  clip.bytes.resize(clip.bytes.size() + size, 0x5a);
  return m;
}

void append_header(Clip& clip, std::uint8_t type, base::Bytes payload) {
  ClipMessage m = append(clip, type, 0, payload.size());
  std::copy(payload.begin(), payload.end(), clip.bytes.begin() + static_cast<std::ptrdiff_t>(m.offset));
  m.header = true;
  clip.headers.push_back(m);
}

void append_frame(Clip& clip, std::uint32_t time_ms, std::size_t size, bool key) {
  size = std::max<std::size_t>(size, 10 + stamp_size);
  ClipMessage m = append(clip, video, time_ms, size);
  m.stamped = true;
  const std::size_t nal_size = size - 9;
  const std::uint8_t head[] = {static_cast<std::uint8_t>(key ? 0x17 : 0x27),
                               0x01,
                               0x00,
                               0x00,
                               0x00,
                               static_cast<std::uint8_t>(nal_size >> 24),
                               static_cast<std::uint8_t>(nal_size >> 16),
                               static_cast<std::uint8_t>(nal_size >> 8),
                               static_cast<std::uint8_t>(nal_size),
                               static_cast<std::uint8_t>(key ? 0x65 : 0x41)};
  std::copy(std::begin(head), std::end(head), clip.bytes.begin() + static_cast<std::ptrdiff_t>(m.offset));
  clip.messages.push_back(m);
}

void sort_by_time(Clip& clip) {
  std::sort(clip.messages.begin(), clip.messages.end(), [](const ClipMessage& a, const ClipMessage& b) {
    return std::tie(a.time_ms, a.offset) < std::tie(b.time_ms, b.offset);  // at equal times, as they were appended
  });
}

bool is_header(std::uint8_t type, base::Bytes body) {
  if (type == script) return true;
  if (type == audio) return body.size() >= 2 && (body[0] >> 4) == 10 && body[1] == 0;
  if (body.empty()) return false;
  if (body[0] & 0x80) return (body[0] & 0x0f) == 0 || (body[0] & 0x0f) == 4;  // Enhanced RTMP: SequenceStart, Metadata
  return body.size() >= 2 && ((body[0] & 0x0f) == 7 || (body[0] & 0x0f) == 12) && body[1] == 0;
}

// The end of a sequence: between two rounds the stream goes on.
bool is_end(std::uint8_t type, base::Bytes body) {
  if (type != video || body.size() < 2) return false;
  return body[0] & 0x80 ? (body[0] & 0x0f) == 2 : ((body[0] & 0x0f) == 7 || (body[0] & 0x0f) == 12) && body[1] == 2;
}

}  // namespace

double Clip::bits_per_second() const {
  std::size_t size = 0;
  for (const ClipMessage& m : messages) size += m.size;
  return length_ms ? static_cast<double>(size) * 8000 / length_ms : 0;
}

Clip make_clip(const SyntheticClip& wanted) {
  Clip clip;
  append_header(clip, video, avc_header);
  append_header(clip, audio, aac_header);
  clip.length_ms = static_cast<std::uint32_t>(wanted.seconds * 1000);

  const double frame_bytes = std::max(0.0, wanted.kbps - wanted.audio_kbps) * 1000 / 8 / wanted.frames_per_second;
  const auto gop =
      std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(wanted.gop_seconds * wanted.frames_per_second)));
  // A key frame weighs as much as ten others, or the whole group if that is shorter.
  const double key_weight = std::min<double>(10, static_cast<double>(gop));
  const double unit = frame_bytes * static_cast<double>(gop) / (key_weight + static_cast<double>(gop) - 1);
  const auto frames = static_cast<std::size_t>(std::lround(wanted.seconds * wanted.frames_per_second));
  for (std::size_t i = 0; i < frames; ++i) {
    const bool key = i % gop == 0;
    append_frame(clip, static_cast<std::uint32_t>(static_cast<double>(i) * 1000 / wanted.frames_per_second),
                 static_cast<std::size_t>(key ? unit * key_weight : unit), key);
  }
  const double audio_step_ms = 1024.0 * 1000 / 44100;
  const auto audio_size = static_cast<std::size_t>(std::max(4.0, wanted.audio_kbps * audio_step_ms / 8));
  for (double at = 0; at < static_cast<double>(clip.length_ms); at += audio_step_ms) {
    const ClipMessage m = append(clip, audio, static_cast<std::uint32_t>(at), audio_size);
    clip.bytes[m.offset] = 0xaf;
    clip.bytes[m.offset + 1] = 0x01;
    clip.messages.push_back(m);
  }
  sort_by_time(clip);
  return clip;
}

base::Result<Clip> parse_clip(base::Bytes flv) {
  base::ByteReader in{flv};
  const std::string_view signature = in.text(3);
  in.skip(2);
  const std::uint32_t header_size = in.u32();
  if (!in.ok() || signature != "FLV" || header_size < 9) return Errc::bad_flv;
  in.skip(header_size - 9 + 4);

  Clip clip;
  bool any_video = false;
  while (in.ok() && in.left() > 0) {
    const std::uint8_t type = in.u8() & 0x1f;
    const std::uint32_t size = in.u24();
    const std::uint32_t low = in.u24();
    const std::uint32_t high = in.u8();
    in.skip(3);
    const base::Bytes body = in.take(size);
    if (!in.ok()) return Errc::bad_flv;
    in.skip(std::min<std::size_t>(4, in.left()));  // many writers leave out the last PreviousTagSize
    if ((type != audio && type != video && type != script) || body.empty() || is_end(type, body)) continue;
    if (is_header(type, body)) {
      // One of each kind: what repeats in the file would otherwise be sent several times at the start.
      const bool known =
          std::any_of(clip.headers.begin(), clip.headers.end(), [&](const ClipMessage& h) { return h.type == type; });
      if (!known) append_header(clip, type, body);
      continue;
    }
    ClipMessage m = append(clip, type, high << 24 | low, body.size());
    std::copy(body.begin(), body.end(), clip.bytes.begin() + static_cast<std::ptrdiff_t>(m.offset));
    m.stamped = type == video && m.size >= 10 + stamp_size;
    any_video = any_video || m.stamped;
    clip.messages.push_back(m);
  }
  if (!any_video) return Errc::no_video;
  sort_by_time(clip);
  const std::uint32_t first = clip.messages.front().time_ms;
  for (ClipMessage& m : clip.messages) m.time_ms -= first;
  const auto video_count = static_cast<std::uint32_t>(
      std::count_if(clip.messages.begin(), clip.messages.end(), [](const ClipMessage& m) { return m.type == video; }));
  const std::uint32_t span = clip.messages.back().time_ms;
  clip.length_ms = span + std::max(1u, span / std::max(1u, video_count));
  return clip;
}

base::Result<Clip> load_clip(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::ErrorCode{errno, boost::system::generic_category()};
  const std::vector<char> all{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return parse_clip(base::as_bytes({all.data(), all.size()}));
}

}  // namespace weir::bench
