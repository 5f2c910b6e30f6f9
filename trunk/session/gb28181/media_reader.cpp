#include "session/gb28181/media_reader.h"

#include <algorithm>
#include <utility>

#include "format/ps/syntax.h"
#include "proto/rtp/sequence.h"

namespace weir::session::gb28181 {

using base::Bytes;
using base::Instant;
using media::Codec;
using media::TrackId;

namespace {

constexpr unsigned most_late = 64;  // in a row: the device counts anew
constexpr std::size_t ts_packet = 188;
constexpr std::uint8_t ts_sync = 0x47, ts_payload_type = 33;  // RFC 3551

bool looks_like_ts(Bytes payload) {
  return payload.size() >= ts_packet && payload[0] == ts_sync &&
         (payload.size() == ts_packet || (payload.size() > ts_packet && payload[ts_packet] == ts_sync));
}

bool has_pack(Bytes payload) { return ps::find_start_code(payload, ps::id_pack) < payload.size(); }

bool begins_with_pack(Bytes payload) {
  return payload.size() > 4 && ps::find_start_code(payload.first(4), ps::id_pack) == 0;
}

}  // namespace

void MediaReader::input(const rtp::Packet& packet, Bytes bytes, Way way, Instant now) {
  waiting_bytes_ += bytes.size();
  if (way == Way::tcp) {
    // Some devices do not count at all here; only a step on tells of packets that they left out.
    const int step = last_ ? rtp::distance(*last_, packet.sequence) : 1;
    const bool gap = step > 1 && step < 1'000;
    if (gap) counts_.lost += static_cast<std::uint64_t>(step - 1);
    last_ = packet.sequence;
    return take({.packet = packet, .bytes = {}, .after_gap = gap, .arrived = now});
  }
  const std::uint64_t late = reorder_.late();
  const auto shared = base::SharedBytes::copy_of(bytes);
  auto moved = packet;  // into the copy
  moved.payload =
      shared.bytes().subspan(static_cast<std::size_t>(packet.payload.data() - bytes.data()), packet.payload.size());
  reorder_.input(moved, shared, now);
  late_in_a_row_ = reorder_.late() == late ? 0 : late_in_a_row_ + 1;
  if (late_in_a_row_ == most_late) {
    forget_order();
    reorder_.input(moved, shared, now);
  }
  poll(now);
}

void MediaReader::poll(Instant now) {
  while (const auto next = reorder_.next(now, reorder_wait)) take(*next);
}

void MediaReader::forget_order() {
  counts_.lost += reorder_.lost();
  counts_.late += reorder_.late();
  counts_.duplicates += reorder_.duplicates();
  reorder_ = {};
  late_in_a_row_ = 0;
  last_.reset();
  if (ps_) ps_->lose();
}

void MediaReader::begin_anew() {
  forget_order();
  clock_ = {};
  before_ = counts();
  counts_ = {};
  ps_.reset();
  ts_.reset();
  raw_ = {};
  raw_tracks_ = {};
  newest_.reset();
  container_tracks_.clear();
}

void MediaReader::take(const rtp::Reorder::Ordered& ordered) {
  const rtp::Packet& packet = ordered.packet;
  if (packet.payload.empty()) return;
  const Codec codec = codec_of_payload(packet.payload_type);
  const bool container = codec == Codec::none || begins_with_pack(packet.payload) ||
                         // Devices number a program stream as they like: once it is one, their pictures are no codec's.
                         (ps_ && media::kind_of(codec) == media::Kind::video && !raw_[0]);
  container ? take_container(packet, ordered.after_gap) : take_raw(codec, ordered);
}

void MediaReader::take_container(const rtp::Packet& packet, bool after_gap) {
  if (!ps_ && !ts_) {
    if (has_pack(packet.payload)) {
      ps_ = std::make_unique<ps::Demuxer>();
    } else if (looks_like_ts(packet.payload) || packet.payload_type == ts_payload_type) {
      ts_ = std::make_unique<ts::Demuxer>();
    } else {
      return;
    }
  }
  if (ps_) {
    if (after_gap) ps_->lose();
    ps_->input(packet.payload, base::Ticks(clock_(packet.timestamp)));
    if (packet.marker) ps_->mark();
    while (auto unit = ps_->poll()) {
      if (unit->tracks) {
        container_tracks_ = *unit->tracks;
        merge_tracks();
      }
      add(std::move(unit->frame));
    }
  } else {
    ts_->input(packet.payload);
    while (const auto unit = ts_->poll()) {
      if (unit->tracks) {
        container_tracks_ = *unit->tracks;
        merge_tracks();
      }
      add(media::Frame(*unit->frame));
    }
  }
}

void MediaReader::take_raw(Codec codec, const rtp::Reorder::Ordered& packet) {
  const bool video = media::kind_of(codec) == media::Kind::video;
  const TrackId id = video ? TrackId::video : TrackId::audio;
  const bool taken = std::any_of(container_tracks_.begin(), container_tracks_.end(),
                                 [id](const media::Track& track) { return track.id == id; });
  if (taken) return;
  auto& reader = raw_[video ? 0 : 1];
  media::Track& told = raw_tracks_[video ? 0 : 1];
  if (!reader || reader->codec() != codec) {
    if (reader) before_.damaged += reader->damaged();
    reader = std::make_unique<RawReader>(codec, id, next_raw_generation_);
  }
  found_.clear();
  reader->input(packet, newest_, found_);
  const media::Track& track = reader->track();
  if (track.parameters != told.parameters) {
    told = track;
    next_raw_generation_ = track.generation + 1;
    merge_tracks();
  }
  for (media::Frame& frame : found_) {
    frame.generation = track.generation;
    add(std::move(frame));
  }
}

void MediaReader::merge_tracks() {
  media::Tracks all = container_tracks_;
  for (const media::Track& raw : raw_tracks_) {
    const bool taken =
        std::any_of(all.begin(), all.end(), [&](const media::Track& track) { return track.id == raw.id; });
    if (raw.parameters && !taken) all.push_back(raw);
  }
  changed_ = std::make_shared<const media::Tracks>(std::move(all));
}

void MediaReader::add(media::Frame frame) {
  newest_ = frame.dts;
  ++counts_.frames;
  if (frame.key && frame.track == TrackId::video) ++counts_.key_frames;
  ready_.push_back({.tracks = std::exchange(changed_, nullptr), .frame = std::move(frame)});
}

base::Result<void> MediaReader::drain(MediaSink& sink) {
  waiting_bytes_ = 0;
  while (!ready_.empty()) {
    Unit unit = std::move(ready_.front());
    ready_.pop_front();
    if (unit.tracks) TRY_VOID(sink.set_tracks(*unit.tracks));
    sink.put(std::move(unit.frame));
  }
  return {};
}

MediaReader::Counts MediaReader::counts() const {
  Counts all = counts_;
  all.lost += before_.lost + reorder_.lost();
  all.late += before_.late + reorder_.late();
  all.duplicates += before_.duplicates + reorder_.duplicates();
  all.frames += before_.frames;
  all.key_frames += before_.key_frames;
  all.damaged += before_.damaged;
  all.before_key += before_.before_key;
  if (ps_) {
    all.damaged += ps_->counts().damaged;
    all.before_key += ps_->counts().before_key + ps_->counts().unknown_codec;
  }
  if (ts_) {
    for (const ts::PidCounts& one : ts_->counts()) all.damaged += one.damaged_units;
  }
  for (const auto& raw : raw_) all.damaged += raw ? raw->damaged() : 0;
  return all;
}

std::string MediaReader::what() const {
  std::string text = ps_ ? "program stream" : ts_ ? "transport stream" : "";
  for (const auto& raw : raw_) {
    if (raw) text += (text.empty() ? "" : ", ") + std::string(media::name_of(raw->codec()));
  }
  return text.empty() ? "nothing that is known" : text;
}

std::optional<std::string> MediaReader::poll_left_out() { return ps_ ? ps_->poll_left_out() : std::nullopt; }

}  // namespace weir::session::gb28181
