#include "session/webrtc/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "session/webrtc/player.h"
#include "session/webrtc/receiver_figures.h"

namespace weir::session::webrtc {

void tell(Report& report, const PlayerFigures& figures) {
  if (figures.round_trip.count() > 0) report.round_trip = figures.round_trip;
  report.key_frame_requests = figures.key_frame_requests;
  report.unrepaired = figures.unrepaired;
  for (const TrackFigures* track : {&figures.video, &figures.audio}) {
    if (track->ssrc == 0) continue;
    report.nacks += track->nacked;
    report.tracks.push_back({.video = track == &figures.video,
                             .codec = track->codec,
                             .ssrc = track->ssrc,
                             .packets = track->packets,
                             .bitrate_bps = track->bitrate_bps,
                             .lost = track->lost,
                             .fraction_lost = track->fraction_lost,
                             .jitter = track->jitter,
                             .nacked = track->nacked,
                             .resent = track->resent});
  }
}

void tell(Report& report, const ReceiverFigures& figures) {
  report.round_trip = figures.round_trip;
  report.nacks = figures.counts.nacks;
  report.key_frame_requests = figures.counts.key_requests;
  report.unrepaired = figures.counts.unrepaired;
  for (const ReceiverFigures::Source& source : figures.sources) {
    report.tracks.push_back({.video = media::kind_of(source.codec) == media::Kind::video,
                             .codec = source.codec,
                             .ssrc = source.ssrc,
                             .packets = source.packets,
                             .bitrate_bps = source.bitrate_bps,
                             .lost = source.lost,
                             .fraction_lost = source.fraction_lost,
                             .jitter = source.jitter,
                             .resent = source.recovered,
                             .belated = source.late,
                             .broken_frames = source.broken_frames,
                             .dropped_frames = source.dropped_frames});
  }
}

net::TransportFigures transport_figures(const Report& report, bool publishes) {
  net::TransportFigures out;
  if (report.round_trip) out.rtt = *report.round_trip;
  out.undecrypted = report.forged;
  std::uint64_t bps = 0, packets = 0, lost = 0;
  for (const Report::Track& track : report.tracks) {
    bps += track.bitrate_bps;
    packets += track.packets;
    lost += static_cast<std::uint64_t>(std::max<std::int64_t>(track.lost, 0));
    out.retransmitted += track.resent;
    out.belated += track.belated;
  }
  (publishes ? out.receive_mbps : out.send_mbps) = static_cast<double>(bps) / 1e6;
  (publishes ? out.received_packets : out.sent_packets) = packets;
  (publishes ? out.receive_lost : out.send_lost) = lost;
  return out;
}

std::string media_words(const Report& report) {
  std::string codecs;
  std::uint64_t packets = 0, resent = 0;
  std::int64_t lost = 0;
  std::chrono::microseconds jitter{};
  for (const Report::Track& track : report.tracks) {
    if (track.packets == 0) continue;
    codecs += (codecs.empty() ? "" : "+") + std::string(media::name_of(track.codec));
    packets += track.packets;
    lost += track.lost;
    resent += track.resent;
    jitter = std::max(jitter, track.jitter);
  }
  if (packets == 0) return {};
  std::string out = codecs;
  if (report.round_trip) out += fmt::format(", RTT {:.1f} ms", static_cast<double>(report.round_trip->count()) / 1000);
  out += fmt::format(", {} of {} packets lost, jitter {:.1f} ms", std::max<std::int64_t>(lost, 0), packets,
                     static_cast<double>(jitter.count()) / 1000);
  if (report.nacks > 0) out += fmt::format(", {} asked for again, {} sent again", report.nacks, resent);
  if (report.key_frame_requests > 0) out += fmt::format(", {} key frames asked for", report.key_frame_requests);
  return out;
}

}  // namespace weir::session::webrtc
