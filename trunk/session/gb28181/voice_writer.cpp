#include "session/gb28181/voice_writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "proto/rtp/packet.h"

namespace weir::session::gb28181 {

namespace {

constexpr std::int64_t rate = 8'000;     // one byte a sample
constexpr std::int64_t tolerated = 400;  // samples, of times that were rounded or jump a little: what was sent counts
constexpr auto as_telephones = std::chrono::milliseconds(20);

std::int64_t samples_at(base::Ticks time) { return time.count() * 4 / 45; }
base::Ticks ticks_at(std::int64_t samples) { return base::Ticks(samples * 45 / 4); }

// At most what one RTP packet holds, whatever is asked for.
std::size_t samples_in(std::chrono::milliseconds packet, std::size_t most_samples) {
  const auto length = std::max<std::chrono::milliseconds>(packet, as_telephones).count();
  return std::min(static_cast<std::size_t>(length * rate / 1'000), most_samples);
}

}  // namespace

VoiceWriter::VoiceWriter(const VoiceForm& form, std::uint32_t ssrc, bool framed, std::size_t packet_bytes)
    : form_(form), ssrc_(ssrc), framed_(framed), program_(ssrc, framed, packet_bytes) {
  if (!form_.in_program_stream) return;
  auto parameters = std::make_shared<media::CodecParameters>();
  parameters->codec = form_.codec;
  parameters->sample_rate = rate;
  parameters->channels = 1;
  muxer_.set_tracks({{media::TrackId::audio, 0, std::move(parameters)}});
}

void VoiceWriter::put(base::Bytes samples, base::Ticks time) {
  const std::int64_t at = samples_at(time);
  const std::int64_t error = at - held_at_ - static_cast<std::int64_t>(held_.size());
  if (error > tolerated || error < -tolerated) {
    finish();
    marked_ = true;
    held_at_ = at;
  }
  held_.append(samples);
}

void VoiceWriter::finish() {
  if (held_.empty()) return;
  left_.append(held_.bytes());
  left_at_ = held_at_;
  left_marked_ = marked_;
  held_at_ += static_cast<std::int64_t>(held_.size());
  held_.clear();
}

bool VoiceWriter::next(base::Buffer& out) {
  if (!left_.empty()) {
    write(left_.bytes(), left_at_, left_marked_, out);
    left_.clear();
    return true;
  }
  const std::size_t count = samples_in(form_.packet, program_.payload_bytes());
  if (held_.size() < count) return false;
  write(held_.bytes().first(count), held_at_, std::exchange(marked_, false), out);
  held_at_ += static_cast<std::int64_t>(count);
  held_.consume(count);
  return true;
}

void VoiceWriter::write(base::Bytes samples, std::int64_t at, bool marked, base::Buffer& out) {
  if (form_.in_program_stream) {
    const base::Ticks time = ticks_at(at);
    pack_.clear();
    if (marked) muxer_.tell_streams();
    if (!muxer_.write({.track = media::TrackId::audio,
                       .codec = form_.codec,
                       .dts = time,
                       .key = true,
                       .payload = base::SharedBytes::copy_of(samples)},
                      pack_)) {
      return;
    }
    std::size_t done = 0;
    program_.append(pack_.bytes(), static_cast<std::uint32_t>(time.count()), done, pack_.size() * 2, out);
    return;
  }
  const std::size_t length = rtp::header_bytes + samples.size();
  std::array<std::uint8_t, 2 + rtp::header_bytes> head{static_cast<std::uint8_t>(length >> 8),
                                                       static_cast<std::uint8_t>(length)};
  rtp::write_head(base::MutableBytes(head).subspan(2), {.marker = marked,
                                                        .payload_type = form_.payload_type,
                                                        .sequence = sequence_++,
                                                        .timestamp = static_cast<std::uint32_t>(at),
                                                        .ssrc = ssrc_});
  out.append(base::Bytes(head).subspan(framed_ ? 0 : 2));
  out.append(samples);
  ++packets_;
}

}  // namespace weir::session::gb28181
