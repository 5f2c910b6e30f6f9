#include "session/common/bare_audio.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/aac.h"
#include "codec/mp3.h"
#include "format/audio_timing.h"

namespace weir::session {

using base::Bytes;
using base::Result;
using media::Codec;

namespace {

constexpr std::size_t most_without_sound = 64 * 1024;

Codec codec_at(Bytes bytes) {
  if (const auto adts = codec::aac::parse_adts_header(bytes); adts && adts->frame_bytes > adts->header_bytes) {
    return Codec::aac;
  }
  return codec::mp3::parse_frame_header(bytes) ? Codec::mp3 : Codec::none;
}

bool is_tag(Bytes head) { return base::as_text(head).starts_with("ID3"); }

// ID3v2.4 3.1: a length of four times seven bits, without the header and without the footer.
std::size_t tag_bytes(Bytes head) {
  std::size_t size = 0;
  for (std::size_t i = 6; i < 10; ++i) size = size << 7 | (head[i] & 0x7fU);
  return 10 + size + ((head[5] & 0x10) != 0 ? 10 : 0);
}

// A frame without sound that says how long the file is (Xing, Info, VBRI): behind the header and the side information
// of any kind of stream.
bool is_index(Bytes frame) {
  constexpr std::array<std::size_t, 4> places{13, 21, 36, 36};
  return std::ranges::any_of(places, [&](std::size_t at) {
    if (frame.size() < at + 4) return false;
    const std::string_view word = base::as_text(frame.subspan(at, 4));
    return word == "Xing" || word == "Info" || word == "VBRI";
  });
}

}  // namespace

bool BareAudio::is(Bytes head) { return head.size() >= head_bytes && (is_tag(head) || codec_at(head) != Codec::none); }

// Whether what is held begins with sound; what comes before it is let go.
bool BareAudio::begin() {
  const Bytes all = head_;
  std::size_t at = 0;
  while (codec_ == Codec::none) {
    const std::size_t skipped = std::min(to_skip_, all.size() - at);
    at += skipped;
    to_skip_ -= skipped;
    const Bytes rest = all.subspan(at);
    if (rest.size() < head_bytes || looked_at_ > most_without_sound) break;
    if (is_tag(rest)) {
      to_skip_ = tag_bytes(rest);
      continue;
    }
    codec_ = codec_at(rest);
    if (codec_ != Codec::none) break;
    ++at;
    ++looked_at_;
  }
  head_.consume(at);
  if (codec_ == Codec::none) return false;
  elementary_ = ts::make_elementary({.codec = codec_});
  return true;
}

bool BareAudio::input(Bytes piece) {
  const bool begins = !elementary_;
  if (begins) {
    if (piece.size() <= to_skip_) {
      to_skip_ -= piece.size();
      return true;
    }
    head_.append(piece);
    if (!begin()) return looked_at_ <= most_without_sound;
    piece = head_;
  }
  elementary_->input(piece, {.known = begins, .pts = {}, .dts = {}}, units_);
  head_.release_memory();
  if (!any_ && !units_.empty()) {
    any_ = true;
    if (codec_ == Codec::mp3 && is_index(units_.front().payload)) units_.erase(units_.begin());
  }
  return true;
}

Result<void> BareAudio::drain(MediaSink& sink) {
  for (ts::AccessUnit& unit : std::exchange(units_, {})) {
    if (unit.parameters != parameters_) {
      if (parameters_) ++generation_;
      const bool first = !std::exchange(parameters_, unit.parameters);
      if (first) sink.expect({.video = false, .audio = true});
      TRY_VOID(sink.set_tracks({{media::TrackId::audio, generation_, parameters_}}));
    }
    tail_ = format::AudioTiming(*parameters_).duration(unit.payload);
    sink.put(media::Frame{.track = media::TrackId::audio,
                          .codec = parameters_->codec,
                          .dts = unit.dts,
                          .key = true,
                          .generation = generation_,
                          .payload = std::move(unit.payload)});
  }
  return {};
}

}  // namespace weir::session
