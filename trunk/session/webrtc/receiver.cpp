#include "session/webrtc/receiver.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "proto/rtp/packet.h"
#include "proto/rtp/rtcp.h"

namespace weir::session::webrtc {

using base::Bytes;
using base::Instant;
using base::SharedBytes;
using media::TrackId;

Receiver::Receiver(MediaSink& sink, PacketSink& packets, Options options)
    : sink_(sink), packets_(packets), options_(std::move(options)) {
  media::TrackProbe::Expected expected{.video = false, .audio = false};
  unsigned further = 0;
  for (const sdp::AgreedMedia& media : options_.media) {
    if (!media.accepted || media.codecs.empty()) continue;
    const bool video = media.kind == sdp::Kind::video;
    bool& seen = video ? expected.video : expected.audio;
    const auto id = !std::exchange(seen, true)
                        ? (video ? TrackId::video : TrackId::audio)
                        : static_cast<TrackId>(static_cast<unsigned>(TrackId::further) + further++);
    lines_.push_back(std::make_unique<Line>(Line{&media, id, nullptr, nullptr, KeyAsker(options_.key_period)}));
    for (const auto& [source, again] : media.remote_retransmissions) {
      if (retransmissions_.size() < most_sources) retransmissions_.push_back({again, lines_.back().get(), source, {}});
    }
  }
  sink_.expect(expected);
}

Receiver::~Receiver() = default;

void Receiver::connected(Instant now) {
  connected_ = true;
  origin_ = report_at_ = feedback_at_ = now;
}

void Receiver::rtp(SharedBytes bytes, Instant arrived) {
  const auto parsed = rtp::parse(bytes);
  if (!parsed) {
    ++counts_.malformed;
    return;
  }
  const rtp::Packet& packet = *parsed;
  ++counts_.packets;
  counts_.bytes += bytes.size();
  Line* const line = line_of(packet);
  note_arrival(packet, line, arrived);
  if (!line) {
    ++counts_.unbound;
    refuse_payload(packet.payload_type, nullptr);
    return;
  }
  if (options_.drop_payload != 0 && packet.payload_type == options_.drop_payload) return;
  const auto& codecs = line->media->codecs;
  const auto again = std::find_if(codecs.begin(), codecs.end(), [&](const sdp::AgreedCodec& codec) {
    return codec.retransmission == packet.payload_type;
  });
  if (again != codecs.end()) return take_retransmission(*line, *again, packet, std::move(bytes), arrived);
  const sdp::AgreedCodec* const codec = line->media->find(packet.payload_type);
  if (!codec) return refuse_payload(packet.payload_type, line);
  Source* const source = bind(packet, *line, *codec, arrived);
  if (!source) return;
  if (!source->incoming->input(packet, std::move(bytes), arrived, false)) {
    ++counts_.strays;
    return;
  }
  drain(*source, arrived);
  next_ = std::min(next_, due(*source->incoming, arrived));
  if (!connected_) return;
  const Instant told = told_;
  if (arrived >= next_) (void)tick(arrived);
  told_ = std::min(told, next_);
  if (next_ < told && options_.wake) options_.wake(next_);
}

// RFC 8843 9.2: by SSRC, by the mid of the packet, and where only one line has its payload type, by that.
Receiver::Line* Receiver::line_of(const rtp::Packet& packet) {
  if (const Source* const source = find(packet.ssrc)) return source->line;
  for (const auto& line : lines_) {
    const auto& told = line->media->remote_sources;
    const bool said = std::any_of(told.begin(), told.end(), [&](const auto& one) { return one.ssrc == packet.ssrc; });
    if (said) return line.get();
  }
  for (const Retransmission& one : retransmissions_) {
    if (one.ssrc == packet.ssrc) return one.line;
  }
  for (const auto& line : lines_) {
    const auto mid = rtp::find_extension(packet, line->media->extensions.mid);
    if (mid && base::as_text(*mid) == line->media->mid) return line.get();
  }
  Line* only = nullptr;
  for (const auto& line : lines_) {
    const auto& codecs = line->media->codecs;
    const bool has = std::any_of(codecs.begin(), codecs.end(), [&](const sdp::AgreedCodec& codec) {
      return codec.payload == packet.payload_type || codec.retransmission == packet.payload_type;
    });
    if (!has) continue;
    if (only) return only;  // two lines with equal numbers, and a packet that says nothing: the first
    only = line.get();
  }
  return only;
}

Receiver::Source* Receiver::find(std::uint32_t ssrc) {
  const auto found = std::find_if(sources_.begin(), sources_.end(),
                                  [ssrc](const Source& source) { return source.incoming->ssrc() == ssrc; });
  return found == sources_.end() ? nullptr : &*found;
}

// A stranger who changes his SSRC all the time gets no more memory than that: what was silent for long makes room.
bool Receiver::make_room(Instant now) {
  if (sources_.size() < most_sources) return true;
  const auto oldest = std::min_element(sources_.begin(), sources_.end(), [](const Source& a, const Source& b) {
    return a.incoming->heard_at() < b.incoming->heard_at();
  });
  if (now - oldest->incoming->heard_at() < forgotten_after) return false;
  if (oldest->line->active == oldest->incoming.get()) oldest->line->active = nullptr;
  sources_.erase(oldest);
  return true;
}

Receiver::Source* Receiver::bind(const rtp::Packet& packet, Line& line, const sdp::AgreedCodec& codec, Instant now) {
  Source* source = find(packet.ssrc);
  if (source && &source->incoming->codec() == &codec) return source;
  if (!source && !make_room(now)) {
    ++counts_.unbound;
    if (counts_.unbound == 1) sink_.complain(fmt::format("RTP of more than {} sources", most_sources));
    return nullptr;
  }
  auto incoming = std::make_unique<Incoming>(Incoming::Given{packet.ssrc, codec, origin_});
  if (source) {  // the same source goes on with another codec
    if (line.active == source->incoming.get()) line.active = nullptr;
    source->incoming = std::move(incoming);
  } else {
    source = &sources_.emplace_back(Source{std::move(incoming), &line});
  }
  if (!line.active) activate(line, *source->incoming);
  if (line.is_video()) line.asker.begin(now);
  return source;
}

// RFC 4588 4: the payload begins with the number that the packet had at first.
void Receiver::take_retransmission(Line& line, const sdp::AgreedCodec& codec, rtp::Packet packet, SharedBytes bytes,
                                   Instant arrived) {
  auto known = std::find_if(retransmissions_.begin(), retransmissions_.end(),
                            [&](const Retransmission& one) { return one.ssrc == packet.ssrc; });
  if (known == retransmissions_.end()) {
    if (retransmissions_.size() >= 2 * most_sources) {
      retransmissions_.erase(
          std::min_element(retransmissions_.begin(), retransmissions_.end(),
                           [](const Retransmission& a, const Retransmission& b) { return a.heard_at < b.heard_at; }));
    }
    known = retransmissions_.insert(retransmissions_.end(), {packet.ssrc, &line, 0, arrived});
  }
  known->heard_at = arrived;
  Source* source = known->media != 0 ? find(known->media) : nullptr;
  if (!source && line.active) source = find(line.active->ssrc());
  constexpr std::size_t number = 2;
  if (packet.payload.size() < number) return;  // a probe
  if (!source || &source->incoming->codec() != &codec) {
    ++counts_.unbound;
    return;
  }
  packet.ssrc = source->incoming->ssrc();
  packet.payload_type = codec.payload;
  packet.sequence = static_cast<std::uint16_t>(packet.payload[0] << 8 | packet.payload[1]);
  packet.payload = packet.payload.subspan(number);
  if (source->incoming->input(packet, std::move(bytes), arrived, true)) drain(*source, arrived);
}

void Receiver::drain(Source& source, Instant now) {
  Incoming& incoming = *source.incoming;
  while (auto unit = incoming.next(now, round_trip_)) emit(*source.line, incoming, std::move(*unit), now);
}

// Another source of the same line: a sender that changed its SSRC. While both send, the first one is the track.
bool Receiver::takes_over(const Line& line, const Incoming& incoming, Instant now) const {
  return line.active != &incoming &&
         (!line.active || line.active->said_bye() || now - line.active->heard_at() >= taken_over_after);
}

void Receiver::activate(Line& line, Incoming& incoming) {
  line.active = &incoming;
  if (line.maker && line.maker->codec() == incoming.codec().codec) {
    line.maker->begin_anew();
  } else {
    const std::uint32_t generation = line.maker ? line.maker->track().generation + 1 : 0;
    line.maker = std::make_unique<FrameMaker>(incoming.codec(), line.track, generation);
  }
  aim_clocks();
}

void Receiver::emit(Line& line, Incoming& incoming, Incoming::Unit unit, Instant now) {
  if (takes_over(line, incoming, now)) activate(line, incoming);
  if (line.active != &incoming) return;
  auto made = line.maker->make({unit.bytes, unit.key, unit.picture, unit.time});
  if (!made || failed_) return;
  if (made->frame.key && line.is_video()) line.asker.got_key(now);
  if (made->track_changed) tell_tracks();
  if (failed_) return;
  sink_.put(std::move(made->frame));
}

void Receiver::tell_tracks() {
  media::Tracks tracks;
  for (const auto& line : lines_) {
    if (line->maker && line->maker->track().parameters) tracks.push_back(line->maker->track());
  }
  std::sort(tracks.begin(), tracks.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  const auto taken = sink_.set_tracks(std::move(tracks));
  if (taken) return;
  failed_ = true;
  if (options_.failed) options_.failed(taken.error());
}

void Receiver::refuse_payload(std::uint8_t payload, const Line* line) {
  if (line) ++counts_.wrong_payload;
  if (refused_.test(payload)) return;
  refused_.set(payload);
  std::string negotiated;
  for (const auto& one : lines_) {
    if (line && one.get() != line) continue;
    for (const sdp::AgreedCodec& codec : one->media->codecs) {
      negotiated += fmt::format("{}{}", negotiated.empty() ? "" : ", ", codec.payload);
    }
  }
  sink_.complain(fmt::format("RTP with payload type {}, negotiated {}", payload, negotiated));
}

void Receiver::want_key_frame() {
  for (const auto& line : lines_) {
    if (line->is_video()) line->asker.want();
  }
  if (options_.wake) options_.wake({});
}

ReceiverFigures Receiver::figures() const {
  ReceiverFigures out;
  out.counts = counts_;
  out.counts.wild_reports = synchroniser_.ignored();
  if (round_trip_known_) out.round_trip = round_trip_;
  for (const auto& line : lines_) out.counts.key_requests += line->asker.asked();
  for (const Source& source : sources_) {
    const Incoming& incoming = *source.incoming;
    const rtp::Reception& reception = incoming.reception();
    out.sources.push_back({.ssrc = incoming.ssrc(),
                           .codec = incoming.codec().codec,
                           .active = source.line->active == &incoming,
                           .packets = reception.received(),
                           .bitrate_bps = incoming.bitrate(),
                           .lost = reception.lost(),
                           .fraction_lost = reception.fraction_lost(),
                           .recovered = incoming.recovered(),
                           .late = incoming.late(),
                           .duplicates = incoming.duplicates(),
                           .broken_frames = incoming.broken(),
                           .dropped_frames = incoming.dropped(),
                           .jitter = reception.jitter()});
  }
  return out;
}

}  // namespace weir::session::webrtc
