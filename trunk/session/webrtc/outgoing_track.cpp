#include "session/webrtc/outgoing_track.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "proto/rtp/packet.h"
#include "proto/rtp/sequence.h"

namespace weir::session::webrtc {

using base::Bytes;
using base::MutableBytes;

namespace {

// What may be sent again: a share of what is sent, and a burst beside it.
constexpr std::int64_t resend_share = 4;  // a fourth
constexpr std::int64_t first_credit = 32 * 1024, most_credit = 128 * 1024;
constexpr std::size_t remembered_resends = 128;

// RFC 8285 4.2: one-byte headers.
constexpr std::size_t extension_head_bytes = 4, capture_bytes = 9;

void put16(std::uint8_t* at, std::uint16_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}

// Twelve bits of units of 10 ms.
std::uint32_t delay_units(std::chrono::milliseconds delay) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(delay.count() / 10, 0, 0xfff));
}

constexpr std::size_t padded(std::size_t size) { return (size + 3) / 4 * 4; }

}  // namespace

OutgoingTrack::OutgoingTrack(const sdp::AgreedMedia& agreed, Start start, std::optional<PlayoutDelay> delay,
                             PacketSink& sink, std::uint16_t& transport_sequence)
    : kind_(agreed.kind == sdp::Kind::video ? media::Kind::video : media::Kind::audio),
      ssrc_(agreed.ssrc),
      retransmission_ssrc_(agreed.retransmission_ssrc),
      sink_(sink),
      transport_sequence_(transport_sequence),
      codecs_(agreed.codecs),
      timestamp_base_(start.timestamp),
      sequence_(start.sequence),
      retransmission_sequence_(start.retransmission_sequence),
      resend_credit_(first_credit) {
  figures_.ssrc = ssrc_;
  lay_out_extensions(agreed.extensions, agreed.mid, kind_ == media::Kind::video ? delay : std::nullopt);
}

// The same in each packet, so that all are of one size and leave in one system call.
void OutgoingTrack::lay_out_extensions(const sdp::ExtensionIds& ids, const std::string& mid,
                                       std::optional<PlayoutDelay> delay) {
  std::size_t at = extension_head_bytes;
  const auto add = [&](std::uint8_t id, Bytes data) {
    if (id == 0 || id > 14 || data.empty() || data.size() > 16) return;
    if (at + 1 + data.size() > extensions_.size()) return;
    extensions_[at++] = static_cast<std::uint8_t>(id * 16U + data.size() - 1);
    std::memcpy(extensions_.data() + at, data.data(), data.size());
    at += data.size();
  };
  const std::array<std::uint8_t, 2> number{};
  add(ids.transport_cc, number);
  if (at > extension_head_bytes) number_at_ = at - number.size();
  add(ids.mid, base::as_bytes(mid));
  if (delay) {
    const std::uint32_t both = delay_units(delay->least) << 12 | delay_units(delay->most);
    const std::array<std::uint8_t, 3> data{static_cast<std::uint8_t>(both >> 16), static_cast<std::uint8_t>(both >> 8),
                                           static_cast<std::uint8_t>(both)};
    add(ids.playout_delay, data);
  }
  capture_id_ = ids.abs_capture_time <= 14 ? ids.abs_capture_time : std::uint8_t{0};
  extensions_bytes_ = at == extension_head_bytes ? 0 : at;
}

// Writes the extension block, padded; gives its length. `room` holds 64 bytes.
std::size_t OutgoingTrack::write_extensions(MutableBytes room, std::uint16_t number, std::uint64_t capture) const {
  std::size_t at = extensions_bytes_;
  if (at == 0 && capture == 0) return 0;
  if (at == 0) at = extension_head_bytes;
  std::memcpy(room.data(), extensions_.data(), at);
  if (number_at_ != 0) put16(room.data() + number_at_, number);
  if (capture != 0) {
    room[at++] = static_cast<std::uint8_t>(capture_id_ * 16U + capture_bytes - 2);
    for (int shift = 56; shift >= 0; shift -= 8) room[at++] = static_cast<std::uint8_t>(capture >> shift);
  }
  const std::size_t size = padded(at);
  for (; at < size; ++at) room[at] = 0;
  put16(room.data(), 0xbede);
  put16(room.data() + 2, static_cast<std::uint16_t>((size - extension_head_bytes) / 4));
  return size;
}

