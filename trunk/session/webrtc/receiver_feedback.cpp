#include <algorithm>
#include <utility>

#include "proto/rtp/rtcp.h"
#include "session/webrtc/receiver.h"

// What a publisher is told: feedback, reports, and what is asked of it.

namespace weir::session::webrtc {

using base::Bytes;
using base::Instant;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t most_rtcp_bytes = 1200;
constexpr std::uint64_t quick_bps = 2'000'000;  // from here on feedback is more frequent
constexpr std::uint64_t least_allowed = 300'000, most_allowed = 20'000'000;
constexpr base::Ticks in_time = milliseconds(5);  // sources this near need no correction
constexpr milliseconds longest_round_trip{5000};

}  // namespace

// Writes one compound packet; what does not fit into a datagram is not sent.
template <class F>
void Receiver::send(F write) {
  room_.clear();
  base::ByteWriter w(room_);
  write(w);
  if (room_.empty() || room_.size() > most_rtcp_bytes) return;
  const base::MutableBytes room = packets_.room(room_.size());
  if (room.size() < room_.size()) return;
  std::copy_n(room_.data(), room_.size(), room.data());
  packets_.put_rtcp(room_.size());
  put_ = true;
}

// Every packet that carries a number, whatever its source: browsers probe with sources that are not in use.
void Receiver::note_arrival(const rtp::Packet& packet, const Line* line, Instant arrived) {
  std::uint8_t id = line ? line->media->extensions.transport_cc : 0;
  for (std::size_t i = 0; !line && id == 0 && i < lines_.size(); ++i) id = lines_[i]->media->extensions.transport_cc;
  const auto number = rtp::find_extension(packet, id);
  if (!number || number->size() != 2) return;
  if (!std::exchange(any_arrival_, true)) {
    feedback_at_ = arrived + quick_feedback_every;
    next_ = std::min(next_, feedback_at_);
  }
  if (feedback_media_ == 0 || (line && line->is_video())) feedback_media_ = packet.ssrc;
  arrivals_.note(static_cast<std::uint16_t>((*number)[0] << 8 | (*number)[1]), arrived);
}

void Receiver::rtcp(Bytes packet, Instant arrived) {
  const auto items = rtp::parse_rtcp(packet);
  if (!items) {
    ++counts_.malformed;
    return;
  }
  for (const rtp::RtcpItem& item : *items) {
    if (const auto* report = std::get_if<rtp::SenderReport>(&item)) {
      take_sender_report(*report, arrived);
    } else if (const auto* delay = std::get_if<rtp::DelaySinceReference>(&item)) {
      take_delay(*delay, arrived);
    } else if (const auto* bye = std::get_if<rtp::Bye>(&item)) {
      for (const std::uint32_t ssrc : bye->sources) {
        if (Source* const source = find(ssrc)) source->incoming->say_bye();
      }
    }
  }
}

void Receiver::take_sender_report(const rtp::SenderReport& report, Instant arrived) {
  Source* const source = find(report.ssrc);
  if (!source || !source->incoming->clock()) return;
  Incoming& incoming = *source->incoming;
  incoming.reception().note_report(report.ntp, arrived);
  if (synchroniser_.note(incoming.report(), *incoming.clock(), report.ntp, report.timestamp,
                         incoming.since_origin(arrived))) {
    aim_clocks();
  }
}

// The first line with sound is the clock of all; without sound, the first one.
void Receiver::aim_clocks() {
  const auto sound = std::find_if(lines_.begin(), lines_.end(), [](const auto& line) { return !line->is_video(); });
  const auto reference = sound == lines_.end() ? lines_.begin() : sound;
  if (reference == lines_.end() || !(*reference)->active) return;
  Incoming& leads = *(*reference)->active;
  if (leads.clock()) leads.clock()->aim({});
  for (const auto& line : lines_) {
    if (line == *reference || !line->active || !line->active->clock()) continue;
    SourceClock& clock = *line->active->clock();
    const auto needed = Synchroniser::correction(line->active->report(), leads.report());
    if (needed && std::chrono::abs(*needed - clock.aimed()) > in_time) clock.aim(*needed);
  }
}

// RFC 3611 4.5: now, less when the reference left us, less how long it lay there.
void Receiver::take_delay(const rtp::DelaySinceReference& delay, Instant arrived) {
  if (delay.ssrc != options_.ssrc || delay.last_reference == 0) return;
  const auto units =
      static_cast<std::int32_t>(rtp::middle_of(rtp::ntp_of(arrived)) - delay.last_reference - delay.delay);
  const milliseconds measured(static_cast<std::int64_t>(units) * 1000 / 65'536);
  if (units < 0 || measured > longest_round_trip) return;
  round_trip_ = round_trip_known_ ? (round_trip_ * 7 + measured) / 8 : measured;
  round_trip_known_ = true;
}

Instant Receiver::tick(Instant now) {
  if (!connected_) return now + report_every;
  for (Source& source : sources_) {
    drain(source, now);
    const Incoming& incoming = *source.incoming;
    if (now - incoming.heard_at() < taken_over_after && takes_over(*source.line, incoming, now)) {
      activate(*source.line, *source.incoming);  // it needs a key frame, and is asked for one
    }
  }
  if (now >= nack_at_) send_nacks(now);
  if (any_arrival_ && now >= feedback_at_) send_feedback(now);
  if (now >= report_at_) send_reports(now);
  ask_for_keys(now);
  if (std::exchange(put_, false)) packets_.flush();

  next_ = report_at_;
  if (any_arrival_) next_ = std::min(next_, std::max(feedback_at_, now + quick_feedback_every));
  for (const Source& source : sources_) next_ = std::min(next_, due(*source.incoming, now));
  for (const auto& line : lines_) {
    if (line->is_video() && line->needs_key()) next_ = std::min(next_, now + quick_feedback_every);
  }
  next_ = told_ = std::max(next_, now + milliseconds(1));
  return next_;
}

// When there is something to do for a source although nothing comes.
Instant Receiver::due(const Incoming& incoming, Instant now) const {
  const Instant gap = incoming.deadline(round_trip_).value_or(Instant::max());
  return incoming.misses_any() ? std::min(gap, now + nack_every) : gap;
}

void Receiver::send_nacks(Instant now) {
  nack_at_ = now + nack_every / 2;
  for (Source& source : sources_) {
    rtp::NackList& nacks = source.incoming->nacks();
    if (nacks.missing() == 0) continue;
    const std::vector<std::uint16_t> lost = nacks.due(now, round_trip_);
    (void)nacks.take_lost();  // the gap that follows tells the assembler
    if (lost.empty()) continue;
    if (options_.breaker && !options_.breaker->sends_again()) {
      counts_.unrepaired += lost.size();
      continue;
    }
    counts_.nacks += lost.size();
    send([&](base::ByteWriter& w) { rtp::write_nack(w, options_.ssrc, source.incoming->ssrc(), lost); });
  }
}

void Receiver::send_feedback(Instant now) {
  std::uint64_t bitrate = 0;
  for (const Source& source : sources_) bitrate += source.incoming->bitrate();
  feedback_at_ = now + (bitrate > quick_bps ? quick_feedback_every : feedback_every);
  if (options_.breaker && !options_.breaker->gives_feedback()) return;
  while (!arrivals_.empty()) {
    send([&](base::ByteWriter& w) { (void)arrivals_.write(w, options_.ssrc, feedback_media_); });
  }
}

void Receiver::send_reports(Instant now) {
  report_at_ = now + report_every;
  std::vector<rtp::ReportBlock> blocks;
  std::uint64_t bitrate = 0;
  double worst = 0;
  bool remb = false;
  for (Source& source : sources_) {
    Incoming& incoming = *source.incoming;
    bitrate += incoming.take_bitrate(now);
    if (now - incoming.heard_at() > forgotten_after) continue;
    blocks.push_back(incoming.reception().report(incoming.ssrc(), now));
    worst = std::max(worst, incoming.reception().fraction_lost());
    remb = remb || incoming.codec().remb;
  }
  send([&](base::ByteWriter& w) {
    rtp::write_receiver_report(w, options_.ssrc, blocks);
    rtp::write_description(w, options_.ssrc, options_.cname);
    rtp::write_reference_time(w, options_.ssrc, rtp::ntp_of(now));
  });
  if (remb) send_bitrate(worst, bitrate);
}

// Where there is no transport-wide feedback the sender has to be told how much it may send: up slowly while little is
// lost, down with the loss (as the loss-based part of draft-ietf-rmcat-gcc-02, 6).
void Receiver::send_bitrate(double fraction_lost, std::uint64_t bitrate) {
  const auto scaled = [this](double factor) {
    return static_cast<std::uint64_t>(static_cast<double>(allowed_) * factor);
  };
  if (fraction_lost > 0.10) {
    allowed_ = std::min(allowed_, std::max(bitrate, least_allowed));
    allowed_ = scaled(1 - fraction_lost / 2);
  } else if (fraction_lost < 0.02) {
    allowed_ = scaled(1.08);
  }
  allowed_ = std::clamp(allowed_, least_allowed, most_allowed);
  std::vector<std::uint32_t> ssrcs;
  for (const Source& source : sources_) {
    if (source.incoming->codec().remb) ssrcs.push_back(source.incoming->ssrc());
  }
  send([&](base::ByteWriter& w) { rtp::write_maximum_bitrate(w, options_.ssrc, allowed_, ssrcs); });
}

void Receiver::ask_for_keys(Instant now) {
  for (const auto& line : lines_) {
    if (!line->is_video() || !line->active || !line->asker.due(line->needs_key(), now)) continue;
    send([&](base::ByteWriter& w) { rtp::write_picture_loss(w, options_.ssrc, line->active->ssrc()); });
  }
}

}  // namespace weir::session::webrtc