std::uint32_t OutgoingTrack::timestamp_of(base::Ticks time) const {
  constexpr std::int64_t rate = base::Ticks::period::den;
  const std::int64_t count = time.count();
  // In two steps, so that no product overflows, and the same for times before zero.
  const std::int64_t whole = count >= 0 ? count / rate : (count - rate + 1) / rate;
  const std::int64_t scaled = whole * clock_rate_ + (count - whole * rate) * clock_rate_ / rate;
  return timestamp_base_ + static_cast<std::uint32_t>(scaled);
}

bool OutgoingTrack::begin(const pack::RtpWire& wire, Position position, base::Ticks time) {
  if (!codec_ || codec_->codec != wire.codec()) {
    const auto found = std::find_if(codecs_.begin(), codecs_.end(),
                                    [&](const sdp::AgreedCodec& one) { return one.codec == wire.codec(); });
    if (found == codecs_.end()) {
      ++figures_.not_agreed;
      return false;
    }
    codec_ = &*found;
    clock_rate_ = codec_->clock_rate;
    figures_.codec = codec_->codec;
  }
  current_ = position;
  next_payload_ = 0;
  timestamp_ = timestamp_of(time);
  ++figures_.frames;
  return true;
}

std::size_t OutgoingTrack::send(const pack::RtpWire& wire, std::size_t most, std::uint64_t capture) {
  const std::size_t count = std::min(most, wire.count() - std::min(wire.count(), next_payload_));
  if (count == 0) return 0;
  if (sent_.empty()) sent_.resize(most_kept);
  newest_ = (newest_ + 1) % most_kept;
  kept_ = std::min(kept_ + 1, most_kept);
  sent_[newest_] = {.position = *current_,
                    .capture = capture_id_ != 0 ? capture : 0,
                    .timestamp = timestamp_,
                    .first_sequence = sequence_,
                    .first_number = transport_sequence_,
                    .first_payload = static_cast<std::uint16_t>(next_payload_),
                    .count = static_cast<std::uint16_t>(count),
                    .payload_type = codec_->payload,
                    .retransmission = codec_->retransmission};
  pack::RtpWire::Walk walk(wire, next_payload_);
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes payload = *walk.next();
    put(sent_[newest_], i, payload, wire.count(), nullptr);
    figures_.bytes += payload.size();
  }
  next_payload_ += count;
  sequence_ = static_cast<std::uint16_t>(sequence_ + count);
  if (number_at_ != 0) transport_sequence_ = static_cast<std::uint16_t>(transport_sequence_ + count);
  figures_.packets += count;
  resend_credit_ = std::min(most_credit, resend_credit_ + static_cast<std::int64_t>(count) * 1200 / resend_share);
  return count;
}

// The packet number `index` of a run; as one of the other source if it is a retransmission of its own kind.
void OutgoingTrack::put(const Sent& sent, std::size_t index, Bytes payload, std::size_t of_frame, const Apart* apart) {
  const MutableBytes room = sink_.room(rtp::header_bytes + 64 + 2 + payload.size());
  const auto sequence = static_cast<std::uint16_t>(sent.first_sequence + index);
  const auto number = static_cast<std::uint16_t>(sent.first_number + index);
  const std::size_t extensions = write_extensions(room.subspan(rtp::header_bytes), apart ? apart->number : number,
                                                  index == 0 && !apart ? sent.capture : 0);
  rtp::write_head(room, {.marker = kind_ == media::Kind::video && sent.first_payload + index + 1 == of_frame,
                         .extension = extensions != 0,
                         .payload_type = apart ? apart->payload_type : sent.payload_type,
                         .sequence = apart ? apart->sequence : sequence,
                         .timestamp = sent.timestamp,
                         .ssrc = apart ? retransmission_ssrc_ : ssrc_});
  std::size_t at = rtp::header_bytes + extensions;
  if (apart) {  // RFC 4588 4: the original sequence number goes before the payload
    put16(room.data() + at, sequence);
    at += 2;
  }
  std::memcpy(room.data() + at, payload.data(), payload.size());
  sink_.put_rtp(at + payload.size());
}

const OutgoingTrack::Sent* OutgoingTrack::find(std::uint16_t sequence) const {
  for (std::size_t i = 0; i < kept_; ++i) {
    const Sent& one = sent_[(newest_ + most_kept - i) % most_kept];
    const auto index = static_cast<std::uint16_t>(sequence - one.first_sequence);
    if (index < one.count) return &one;
  }
  return nullptr;
}

bool OutgoingTrack::may_resend(std::uint16_t sequence, base::Instant now, base::Instant::duration round_trip) {
  for (Resent& one : resent_) {
    if (one.sequence != sequence) continue;
    if (now - one.at < round_trip) return false;
    one.at = now;
    return true;
  }
  if (resent_.size() < remembered_resends) {
    if (resent_.empty()) resent_.reserve(remembered_resends);
    resent_.push_back({sequence, now});
  } else {
    resent_[next_resent_] = {sequence, now};
    next_resent_ = (next_resent_ + 1) % remembered_resends;
  }
  return true;
}

void OutgoingTrack::resend(std::uint16_t sequence, const hub::Log<hub::Wire>& log, base::Instant now,
                           base::Instant::duration round_trip) {
  ++figures_.nacked;
  const Sent* const sent = find(sequence);
  if (!sent || sent->position < log.tail() || sent->position >= log.head()) {
    ++figures_.not_kept;
    return;
  }
  const auto wire = pack::RtpWire::read(log.at(sent->position).bytes);
  const std::size_t index = static_cast<std::uint16_t>(sequence - sent->first_sequence);
  if (!wire || sent->first_payload + index >= wire->count()) {
    ++figures_.not_kept;
    return;
  }
  const Bytes payload = wire->payload(sent->first_payload + index);
  const auto size = static_cast<std::int64_t>(payload.size());
  if (resend_credit_ < size || !may_resend(sequence, now, round_trip)) {
    ++figures_.held_back;
    return;
  }
  resend_credit_ -= size;
  if (sent->retransmission && retransmission_ssrc_ != 0) {
    const Apart apart{*sent->retransmission, retransmission_sequence_++, transport_sequence_};
    if (number_at_ != 0) ++transport_sequence_;
    put(*sent, index, payload, wire->count(), &apart);
  } else {
    put(*sent, index, payload, wire->count(), nullptr);
  }
  ++figures_.resent;
  figures_.resent_bytes += payload.size();
}

rtp::SenderReport OutgoingTrack::report(std::uint64_t ntp, base::Ticks time) const {
  return {.ssrc = ssrc_,
          .ntp = ntp,
          .timestamp = timestamp_of(time),
          .packets = static_cast<std::uint32_t>(figures_.packets),
          .octets = static_cast<std::uint32_t>(figures_.bytes),
          .blocks = {}};
}

void OutgoingTrack::measure(base::Instant now) {
  const double seconds = std::chrono::duration<double>(now - std::exchange(measured_at_, now)).count();
  const std::uint64_t bytes = figures_.bytes - std::exchange(measured_bytes_, figures_.bytes);
  figures_.bitrate_bps = static_cast<std::uint64_t>(static_cast<double>(bytes) * 8 / std::max(seconds, 0.001));
}

void OutgoingTrack::note(const rtp::ReportBlock& block) {
  figures_.fraction_lost = block.fraction_lost / 256.0;
  figures_.lost = block.lost;
  if (clock_rate_ == 0) return;
  figures_.jitter = std::chrono::microseconds(std::int64_t{block.jitter} * 1'000'000 / clock_rate_);
}

}  // namespace weir::session::webrtc
